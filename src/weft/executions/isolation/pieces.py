"""What a hosted block goes through piece by piece; in the worker one task opens and closes each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from weft.executions.isolation.wire import PIECE_BYTES


class Giving:
    """Something open whose bytes go to the block.

    Args:
        opening: Opens it.
        read: Returns its pieces.

    Attributes:
        opened: What was opened, or why it could not be.
    """

    def __init__(self, opening: AbstractAsyncContextManager[Any], read: Callable[[Any], AsyncIterator[bytes]]) -> None:
        self.opened: asyncio.Future[Any] = _quiet_future()
        self._opening = opening
        self._read = read
        self._wanted: asyncio.Queue[asyncio.Future[bytes | None]] = asyncio.Queue()

    async def pull(self) -> bytes | None:
        """Return the next piece; None at the end."""
        wanted: asyncio.Future[bytes | None] = _quiet_future()
        self._wanted.put_nowait(wanted)
        return await wanted

    async def run(self) -> None:
        """Keep it open, and give pieces as they are pulled, until this is cancelled."""
        try:
            async with self._opening as it:
                self.opened.set_result(it)
                async for chunk in self._read(it):
                    for at in range(0, len(chunk), PIECE_BYTES):
                        (await self._next()).set_result(chunk[at : at + PIECE_BYTES])
                while True:
                    (await self._next()).set_result(None)
        except Exception as error:  # noqa: BLE001  (for the block to see)
            if not self.opened.done():
                self.opened.set_exception(error)
            while True:
                (await self._next()).set_exception(error)

    async def _next(self) -> "asyncio.Future[bytes | None]":
        wanted = await self._wanted.get()
        return wanted if not wanted.done() else await self._next()


class Taking:
    """Something that is made of bytes which come from the block.

    Args:
        make: Makes it of the pieces.
    """

    def __init__(self, make: Callable[[AsyncIterator[bytes]], Awaitable[Any]]) -> None:
        self._make = make
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._made: asyncio.Future[Any] = _quiet_future()

    async def push(self, piece: bytes) -> None:
        """Hand over a piece; returns when there is room for the next one."""
        if self._made.done():
            self._made.result()
        await self._pieces.put(piece)

    async def finish(self) -> Any:
        """Say that all pieces are there, and return what was made of them."""
        await self._pieces.put(None)
        return await self._made

    async def run(self) -> None:
        """Make it."""
        try:
            self._made.set_result(await self._make(self._taken()))
        except Exception as error:  # noqa: BLE001  (for the block to see)
            self._made.set_exception(error)
            while True:  # whoever pushes must not wait for room
                await self._pieces.get()

    async def _taken(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece


def _quiet_future() -> "asyncio.Future[Any]":
    """Return a future whose failure nobody need look at."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
