"""The journal on PostgreSQL: one statement a flush, four reads a replay.

A flush is one statement, hence one transaction and one round trip. `mine` locks the lease rows in order of id and keeps
those whose token is still ours; every insert joins it, so a stale owner writes nothing. An insert's row number `e` names its
execution by position in the arrays `$1` and `$2`.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from weft.executions.errors import Fenced
from weft.executions.ports import SEQ_BYTES, Answer, Batch, ChunkRow, Claim, EventRow, History, NodeRow, Parking, Start
from weft.executions.repository.line import Connect, Line
from weft.graphs.types import GraphContent

_STATUS_OF_OUTCOME = (
    "CASE r.outcome WHEN 'ok' THEN 'completed' WHEN 'skipped' THEN 'completed' WHEN 'wait' THEN 'waiting'"
    " WHEN 'unknown' THEN 'waiting' WHEN 'timeout' THEN 'timeout' WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END"
)
_FLUSH = f"""
WITH want AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[],
            $42::bytea[])
        WITH ORDINALITY AS w(id, token, seq, status, error, report, cost, snapshot, e)),
 mine AS MATERIALIZED (SELECT w.*, l.user_id FROM leases l JOIN want w ON l.execution_id = w.id AND l.token = w.token
        WHERE l.worker = $3 ORDER BY l.execution_id FOR NO KEY UPDATE OF l),
 n AS (INSERT INTO node_executions (execution_id, user_id, node, index, seq_end, outcome, status, attempt, started_at,
            ended_at, inputs, outputs, error, cost, wait)
        SELECT m.id, m.user_id, r.node, r.index, r.seq_end, r.outcome, {_STATUS_OF_OUTCOME}, r.attempt,
            to_timestamp(r.started_at), to_timestamp(r.ended_at), r.inputs::json, r.outputs::json, r.error::json, r.cost,
            r.wait::json
        FROM unnest($9::int[], $10::int2[], $11::int[], $12::bigint[], $13::text[], $14::int2[], $15::float8[],
            $16::float8[], $17::text[], $18::text[], $19::text[], $20::bigint[], $21::text[])
            AS r(e, node, index, seq_end, outcome, attempt, started_at, ended_at, inputs, outputs, error, cost, wait)
        JOIN mine m ON m.e = r.e
        ON CONFLICT (execution_id, node, index) DO UPDATE SET seq_end = excluded.seq_end, outcome = excluded.outcome,
            status = excluded.status, attempt = excluded.attempt, ended_at = excluded.ended_at, outputs = excluded.outputs,
            error = excluded.error, cost = excluded.cost, wait = excluded.wait),
 c AS (INSERT INTO node_emissions (execution_id, user_id, seq_first, node, index, k_first, attempt, items)
        SELECT m.id, m.user_id, r.seq_first, r.node, r.index, r.k_first, r.attempt, r.items::json
        FROM unnest($22::int[], $23::bigint[], $24::int2[], $25::int[], $26::int[], $27::int2[], $28::text[])
            AS r(e, seq_first, node, index, k_first, attempt, items)
        JOIN mine m ON m.e = r.e ON CONFLICT DO NOTHING),
 v AS (INSERT INTO execution_events (execution_id, user_id, seq, kind, node, index, key, data)
        SELECT m.id, m.user_id, r.seq, r.kind, r.node, r.index, r.key, r.data::json
        FROM unnest($29::int[], $30::bigint[], $31::text[], $32::int2[], $33::int[], $34::text[], $35::text[])
            AS r(e, seq, kind, node, index, key, data)
        JOIN mine m ON m.e = r.e ON CONFLICT DO NOTHING),
 a AS (UPDATE execution_answers x SET taken = true
        FROM unnest($29::int[], $31::text[], $34::text[]) AS r(e, kind, key) JOIN mine m ON m.e = r.e
        WHERE r.kind = 'answer' AND x.execution_id = m.id AND x.wait_key = r.key),
 p AS (INSERT INTO payloads (user_id, hash, codec, size, bytes)
        SELECT DISTINCT ON (m.user_id, r.hash) m.user_id, r.hash, 0, length(r.bytes), r.bytes
        FROM unnest($36::int[], $37::bytea[], $38::bytea[]) AS r(e, hash, bytes) JOIN mine m ON m.e = r.e
        ORDER BY m.user_id, r.hash ON CONFLICT DO NOTHING),
 t AS (INSERT INTO timers (run_at, execution_id, wait_key, user_id)
        SELECT r.due, m.id, r.wait_key, m.user_id
        FROM unnest($39::int[], $40::timestamptz[], $41::text[]) AS r(e, due, wait_key) JOIN mine m ON m.e = r.e
        ON CONFLICT DO NOTHING),
 d AS (DELETE FROM leases l USING mine m WHERE l.execution_id = m.id AND m.status IS NOT NULL),
 o AS (DELETE FROM timers t USING mine m WHERE t.execution_id = m.id AND m.status IS NOT NULL),
 x AS (UPDATE execution_data d SET report = m.report::json FROM mine m
        WHERE d.execution_id = m.id AND m.report IS NOT NULL)
