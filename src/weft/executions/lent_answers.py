"""Answers of servers as blocks see them: refusals become outcomes of the block."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from weft.errors import InvalidInput, LimitExceeded
from weft.net.errors import HttpStatusError, NetworkError
from weft.net.response import Response as NetResponse
from weft.net.response import StreamedResponse as NetStreamedResponse
from weft.sdk import BlockError, NotStarted, RetryLater

A = TypeVar("A", NetResponse, NetStreamedResponse)


@dataclass(frozen=True, slots=True)
class _Answer(Generic[A]):
    answer: A

    @property
    def status_code(self) -> int:
        """Return the status, e.g. 404."""
        return self.answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; names compare without case."""
        return self.answer.headers


@dataclass(frozen=True, slots=True)
class Response(_Answer[NetResponse]):
    """An answer as blocks see it: refusals of the server become outcomes of the block."""

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
        with told():
            self.answer.raise_for_status()
        return self


@dataclass(frozen=True, slots=True)
class StreamedResponse(_Answer[NetStreamedResponse]):
    """An answer as blocks see it, whose body has yet to come."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes, decompressed."""
        with told():
            async for chunk in self.answer.chunks():
                yield chunk

    def raise_for_status(self) -> None:
        """Return; a status of 400 or more fails the block, or has it tried again."""
        with told():
            self.answer.raise_for_status()


@contextmanager
def told() -> Iterator[None]:
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
