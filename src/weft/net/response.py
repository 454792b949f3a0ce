"""The answer of a server: read completely, or about to be."""

import json as json_module
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from weft.net.errors import HttpStatusError


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. Nothing is open behind it."""

    status_code: int
    headers: httpx.Headers
    """Names in any case; several headers of one name are joined by commas."""
    content: bytes = field(repr=False)
    """The body, decompressed."""
    url: str
    """Where the answer came from, after redirects."""
    method: str

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status_code < 300

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; empty if the server named none."""
        kind: str = self.headers.get("content-type", "")
        return kind.partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text, by the charset that the server names, else UTF-8; misfits become U+FFFD."""
        kind = {"content-type": self.headers.get("content-type", "")}
        text: str = httpx.Response(200, headers=kind, content=self.content).text
        return text

    def json(self) -> Any:
        """Return the body parsed as JSON.

        Raises:
            ValueError: It is none, or is nested too deeply.
        """
        try:
            return json_module.loads(self.content)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    def raise_for_status(self) -> "Response":
        """Return this answer.

        Raises:
            HttpStatusError: The status is 400 or more.
        """
        _check_status(self.method, self.url, self.status_code)
        return self


@dataclass(frozen=True, slots=True)
class StreamedResponse:
    """An answer whose body has yet to come; its connection is open until the client's `stream` ends."""

    status_code: int
    headers: httpx.Headers
    url: str
    method: str
    chunks: Callable[[], AsyncIterator[bytes]] = field(repr=False)
    """Gives the body piece by piece, decompressed; to be gone through once."""

    def raise_for_status(self) -> None:
        """Do as `Response.raise_for_status`."""
        _check_status(self.method, self.url, self.status_code)


def _check_status(method: str, url: str, status: int) -> None:
    if status >= 400:
        host = httpx.URL(url).host
        raise HttpStatusError(f"{method} to {host} was answered with status {status}", status_code=status)
