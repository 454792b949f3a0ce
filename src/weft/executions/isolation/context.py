"""A firing's context inside a block host: what leaves the process is done by the worker, over the line."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from weft.executions.isolation.line import Line
from weft.executions.isolation.wire import PIECE_BYTES
from weft.executions.lent_answers import Response, StreamedResponse
from weft.executions.lent_base import BaseContext, HttpVerbs, Identity, LogLevels
from weft.executions.types import LogLevel
from weft.net.response import Response as NetResponse
from weft.net.response import StreamedResponse as NetStreamedResponse
from weft.sdk import Block, File, Match
from weft.sdk.context import READ_LIMIT


class HostHttp(HttpVerbs):
    """The guarded client, which sends from the worker."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def request(self, method: str, url: str, **options: Any) -> Response:
        """Send a request and return the whole answer."""
        found = await self._line.call("http.request", method=method, url=url, options=options)
        headers = httpx.Headers(found["headers"])
        return Response(NetResponse(found["status"], headers, found["content"], found["url"], found["method"]))

    @asynccontextmanager
    async def stream(self, method: str, url: str, **options: Any) -> AsyncIterator[StreamedResponse]:
        """Send a request and lend the answer before its body has come."""
        found = await self._line.call("http.stream", method=method, url=url, options=options)
        headers = httpx.Headers(found["headers"])

        def chunks() -> AsyncIterator[bytes]:
            return _pieces(self._line, found["lent"])

        try:
            yield StreamedResponse(NetStreamedResponse(found["status"], headers, found["url"], found["method"], chunks))
        finally:
            self._line.note("close", lent=found["lent"])


class HostFiles:
    """The user's files, which the worker reads and stores."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @asynccontextmanager
    async def open(self, file: File, *, start: int = 0, end: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lend the bytes of a file, piece by piece."""
        lent = await self._line.call("files.open", file=file, start=start, end=end)
        try:
            yield _pieces(self._line, lent)
        finally:
            self._line.note("close", lent=lent)

    async def read(self, file: File, *, limit: int = READ_LIMIT) -> bytes:
        """Return the whole content of a file of at most `limit` bytes."""
        content: bytes = await self._line.call("files.read", file=file, limit=limit)
        return content

    async def put(self, name: str, media_type: str, chunks: bytes | AsyncIterable[bytes]) -> File:
        """Return a file of these bytes, stored if it is large."""
        lent = await self._line.call("files.put", name=name, media_type=media_type)
        try:
            if isinstance(chunks, bytes):
                for piece in _cut(chunks):
                    await self._line.call("push", lent=lent, piece=piece)
            else:
                async for chunk in chunks:
                    for piece in _cut(chunk):
                        await self._line.call("push", lent=lent, piece=piece)
            stored: File = await self._line.call("finish", lent=lent)
        finally:
            self._line.note("close", lent=lent)
        return stored


def _cut(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), PIECE_BYTES):
        yield data[at : at + PIECE_BYTES]


async def _pieces(line: Line, lent: int) -> AsyncIterator[bytes]:
    while (piece := await line.call("pull", lent=lent)) is not None:
        yield piece


class HostLog(LogLevels):
    """A log whose lines the worker writes."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def _write(self, level: LogLevel, event: str, fields: Mapping[str, Any]) -> None:
        try:
            self._line.note("log", level=level, event=event, fields=fields)
        except TypeError:
            shown = {name: repr(value) for name, value in fields.items()}
            self._line.note("log", level=level, event=str(event), fields=shown)


class HostContext(BaseContext):
    """`Context` for one attempt of one firing, in a block host.

    Args:
        line: To the worker.
        block: Which one runs.
        identity: Of the firing.
    """

    def __init__(self, line: Line, block: Block, identity: Identity) -> None:
        super().__init__(block, identity)
        self.files = HostFiles(line)
        self.log = HostLog(line)
        self._line = line
        self._http = HostHttp(line)

    @property
    def http(self) -> HostHttp:
        """Return the guarded HTTP client."""
        self._refuse_if_pure("the network")
        return self._http

    async def render(self, template: str, values: Mapping[str, Any], escape_html: bool = False) -> str:
        """Return the template filled with `values`."""
        filled: str = await self._line.call("render", template=template, values=values, escape_html=escape_html)
        return filled

    async def match(self, pattern: str, text: str, *, flags: str = "", limit: int | None = None) -> Sequence[Match]:
        """Return where `pattern` matches in `text`."""
        found = await self._line.call("match", pattern=pattern, text=text, flags=flags, limit=limit)
        return [Match(*one) for one in found]

    async def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Return the value of an expression over `variables`."""
        return await self._line.call("evaluate", expression=expression, variables=variables)

    def _count_use(self, unit: str, amount: float) -> None:
        self._line.note("meter", unit=unit, amount=amount)
