"""The journal on PostgreSQL: one statement a flush, four reads a replay."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from weft.executions.errors import Fenced
from weft.executions.ports import (
    PIN_BITS,
    SEQ_BYTES,
    Answer,
    Batch,
    Callee,
    ChunkRow,
    Claim,
    EventRow,
    History,
    NodeRow,
    Parking,
    Start,
)
from weft.executions.repository import family
from weft.executions.repository.flush import statement_of
from weft.executions.repository.line import Connect, Line
from weft.executions.values import dumps
from weft.failpoints import failpoint
from weft.graphs.types import GraphContent

# After a lost commit: the row shows our token and our seq, so it was our flush; a takeover would have raised the token.
_WRITTEN = """
SELECT e.id FROM executions e JOIN unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS w(id, token, seq)
    ON e.id = w.id AND e.token = w.token AND e.seq >= w.seq
    WHERE NOT EXISTS (SELECT 1 FROM leases l WHERE l.execution_id = e.id)
"""
_START = "SELECT given::text, context::text FROM execution_data WHERE execution_id = $1"
_NODES = """
SELECT node, index, seq_end, outcome, attempt, inputs::text, outputs::text, error::text, wait::text FROM node_executions
WHERE execution_id = $1 AND seq_end > $2 ORDER BY seq_end
"""
_CHUNKS = """
SELECT node, index, k_first, attempt, items::text FROM node_emissions
WHERE execution_id = $1 AND seq_first > $2 ORDER BY seq_first
"""
_EVENTS = """
SELECT seq, kind, node, index, key, data::text FROM execution_events WHERE execution_id = $1 AND seq > $2 ORDER BY seq
"""
_SNAPSHOT = "SELECT snapshot FROM executions WHERE id = $1"
_LINES = "SELECT number FROM execution_logs WHERE execution_id = $1 ORDER BY seq DESC LIMIT 1"
_PAYLOADS = "SELECT hash, bytes FROM payloads WHERE user_id = $1 AND hash = ANY ($2::bytea[])"
_CALLEE = """
SELECT v.id, v.version FROM graph_versions v JOIN graphs g ON g.id = v.graph_id
WHERE g.id = $2 AND g.user_id = $1 AND g.deleted_at IS NULL AND CASE WHEN $3::int IS NULL THEN v.is_active ELSE v.version = $3 END
"""
_EMISSIONS = """
SELECT node, outputs::text AS items FROM node_executions
WHERE execution_id = $1 AND node = ANY ($2::int2[]) AND outputs IS NOT NULL
UNION ALL SELECT node, items::text FROM node_emissions WHERE execution_id = $1 AND node = ANY ($2::int2[])
"""
_VERSION = "SELECT snapshot::text FROM graph_versions WHERE id = $1"
_LOCK_LEASE = "SELECT 1 FROM leases WHERE execution_id = $1 AND token = $2 AND worker = $3 FOR NO KEY UPDATE"
_LOCK_EXECUTION = "SELECT cancel_requested_at IS NOT NULL FROM executions WHERE id = $1 FOR UPDATE"
_NEW_ANSWERS = "SELECT wait_key, data::text AS data FROM execution_answers WHERE execution_id = $1 AND NOT taken"
_PARK = """
WITH l AS (DELETE FROM leases WHERE execution_id = $1)
UPDATE executions SET status = 'waiting', worker = NULL, deadline_at = NULL, run_left_s = $2,
    snapshot = coalesce($3, snapshot) WHERE id = $1
