"""A firing's context inside a block host: what leaves the process is done by the worker, over the line."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import httpx

from weft.executions.isolation.line import Line
from weft.executions.isolation.wire import PIECE_BYTES
from weft.executions.lent_answers import Response, StreamedResponse
from weft.net.response import Response as NetResponse
from weft.net.response import StreamedResponse as NetStreamedResponse
from weft.sdk import Block, BlockError, Effect, File, ImpureUse, Match, UserContext
from weft.sdk.context import READ_LIMIT


class HostHttp:
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

    async def get(self, url: str, **options: Any) -> Response:
        """Send a GET request."""
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Response:
        """Send a POST request."""
        return await self.request("POST", url, **options)

    async def put(self, url: str, **options: Any) -> Response:
        """Send a PUT request."""
        return await self.request("PUT", url, **options)

    async def patch(self, url: str, **options: Any) -> Response:
        """Send a PATCH request."""
        return await self.request("PATCH", url, **options)

    async def delete(self, url: str, **options: Any) -> Response:
        """Send a DELETE request."""
        return await self.request("DELETE", url, **options)


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


class HostLog:
    """A log whose lines the worker writes."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def debug(self, event: str, **fields: Any) -> None:
        """Write a line for the block's author."""
        self._write("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Write a line for whoever reads the run."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Write a line about something odd."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Write a line about something that went wrong."""
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: Mapping[str, Any]) -> None:
        try:
            self._line.note("log", level=level, event=event, fields=fields)
        except TypeError:
            shown = {name: repr(value) for name, value in fields.items()}
            self._line.note("log", level=level, event=str(event), fields=shown)


class HostIdentity:
    """Which firing of which node this is, and its key, as the worker told it."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    @property
    def idempotency_key(self) -> str:
        """Return the key of this firing's effect; empty in pure blocks."""
        return str(self._facts["key"])

    @property
    def execution_id(self) -> UUID:
        """Return the execution's id."""
        return UUID(self._facts["execution_id"])

    @property
    def graph_id(self) -> UUID:
        """Return the graph's id."""
        return UUID(self._facts["graph_id"])

    @property
    def node_id(self) -> str:
        """Return the node's id in the graph."""
        return str(self._facts["node_id"])

    @property
    def node_label(self) -> str:
        """Return the node's label in the graph."""
        return str(self._facts["node_label"])

    @property
    def index(self) -> int:
        """Return which firing of the node this is, from 0."""
        return int(self._facts["index"])

    @property
    def attempt(self) -> int:
        """Return which attempt this is, from 1."""
        return int(self._facts["attempt"])


class HostContext(HostIdentity):
    """`Context` for one attempt of one firing, in a block host.

    Args:
        line: To the worker.
        block: Which one runs.
        facts: What the worker told of the firing.
    """

    def __init__(self, line: Line, block: Block, facts: Mapping[str, Any]) -> None:
        super().__init__(facts)
        self._line = line
        self._block = block
        self._random: Random | None = None
        self._http = HostHttp(line)
        self._files = HostFiles(line)
        self._log = HostLog(line)

    def _refuse_if_pure(self, what: str) -> None:
        if self._block.effect is Effect.PURE:
            raise ImpureUse(self._block.id, what)

    @property
    def http(self) -> HostHttp:
        """Return the guarded HTTP client."""
        self._refuse_if_pure("the network")
        return self._http

    @property
    def files(self) -> HostFiles:
        """Return the files of the user."""
        return self._files

    @property
    def log(self) -> HostLog:
        """Return the log of this firing."""
        return self._log

    @property
    def random(self) -> Random:
        """Return a generator seeded by execution, node and index: the same in every run of this firing."""
        if self._random is None:
            self._random = Random(f"{self.execution_id}:{self.node_id}:{self.index}")
        return self._random

    @property
    def user(self) -> UserContext:
        """Return for whom the graph runs."""
        user = self._facts["user"]
        return UserContext(UUID(user["id"]), user["timezone"], user["locale"], user["preferences"])

    def now(self) -> datetime:
        """Return the present, aware, UTC."""
        self._refuse_if_pure("the clock")
        return datetime.now(UTC)

    def meter(self, unit: str, amount: float) -> None:
        """Add use that the block's price counts."""
        if amount < 0:
            raise BlockError("use cannot be negative", "NEGATIVE_USE")
        self._line.note("meter", unit=unit, amount=amount)

    async def sleep(self, seconds: float) -> None:
        """Pause inside the firing."""
        await asyncio.sleep(seconds)

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