UPDATE executions e SET seq = m.seq, claims_without_progress = 0,
    cost_micro = e.cost_micro + CASE WHEN e.seq < m.seq THEN m.cost ELSE 0 END,
    status = coalesce(m.status, e.status),
    snapshot = CASE WHEN m.status IS NULL THEN coalesce(m.snapshot, e.snapshot) END,
    error = coalesce(m.error::json, e.error),
    worker = CASE WHEN m.status IS NULL THEN e.worker END,
    ended_at = CASE WHEN m.status IS NOT NULL THEN clock_timestamp() END
FROM mine m WHERE e.id = m.id RETURNING e.id
"""
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
_PAYLOADS = "SELECT hash, bytes FROM payloads WHERE user_id = $1 AND hash = ANY ($2::bytea[])"
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


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    """Return the rows turned into `width` columns."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _arguments(batches: Sequence[Batch], worker: int) -> list[Any]:
    """Return the arguments of a flush, in the order of its placeholders."""
    nodes: list[tuple[Any, ...]] = []
    chunks: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    payloads: list[tuple[Any, ...]] = []
    timers: list[tuple[Any, ...]] = []
    for e, batch in enumerate(batches, start=1):
        nodes += [(e, *row) for row in batch.nodes]
        chunks += [(e, *row) for row in batch.chunks]
        events += [(e, *row) for row in batch.events]
        payloads += [(e, *row) for row in batch.payloads]
        timers += [(e, *row) for row in batch.timers]
    heads = [(b.execution_id, b.token, b.seq, b.status, b.error, b.report, b.cost_micro) for b in batches]
    ids, tokens, *rest = _columns(heads, 7)
    return [
        ids,
        tokens,
        worker,
        *rest,
        *_columns(_last_of_each(nodes), 13),
        *_columns(chunks, 7),
        *_columns(events, 7),
        *_columns(payloads, 3),
        *_columns(timers, 3),
        [batch.snapshot for batch in batches],
    ]


def _last_of_each(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Fold rows of one firing (it waited and ended in one flush) into the last one, or one statement would touch it twice."""
    unique = {(row[0], row[1], row[2]): row for row in rows}
    return rows if len(unique) == len(rows) else list(unique.values())


class PostgresStore:
    """The engine's storage port on one database, for one worker.

    Args:
        worker: Returns the worker's current number, which each fence compares.
    """

    def __init__(self, connect: Connect, *, worker: Callable[[], int], patience_s: float = 120) -> None:
        self._worker = worker
        self._writer = Line(connect, patience_s=patience_s)
        self._reader = Line(connect, patience_s=patience_s)

    async def close(self) -> None:
        """Close both connections."""
        await self._writer.close()
        await self._reader.close()

    async def flush(self, batches: Sequence[Batch]) -> set[UUID]:
        """Write all batches in one transaction; see `EngineStore.flush`."""
        arguments = _arguments(batches, self._worker())

        async def write(connection: asyncpg.Connection) -> set[UUID]:
            written = {row["id"] for row in await connection.fetch(_FLUSH, *arguments)}
            missing = [batch for batch in batches if batch.execution_id not in written]
            if missing:
                columns = _columns([(b.execution_id, b.token, b.seq) for b in missing], 3)
                written |= {row["id"] for row in await connection.fetch(_WRITTEN, *columns)}
            return written

        return await self._writer.call(write)

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

    async def park(self, claim: Claim, *, run_left_s: float | None, snapshot: bytes | None = None) -> Parking:
        """Put the execution into `waiting` and release it, unless something came; see `EngineStore.park`."""

        async def park(connection: asyncpg.Connection) -> Parking:
            async with connection.transaction():
                if not await connection.fetchval(_LOCK_LEASE, claim.execution_id, claim.token, self._worker()):
                    raise Fenced(claim.execution_id)
                cancelled = bool(await connection.fetchval(_LOCK_EXECUTION, claim.execution_id))
                answers = await connection.fetch(_NEW_ANSWERS, claim.execution_id)
                if answers or cancelled:
                    found = [Answer(row["wait_key"], _loads(row["data"])) for row in answers]
                    return Parking(False, found, cancelled)
                await connection.execute(_PARK, claim.execution_id, run_left_s, snapshot)
                return Parking(True)

        return await self._reader.call(park)

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
    return History(nodes, chunks, events, snapshot)