"""
_ANSWERS = """
SELECT execution_id, wait_key, data::text AS data FROM execution_answers WHERE execution_id = ANY ($1::uuid[]) AND NOT taken
"""
_CANCELS = """
SELECT e.id FROM leases l JOIN executions e ON e.id = l.execution_id
WHERE l.worker = $1 AND e.cancel_requested_at IS NOT NULL
"""


class PostgresStore:
    """The engine's storage port on one database, for one worker.

    Args:
        worker: Returns the worker's current number, which each fence compares.
        flushed: Called with the batches of each flush that was committed, and whether it may have queued other executions.
    """

    def __init__(
        self,
        connect: Connect,
        *,
        worker: Callable[[], int],
        patience_s: float = 120,
        flushed: Callable[[Sequence[Batch], bool], None] = lambda *_: None,
    ) -> None:
        self._worker = worker
        self._flushed = flushed
        self._writer = Line(connect, patience_s=patience_s)
        self._reader = Line(connect, patience_s=patience_s)

    async def close(self) -> None:
        """Close both connections."""
        await self._writer.close()
        await self._reader.close()

    async def flush(self, batches: Sequence[Batch]) -> set[UUID]:
        """Write all batches in one transaction; see `EngineStore.flush`."""
        statement, arguments = statement_of(batches, self._worker())
        is_family = any(map(family.is_family, batches))

        async def write(connection: asyncpg.Connection) -> set[UUID]:
            if not is_family:
                return await flush(connection)
            async with connection.transaction():
                limited = await family.lock(connection, batches, self._worker())
                failpoint("family.locked")
                written = await flush(connection)
                failpoint("family.flushed")
                await family.write(connection, [batch for batch in batches if batch.execution_id in written], limited)
                failpoint("family.written")
            return written

        async def flush(connection: asyncpg.Connection) -> set[UUID]:
            written = {row["id"] for row in await connection.fetch(statement, *arguments)}
            missing = [batch for batch in batches if batch.execution_id not in written]
            if missing:
                columns = zip(*[(b.execution_id, b.token, b.seq) for b in missing], strict=True)
                written |= {row["id"] for row in await connection.fetch(_WRITTEN, *columns)}
            return written

        failpoint("flush.sent")
        flushed = await self._writer.call(write)
        failpoint("flush.committed")
        self._flushed(batches, is_family)
        return flushed

    async def version(self, version_id: UUID) -> GraphContent:
        """Return the content of a saved version."""

        async def read(connection: asyncpg.Connection) -> str:
            return str(await connection.fetchval(_VERSION, version_id))

        return GraphContent.model_validate_json(await self._reader.call(read))

    async def load(self, claim: Claim, *, from_snapshot: bool = True) -> tuple[Start, History]:
        """Return what was asked of an execution and all that was recorded of it; see `EngineStore.load`."""

        async def read(connection: asyncpg.Connection) -> tuple[Start, History]:
            row = await connection.fetchrow(_START, claim.execution_id)
            if row is None:
                raise Fenced(claim.execution_id)
            start = Start(orjson.loads(row["given"]), orjson.loads(row["context"]))
            if claim.seq == 0:
                return start, History()
            return start, await _history(connection, claim, from_snapshot=from_snapshot)

        return await self._reader.call(read)

    async def values(self, claim: Claim, digests: Sequence[str]) -> dict[str, bytes]:
        """Return large values by their digests, as JSON."""
        hashes = [bytes.fromhex(digest) for digest in digests]

        async def read(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            return await connection.fetch(_PAYLOADS, claim.user_id, hashes)

        return {row["hash"].hex(): row["bytes"] for row in await self._reader.call(read)}

    async def callee(self, claim: Claim, graph_id: UUID, version: int | None) -> Callee | None:
        """Return a version of a graph of the execution's user; see `EngineStore.callee`."""

        async def read(connection: asyncpg.Connection) -> asyncpg.Record | None:
            return await connection.fetchrow(_CALLEE, claim.user_id, graph_id, version)

        row = await self._reader.call(read)
        return None if row is None else Callee(row["id"], row["version"])

    async def outputs(self, claim: Claim, child_id: UUID, nodes: Sequence[int]) -> list[tuple[int, int, bytes]]:
        """Return what nodes of an ended child emitted, in order; see `EngineStore.outputs`."""

        async def read(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            return await connection.fetch(_EMISSIONS, child_id, list(nodes))

        items = sorted(
            (item[0], row["node"], item) for row in await self._reader.call(read) for item in _loads(row["items"])
        )
        stored = await self.values(claim, [item[3] for _, _, item in items if len(item) > 3])
        return [
            (node, item[1] & (1 << PIN_BITS) - 1, stored[item[3]] if len(item) > 3 else dumps(item[2]))
            for _, node, item in items
        ]

    async def park(self, claim: Claim, *, run_left_s: float | None, snapshot: bytes | None = None) -> Parking:
        """Put the execution into `waiting` and release it, unless something came; see `EngineStore.park`."""

        async def park(connection: asyncpg.Connection) -> Parking:
            async with connection.transaction():
                if not await connection.fetchval(_LOCK_LEASE, claim.execution_id, claim.token, self._worker()):
                    raise Fenced(claim.execution_id)
                cancelled = bool(await connection.fetchval(_LOCK_EXECUTION, claim.execution_id))
                failpoint("park.locked")
                answers = await connection.fetch(_NEW_ANSWERS, claim.execution_id)
                if answers or cancelled:
                    found = [Answer(row["wait_key"], _loads(row["data"])) for row in answers]
                    return Parking(False, found, cancelled)
                await connection.execute(_PARK, claim.execution_id, run_left_s, snapshot)
                failpoint("park.written")
                return Parking(True)

        parking = await self._reader.call(park)
        failpoint("park.committed")
        return parking

    async def answers(self, execution_ids: Sequence[UUID]) -> dict[UUID, list[Answer]]:
        """Return the answers not taken yet of running executions."""

        async def read(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            return await connection.fetch(_ANSWERS, list(execution_ids))

        found: dict[UUID, list[Answer]] = {}
        for row in await self._reader.call(read):
            found.setdefault(row["execution_id"], []).append(Answer(row["wait_key"], _loads(row["data"])))
        return found

    async def cancel_requests(self) -> set[UUID]:
        """Return which executions of this worker somebody asked to cancel."""

        async def read(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            return await connection.fetch(_CANCELS, self._worker())

        return {row["id"] for row in await self._reader.call(read)}


def _loads(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


async def _history(connection: asyncpg.Connection, claim: Claim, *, from_snapshot: bool) -> History:
    """Read the journal, after its snapshot if there is one, as it stands at one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        snapshot = await connection.fetchval(_SNAPSHOT, claim.execution_id) if from_snapshot else None
        after = claim.execution_id, 0 if snapshot is None else int.from_bytes(snapshot[:SEQ_BYTES])
        nodes = [
            NodeRow(r[0], r[1], r[2], r[3], r[4], _loads(r[5]), _loads(r[6]), _loads(r[7]), _loads(r[8]))
            for r in await connection.fetch(_NODES, *after)
        ]
        chunks = [ChunkRow(r[0], r[1], r[2], r[3], _loads(r[4])) for r in await connection.fetch(_CHUNKS, *after)]
        events = [EventRow(r[0], r[1], r[2], r[3], r[4], _loads(r[5])) for r in await connection.fetch(_EVENTS, *after)]
        lines = await connection.fetchval(_LINES, claim.execution_id) or 0
    return History(nodes, chunks, events, snapshot, lines)
