"""What every context lends alike, whether the firing runs in the worker, in a block host or as an example."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from weft.executions.lent_answers import Response, StreamedResponse
from weft.executions.types import LogLevel
from weft.sdk import Block, BlockError, Effect, ImpureUse, UserContext


@dataclass(frozen=True, slots=True)
class Identity:
    """Which firing of which node this is, and for whom its graph runs.

    Attributes:
        idempotency_key: The key of this firing's effect; empty in pure blocks.
        index: Which firing of the node this is, from 0.
        attempt: Which attempt this is, from 1.
    """

    idempotency_key: str
    execution_id: UUID
    graph_id: UUID
    node_id: str
    node_label: str
    index: int
    attempt: int
    user: UserContext


class BaseContext(ABC):
    """The part of `Context` that needs nothing from outside the process; see there for each attribute.

    Args:
        block: Which one runs; a pure one is refused the network and the clock.
        identity: Of its firing.
    """

    def __init__(self, block: Block, identity: Identity) -> None:
        self._block = block
        self.idempotency_key = identity.idempotency_key
        self.execution_id = identity.execution_id
        self.graph_id = identity.graph_id
        self.node_id = identity.node_id
        self.node_label = identity.node_label
        self.index = identity.index
        self.attempt = identity.attempt
        self.user = identity.user

    @cached_property
    def random(self) -> Random:
        """Return a generator seeded by execution, node and index: the same in every run of this firing."""
        return Random(f"{self.execution_id}:{self.node_id}:{self.index}")

    def now(self) -> datetime:
        """Return the present, aware, UTC."""
        self._refuse_if_pure("the clock")
        return datetime.now(UTC)

    def meter(self, unit: str, amount: float) -> None:
        """Add use that the block's price counts."""
        if amount < 0:
            raise BlockError("use cannot be negative", "NEGATIVE_USE")
        self._count_use(unit, amount)

    async def sleep(self, seconds: float) -> None:
        """Pause inside the firing."""
        await asyncio.sleep(seconds)

    @abstractmethod
    def _count_use(self, unit: str, amount: float) -> None: ...

    def _refuse_if_pure(self, what: str) -> None:
        if self._block.effect is Effect.PURE:
            raise ImpureUse(self._block.id, what)


class HttpVerbs(ABC):
    """A client with a method for each of HTTP's; one sends them all."""

    @abstractmethod
    async def request(self, method: str, url: str, **options: Any) -> Response:
        """Send a request and return the whole answer."""

    @abstractmethod
    def stream(self, method: str, url: str, **options: Any) -> AbstractAsyncContextManager[StreamedResponse]:
        """Send a request and lend the answer before its body has come."""

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


class LogLevels(ABC):
    """A log with a method for each level; one writes them all."""

    def debug(self, event: str, **fields: Any) -> None:
        """Write a line for the block's author."""
        self._write(LogLevel.DEBUG, event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Write a line for whoever reads the run."""
        self._write(LogLevel.INFO, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Write a line about something odd."""
        self._write(LogLevel.WARNING, event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Write a line about something that went wrong."""
        self._write(LogLevel.ERROR, event, fields)

    @abstractmethod
    def _write(self, level: LogLevel, event: str, fields: Mapping[str, Any]) -> None: ...
