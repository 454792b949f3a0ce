"""A context for examples: real HTTP client code over replies, a fixed clock, everything else plain."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, cast
from uuid import UUID

import httpx

from weft.files.memory import MemoryFileStore
from weft.files.pieces import ranged
from weft.files.service import UserFiles
from weft.sdk import Block, BlockError, Context, Effect, Example, ImpureUse, Match, UserContext
from weft.sdk.context import Http
from weft.sdk.replies import ReplyTransport

NOBODY = UUID(int=0)


class PlainLog:
    def debug(self, event: str, **fields: Any) -> None:
        logging.getLogger(__name__).debug("%s %s", event, fields)

    info = warning = error = debug


@dataclass
class PlainContext:
    client: httpx.AsyncClient
    pure: bool
    block_id: str
    files: UserFiles
    log: PlainLog = field(default_factory=PlainLog)
    random: Random = field(default_factory=lambda: Random(7))
    user: UserContext = field(default_factory=lambda: UserContext(NOBODY))
    idempotency_key: str = "key"
    execution_id: UUID = NOBODY
    graph_id: UUID = NOBODY
    node_id: str = "node"
    node_label: str = "Node"
    index: int = 0
    attempt: int = 1
    metered: dict[str, float] = field(default_factory=dict)

    @property
    def http(self) -> Http:
        if self.pure:
            raise ImpureUse(self.block_id, "ctx.http")
        return cast("Http", self.client)

    def now(self) -> datetime:
        if self.pure:
            raise ImpureUse(self.block_id, "ctx.now()")
        return datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

    def meter(self, unit: str, amount: float) -> None:
        self.metered[unit] = self.metered.get(unit, 0) + amount

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0

    async def render(self, template: str, values: Mapping[str, Any], escape_html: bool = False) -> str:
        raise BlockError("no templates here")

    async def match(self, pattern: str, text: str, *, flags: str = "", limit: int | None = None) -> Sequence[Match]:
        raise BlockError("no patterns here")

    async def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        raise BlockError("no expressions here")


@asynccontextmanager
async def lend(block: Block, example: Example) -> AsyncIterator[Context]:
    transport = ReplyTransport(example.http)
    store = MemoryFileStore()
    for content in example.files:
        await store.put(NOBODY, ranged(content))
    async with httpx.AsyncClient(transport=transport) as client:
        files = UserFiles(store, NOBODY)
        yield PlainContext(client, block.spec.effect is Effect.PURE, block.id, files)
    transport.check_spent()
