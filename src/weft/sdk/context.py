"""What the platform lends to a firing: `Context` and its parts. The engine builds them; blocks only ask."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from weft.sdk.file import File

READ_LIMIT = 16_000_000
"""Bytes that `Files.read` returns at most, unless it is told another number."""


@dataclass(frozen=True, slots=True)
class UserContext:
    """For whom the graph runs."""

    id: UUID
    timezone: str = "UTC"
    locale: str = "en"
    preferences: Mapping[str, Any] = field(default_factory=dict)

    def get_local_time(self, at: datetime | None = None) -> datetime:
        """Return `at`, or the present, in the user's time zone; UTC when the zone is unknown.

        A pure block passes a time that it was given: without `at` this reads the clock.
        """
        try:
            zone = ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return (at or datetime.now(UTC)).astimezone(UTC)
        return (at or datetime.now(UTC)).astimezone(zone)


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a pattern matched; positions count characters.

    `groups` are by number, `named` by name; None where a group took no part.
    """

    text: str
    start: int
    end: int
    groups: tuple[str | None, ...] = ()
    named: Mapping[str, str | None] = field(default_factory=dict)


class Response(Protocol):
    """An HTTP answer, read to its end."""

    @property
    def status_code(self) -> int:
        """Return the status, e.g. 404."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; names compare without case."""

    @property
    def content(self) -> bytes:
        """Return the body as it came, decompressed."""

    @property
    def text(self) -> str:
        """Return the body decoded by its declared character set, else UTF-8; bad bytes are replaced."""

    def json(self) -> Any:
        """Return the body parsed as JSON.

        Raises:
            BlockError: The body is not JSON.
        """

    def raise_for_status(self) -> "Response":
        """Return the response itself if its status is below 400.

        Raises:
            RetryLater: The server says 429 or is failing (5xx).
            BlockError: It refused the request (other 4xx).
        """


class StreamedResponse(Protocol):
    """An HTTP answer whose body has yet to come."""

    @property
    def status_code(self) -> int:
        """Return the status, e.g. 404."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; names compare without case."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Return the body, decompressed, piece by piece; to be gone through once.

        Raises:
            BlockError: It is larger than a file may be.
            RetryLater: The connection broke, or the server took too long.
        """

    def raise_for_status(self) -> None:
        """Return if the status is below 400; raises as `Response.raise_for_status` does."""


class Http(Protocol):
    """The only HTTP client a block has: it refuses private networks and bounds size, time and redirects.

    Keyword arguments are those of httpx: `params`, `headers`, `json`, `data`, `content`, `files`, `timeout`; and `file`, a
    `File` of any size that is sent as the body.

    Raises:
        BlockError: The address is refused, or the answer is too large.
        RetryLater: No connection, or it broke.
    """

    def stream(self, method: str, url: str, **options: Any) -> AbstractAsyncContextManager[StreamedResponse]:
        """Send a request without a body, and lend the answer before its own has come: for answers that are files."""

    async def request(self, method: str, url: str, **options: Any) -> Response:
        """Send a request and return the whole answer."""

    async def get(self, url: str, **options: Any) -> Response:
        """Send a GET request and return the whole answer."""

    async def post(self, url: str, **options: Any) -> Response:
        """Send a POST request and return the whole answer."""

    async def put(self, url: str, **options: Any) -> Response:
        """Send a PUT request and return the whole answer."""

    async def patch(self, url: str, **options: Any) -> Response:
        """Send a PATCH request and return the whole answer."""

    async def delete(self, url: str, **options: Any) -> Response:
        """Send a DELETE request and return the whole answer."""


