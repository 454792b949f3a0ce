"""The worker's side of a hosted firing's context: does what the block asks for, with the context of that firing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from weft.executions.errors import Fenced
from weft.executions.isolation.failures import failure_to_json
from weft.executions.isolation.pieces import Giving, Taking
from weft.executions.isolation.wire import pack, unpack
from weft.sdk import Context, File

T = TypeVar("T", Giving, Taking)
Send = Callable[[dict[str, Any]], None]
_LEVELS = frozenset({"debug", "info", "warning", "error"})


class Desk:
    """Serves one firing in a block host; `close` ends all that it still has under way.

    Args:
        context: The firing's; None for a block that asked for none.
        send: Sends a message to the host.

    Attributes:
        fenced: Set when a request found that the execution belongs to somebody else.
    """

    def __init__(self, context: Context | None, send: Send) -> None:
        self.fenced: Fenced | None = None
        self._context = context
        self._send = send
        self._tasks: set[asyncio.Task[None]] = set()
        self._lent: dict[int, tuple[Giving | Taking, asyncio.Task[None]]] = {}
        self._numbers = 0
        self._calls: Mapping[str, Callable[..., Awaitable[Any]]] = {
            "http.request": self._request,
            "http.stream": self._stream,
            "files.open": self._open,
            "files.read": self._read,
            "files.put": self._put,
            "pull": self._pull,
            "push": self._push,
            "finish": self._finish,
            "render": self._render,
            "match": self._match,
            "evaluate": self._evaluate,
        }

    def call(self, message: dict[str, Any]) -> None:
        """Begin to do what a message asks for; the reply is sent when it is done."""
        self._spawn(self._reply(message["call"], message["what"], unpack(message["arguments"])))

    def note(self, message: dict[str, Any]) -> None:
        """Take a log line, a use of something, or that something lent is given back."""
        arguments = unpack(message["arguments"])
        match message["what"]:
            case "log" if arguments["level"] in _LEVELS:
                getattr(self._lender.log, arguments["level"])(arguments["event"], **arguments["fields"])
            case "meter":
                self._lender.meter(arguments["unit"], arguments["amount"])
            case "close":
                if (found := self._lent.pop(arguments["lent"], None)) is not None:
                    found[1].cancel()

    async def close(self) -> None:
        """End everything that is under way; nothing more is sent."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def _lender(self) -> Context:
        assert self._context is not None, "a block that asks for no context has nothing to ask for"
        return self._context

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _reply(self, number: int, what: str, arguments: dict[str, Any]) -> None:
        try:
            value = pack(await self._calls[what](**arguments))
        except Fenced as error:
            self.fenced = error
            self._send({"t": "reply", "call": number, "failure": failure_to_json(error)})
        except Exception as error:  # noqa: BLE001  (whatever the context raises is for the block to see)
            self._send({"t": "reply", "call": number, "failure": failure_to_json(error)})
        else:
            self._send({"t": "reply", "call": number, "value": value})

    async def _request(self, *, method: str, url: str, options: dict[str, Any]) -> dict[str, Any]:
        answer = await self._lender.http.request(method, url, **options)
        return {**_head(answer), "content": answer.content}

    async def _stream(self, *, method: str, url: str, options: dict[str, Any]) -> dict[str, Any]:
        lent = Giving(self._lender.http.stream(method, url, **options), lambda answer: answer.chunks())
        number = self._lend(lent)
        return {**_head(await lent.opened), "lent": number}

    async def _open(self, *, file: File, start: int, end: int | None) -> int:
        lent = Giving(self._lender.files.open(file, start=start, end=end), lambda chunks: chunks)
        number = self._lend(lent)
        await lent.opened
        return number

    async def _read(self, *, file: File, limit: int) -> bytes:
        return await self._lender.files.read(file, limit=limit)

    async def _put(self, *, name: str, media_type: str) -> int:
        return self._lend(Taking(lambda pieces: self._lender.files.put(name, media_type, pieces)))

    async def _pull(self, *, lent: int) -> bytes | None:
        return await self._found(lent, Giving).pull()

    async def _push(self, *, lent: int, piece: bytes) -> None:
        await self._found(lent, Taking).push(piece)

    async def _finish(self, *, lent: int) -> Any:
        return await self._found(lent, Taking).finish()

    async def _render(self, *, template: str, values: dict[str, Any], escape_html: bool) -> str:
        return await self._lender.render(template, values, escape_html)

    async def _match(self, *, pattern: str, text: str, flags: str, limit: int | None) -> list[Any]:
        found = await self._lender.match(pattern, text, flags=flags, limit=limit)
        return [(one.text, one.start, one.end, one.groups, one.named) for one in found]

    async def _evaluate(self, *, expression: str, variables: dict[str, Any]) -> Any:
        return await self._lender.evaluate(expression, variables)

    def _lend(self, lent: Giving | Taking) -> int:
        self._numbers += 1
        self._lent[self._numbers] = lent, self._spawn(lent.run())
        return self._numbers

    def _found(self, number: int, kind: type[T]) -> T:
        lent, _ = self._lent[number]
        assert isinstance(lent, kind), "what is read is not written"
        return lent


def _head(answer: Any) -> dict[str, Any]:
    """Return what is known of an answer, complete or streamed, before its body."""
    known = answer.answer
    headers = [list(pair) for pair in known.headers.multi_items()]
    return {"status": known.status_code, "headers": headers, "url": known.url, "method": known.method}
