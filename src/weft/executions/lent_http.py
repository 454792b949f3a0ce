"""HTTP as a firing is lent it: the guarded client, whose errors become outcomes of the block."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from weft.errors import InvalidInput, LimitExceeded
from weft.executions.errors import Fenced
from weft.executions.firing import Lending
from weft.executions.lent_files import Files
from weft.net.client import GuardedClient
from weft.net.errors import HttpStatusError, NetworkError
from weft.net.redirects import Upload
from weft.net.response import Response as NetResponse
from weft.net.response import StreamedResponse as NetStreamedResponse
from weft.sdk import BlockError, Effect, File, NotStarted, RetryLater

_EFFECTS = (Effect.AT_LEAST_ONCE, Effect.AT_MOST_ONCE)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as blocks see it: refusals of the server become outcomes of the block."""

    answer: NetResponse

    @property
    def status_code(self) -> int:
        """Return the status, e.g. 404."""
        return self.answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; names compare without case."""
        return self.answer.headers

    @property
    def content(self) -> bytes:
        """Return the body, decompressed."""
        return self.answer.content

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.answer.text

    def json(self) -> Any:
        """Return the body parsed as JSON; a body that is none fails the block."""
        try:
            return self.answer.json()
        except ValueError as error:
            raise BlockError(f"the answer is not JSON: {error}", "NOT_JSON") from error

    def raise_for_status(self) -> "Response":
        """Return the answer; a status of 400 or more fails the block, or has it tried again."""
        with _told():
            self.answer.raise_for_status()
        return self


@dataclass(frozen=True, slots=True)
class StreamedResponse:
    """An answer as blocks see it, whose body has yet to come."""

    answer: NetStreamedResponse

    @property
    def status_code(self) -> int:
        """Return the status, e.g. 404."""
        return self.answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; names compare without case."""
        return self.answer.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes, decompressed."""
        with _told():
            async for chunk in self.answer.chunks():
                yield chunk

    def raise_for_status(self) -> None:
        """Return; a status of 400 or more fails the block, or has it tried again."""
        with _told():
            self.answer.raise_for_status()


class Http:
    """The guarded client for one firing: effects send their idempotency key, numbered by request."""

    def __init__(self, client: GuardedClient, lending: Lending, files: Files) -> None:
        self._client = client
        self._lending = lending
        self._files = files
        self._requests = 0

    async def request(self, method: str, url: str, **options: Any) -> Response:
        """Send a request and return the whole answer."""
        self._complete(options)
        with _told():
            return Response(await self._client.request(method, url, **options))

    @asynccontextmanager
    async def stream(self, method: str, url: str, **options: Any) -> AsyncIterator[StreamedResponse]:
        """Send a request and lend the answer before its body has come."""
        self._complete(options)
        with _told():
            async with self._client.stream(method, url, **options) as answer:
                yield StreamedResponse(answer)

    def _complete(self, options: dict[str, Any]) -> None:
        """Put the options into the client's words, with the key of an effect; the lease is looked at once more."""
        effect = self._lending.program.effect
        headers = dict(options.get("headers") or {})
        names = {name.lower() for name in headers}
        if effect in _EFFECTS and "idempotency-key" not in names:
            headers["Idempotency-Key"] = f"{self._lending.key}/{self._requests}"
        file = options.pop("file", None)
        if isinstance(file, File):
            options["content"] = Upload(file.size, lambda: self._content(file))
            if "content-type" not in names:
                headers["Content-Type"] = file.media_type
        options["headers"] = headers
        self._requests += 1
        if "timeout" in options:
            options["timeout_s"] = options.pop("timeout")
        if effect is Effect.AT_MOST_ONCE and not self._lending.sure():
            raise Fenced(self._lending.state.claim.execution_id)

    async def _content(self, file: File) -> AsyncIterator[bytes]:
        async with self._files.open(file) as chunks:
            async for chunk in chunks:
                yield chunk

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


@contextmanager
def _told() -> Iterator[None]:
    """Let what the client or the server refuses be the block's error, and what may pass be tried again."""
    try:
        yield
    except HttpStatusError as error:
        if error.transient:
            raise RetryLater(error.message) from error
        raise BlockError(error.message, error.error_code, status_code=error.status_code) from error
    except NetworkError as error:
        if not error.sent:
            raise NotStarted(error.message) from error
        if error.transient:
            raise RetryLater(error.message) from error
        raise BlockError(error.message, error.error_code) from error
    except (InvalidInput, LimitExceeded) as error:
        raise BlockError(error.message, error.error_code) from error
