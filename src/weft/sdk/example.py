"""Examples: documentation of a block that runs, offline, through the block's real code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from weft.sdk.credentials import Credential
from weft.sdk.errors import Wait
from weft.sdk.schema import Schema

NO_ANSWER: Final = object()
"""Stands for an example that only shows the wait, not how it goes on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the network answers to one request; given at transport level, so the block's HTTP code runs.

    Attributes:
        request: Method and address, e.g. "GET https://api.example.com/items?page=2". An address without a
            query matches any query.
        json: The body as JSON; `text` and `content` are the other ways to give one.
    """

    request: str
    status: int = 200
    json: Any = None
    text: str | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        method, _, url = self.request.partition(" ")
        if not method.isupper() or "://" not in url:
            raise ValueError(f"a reply names method and address, as in 'GET https://…'; found {self.request!r}")
        if sum(part is not None for part in (self.json, self.text, self.content)) > 1:
            raise ValueError(f"the reply to {self.request!r} has more than one body")


@dataclass(frozen=True, slots=True)
class Example:
    """One run of a block: what goes in, and all that comes out, in order.

    Attributes:
        input: An `Input`, or its fields by name.
        emits: All emissions in order, those of `on_answer` too.
        raises: How it ends if not well: an exception class, or an instance with equal message and code.
        http: The answers of the network, each used once, in order.
        credentials: By provider.
        waits: The wait that `run` ends with.
        answer: What `on_answer` then gets; left out, the example ends with the wait.
        files: Contents of the stored files that the input refers to.
    """

    input: Schema | Mapping[str, Any]
    emits: Sequence[tuple[str, Any]] = ()
    raises: type[Exception] | Exception | None = None
    http: Sequence[Reply] = ()
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    waits: Wait | None = None
    answer: Any = NO_ANSWER
    title: str = ""
    files: Sequence[bytes] = ()

    @property
    def data(self) -> dict[str, Any]:
        """Return the input by name, as JSON; only what the example itself gives."""
        if isinstance(self.input, Schema):
            return self.input.model_dump(mode="json", exclude_unset=True)
        return dict(self.input)
