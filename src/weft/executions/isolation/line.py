"""A block host's end of the line to its worker."""

import asyncio
from typing import Any

from weft.executions.isolation.failures import failure_from_json
from weft.executions.isolation.wire import framed, pack, unpack


class Line:
    """Sends what a block emits and asks for, and hands the replies to those who wait for them."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._taken: asyncio.Future[None] | None = None

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; nothing is waited for."""
        self._writer.write(framed(message))

    async def emit(self, name: str, data: Any) -> None:
        """Send an emission, and return when the worker has it on record and wants to go on."""
        self._taken = asyncio.get_running_loop().create_future()
        self.send({"t": "emit", "pin": name, "value": data})
        await self._taken

    def go_on(self) -> None:
        """Let the block go on after an emission."""
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(None)

    async def call(self, what: str, **arguments: Any) -> Any:
        """Have the worker do something, and return what it gives.

        Raises:
            Exception: What the worker's context raised.
            TypeError: An argument cannot leave this process.
        """
        self._number += 1
        number = self._number
        message = {"t": "call", "call": number, "what": what, "arguments": pack(arguments)}
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        try:
            self.send(message)
            return await reply
        finally:
            del self._replies[number]

    def note(self, what: str, **arguments: Any) -> None:
        """Tell the worker something that needs no reply."""
        self.send({"t": "note", "what": what, "arguments": pack(arguments)})

    def replied(self, message: dict[str, Any]) -> None:
        """Hand a reply to who waits for it."""
        reply = self._replies.get(message["call"])
        if reply is None or reply.done():
            return
        if "failure" in message:
            reply.set_exception(failure_from_json(message["failure"]))
        else:
            reply.set_result(unpack(message["value"]))