class Files(Protocol):
    """Files of the user for whom the graph runs: small ones inside their values, large ones stored.

    A stored file is named by its content, so reading and putting are the same each time: pure blocks may do both.

    Raises:
        BlockError: There is no such file among the user's (`FILE_NOT_FOUND`), or a limit refuses (`FILE_TOO_LARGE`,
            `FILES_FULL`, `EXECUTION_FILES_FULL`); what was put so far is dropped.
        RetryLater: The store cannot be reached.
    """

    def open(
        self, file: File, *, start: int = 0, end: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Lend the bytes of a file, piece by piece, at most 1 MB at once; it is read while you go through them.

        Args:
            file: Which one, of either kind.
            start: The first byte, from 0.
            end: The byte before which to stop; None is the end of the file, as is anything beyond it.
        """

    async def read(self, file: File, *, limit: int = READ_LIMIT) -> bytes:
        """Return the whole content of a file; one of more than `limit` bytes is refused before anything is read."""

    async def put(self, name: str, media_type: str, chunks: bytes | AsyncIterable[bytes]) -> File:
        """Return a file of these bytes: by reference if it has more than 64 kB, else with its content.

        The same bytes are stored once.

        Args:
            name: What a name must not hold becomes `_`.
            media_type: Kind of the file; empty to tell by its name.
            chunks: The bytes, or pieces of any size that are gone through as they are stored.
        """


class Log(Protocol):
    """Lines in the log of the node execution; never put a secret into them."""

    def debug(self, event: str, **fields: Any) -> None:
        """Write a line for the block's author."""

    def info(self, event: str, **fields: Any) -> None:
        """Write a line for whoever reads the run."""

    def warning(self, event: str, **fields: Any) -> None:
        """Write a line about something odd that did not stop the block."""

    def error(self, event: str, **fields: Any) -> None:
        """Write a line about something that went wrong."""


MeterUnit = Literal["byte", "second", "token", "request"]


class FiringIdentity(Protocol):
    """Which firing it is, of which node in which execution."""

    @property
    def idempotency_key(self) -> str:
        """Return the key that is equal for equal inputs of this firing; HTTP sends it by itself."""

    @property
    def execution_id(self) -> UUID:
        """Return the execution's id."""

    @property
    def graph_id(self) -> UUID:
        """Return the graph's id."""

    @property
    def node_id(self) -> str:
        """Return the node's id in the graph."""

    @property
    def node_label(self) -> str:
        """Return the node's label in the graph."""

    @property
    def index(self) -> int:
        """Return which firing of the node this is, from 0."""

    @property
    def attempt(self) -> int:
        """Return which attempt this is, from 1; what a pure block emits must not depend on it."""


class Context(FiringIdentity, Protocol):
    """What a firing may use besides its input; a block asks for it by `ctx: Context`."""

    @property
    def http(self) -> Http:
        """Return the guarded HTTP client. Refused in pure blocks (`ImpureUse`)."""

    @property
    def files(self) -> Files:
        """Return the files of the user; pure blocks may use them."""

    @property
    def log(self) -> Log:
        """Return the log of this firing."""

    @property
    def random(self) -> Random:
        """Return a generator seeded by the firing's identity: every run of it gets the same numbers."""

    @property
    def user(self) -> UserContext:
        """Return for whom the graph runs."""

    def now(self) -> datetime:
        """Return the present, aware, UTC. Refused in pure blocks (`ImpureUse`)."""

    def meter(self, unit: MeterUnit, amount: float) -> None:
        """Add use that the block's price counts. Never negative; several calls add up."""

    async def sleep(self, seconds: float) -> None:
        """Pause inside the firing. For seconds; longer pauses raise `Wait("time", until=...)`."""

    async def render(self, template: str, values: Mapping[str, Any], escape_html: bool = False) -> str:
        """Return the Jinja template filled with `values`, computed in the sandbox.

        Raises:
            BlockError: The template is wrong, or takes too long.
        """

    async def match(self, pattern: str, text: str, *, flags: str = "", limit: int | None = None) -> Sequence[Match]:
        """Return where `pattern` matches in `text`, from left to right; empty when nowhere.

        Args:
            pattern: A regular expression in Python's syntax.
            text: Where to look.
            flags: Any of `i` (ignore case), `m` (multiline), `s` (dot matches line ends).
            limit: At most so many matches.

        Raises:
            BlockError: The pattern is wrong, or takes too long.
        """

    async def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Return the value of a Python expression over `variables`, computed in the sandbox.

        Raises:
            BlockError: The expression is wrong, fails, or takes too long.
        """
