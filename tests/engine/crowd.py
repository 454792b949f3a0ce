"""Many executions of many users, and workers that claim and end them without running anything."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from tests.engine.scene import Scene
from tests.migrations.rows import Version, insert_graph, insert_user
from tests.support.postgres import open_database
from weft.assembly import EngineParts
from weft.db.base import new_id
from weft.executions.concurrency import remove_limit, set_limit
from weft.executions.ports import Batch, Claim

_START = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, priority, key)
        SELECT id, $2, $3, $4, 1, $5, $6 FROM unnest($1::uuid[]) AS r(id) RETURNING id, user_id),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, given, context)
        SELECT id, $2, '{}', '{}', '{}' FROM unnest($1::uuid[]) AS r(id))
SELECT enqueue_execution(id, user_id, false) FROM (SELECT id, user_id FROM e ORDER BY id) q
"""
_LINE = "SELECT execution_id FROM queue ORDER BY rank, execution_id"


@dataclass
class Crowd:
    """Users with a graph each, in a scene's database."""

    scene: Scene
    versions: dict[UUID, Version] = field(default_factory=dict)

    async def user(self) -> UUID:
        """Make a user with a graph."""
        async with (
            await open_database(self.scene.url, role="weft_owner") as owner,
            owner.transaction() as tx,
        ):
            user_id = await insert_user(tx, f"{random.randbytes(6).hex()}@example.com")
            self.versions[user_id] = await insert_graph(tx, user_id)
        return user_id

    async def graph(self, user_id: UUID) -> Version:
        """Make one more graph of a user."""
        async with await open_database(self.scene.url, role="weft_owner") as owner, owner.transaction() as tx:
            return await insert_graph(tx, user_id)

    async def start(
        self, user_id: UUID, count: int = 1, *, priority: int = 0, key: str | None = None, of: Version | None = None
    ) -> list[UUID]:
        """Queue executions of a user, in this order."""
        version = of or self.versions[user_id]
        ids = [new_id() for _ in range(count)]
        await self.scene.fetch(_START, ids, user_id, version.graph_id, version.id, priority, key)
        return ids

    async def limit(
        self, user_id: UUID, most: int | None, *, graph_id: UUID | None = None, per_key: bool = False
    ) -> None:
        """Set a limit of a user; remove it for None."""
        async with self.scene.platform.database.transaction(user_id) as tx:
            if most is None:
                await remove_limit(tx, user_id, graph_id=graph_id, per_key=per_key)
            else:
                await set_limit(tx, user_id, most=most, graph_id=graph_id, per_key=per_key)

    async def age_keys(self, request_key: str) -> None:
        """Have a request key lie two days back."""
        async with await open_database(self.scene.url, role="weft_owner") as owner, owner.transaction() as tx:
            await tx.execute(
                "UPDATE start_keys SET created_at = now() - interval '2 days' WHERE request_key = :key",
                {"key": request_key},
            )

    async def line(self) -> list[UUID]:
        """Return what stands in the queue, in order."""
        return [row["execution_id"] for row in await self.scene.fetch(_LINE)]

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        (row,) = await self.scene.fetch(f"SELECT count(*) FROM {table}")
        return int(row["count"])

    @asynccontextmanager
    async def hands(self, count: int) -> AsyncIterator[list["Hand"]]:
        """Lend so many workers; what they hold at the end stays theirs."""
        async with AsyncExitStack() as stack:
            hands = []
            for _ in range(count):
                hand = Hand(await stack.enter_async_context(self.scene.platform.engine()))
                await hand.engine.dispatch.working()
                hands.append(hand)
            yield hands


@dataclass
class Hand:
    """A worker that does nothing by itself."""

    engine: EngineParts

    async def take(self, limit: int) -> list[Claim]:
        """Claim up to so many."""
        return await self.engine.dispatch.take(limit)

    async def end(self, claims: Sequence[Claim], *, node: bool = False, parent_id: UUID | None = None) -> set[UUID]:
        """End executions, with a record of a node if wanted; return which of them were this worker's to end."""
        nodes = [(0, 0, 1, "ok", 1, 0.0, 0.0, "[]", "[]", None, 0, None)] if node else []
        batches = [
            Batch(
                claim.execution_id, claim.token, 1, list(nodes), [], [], [], [], status="completed", parent_id=parent_id
            )
            for claim in claims
        ]
        return await self.engine.store.flush(batches)

    async def look_dead(self, scene: Scene) -> None:
        """Have its last sign of life lie an hour back."""
        await scene.fetch(
            "UPDATE workers SET beat = now() - interval '1 hour' WHERE id = $1", self.engine.dispatch.worker
        )
