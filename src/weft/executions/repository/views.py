"""What people see of executions: one, a page of many, and the numbers of their nodes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from weft.db.transaction import Transaction
from weft.executions.ports import PIN_BITS
from weft.executions.tables import IS_LOST
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent

_FIELDS = """
e.id, e.user_id, e.graph_id, e.graph_version, e.version_id, e.status, e.created_at, e.started_at, e.ended_at,
    e.error::text AS error, e.attempts, e.claims_without_progress, d.inputs::text AS inputs, d.report::text AS report
"""
_ONE = f"""
SELECT {_FIELDS} FROM executions e JOIN execution_data d ON d.execution_id = e.id WHERE e.id = $1 AND e.user_id = $2
"""
# Each look ends with a page, whatever stands before or behind it: `listing` says what is neither on its way nor ended well.
_LIST = """
SELECT {columns} FROM (SELECT * FROM ({found}) f ORDER BY created_at DESC, id DESC LIMIT $2) e
    JOIN execution_data d ON d.execution_id = e.id
ORDER BY e.created_at DESC, e.id DESC
"""
_WANTED = """
e.user_id = $1 AND (e.created_at, e.id) < ($3::timestamptz, $4::uuid) AND e.status = ANY ($5::text[])
    AND (e.parent_id IS NULL
        OR $6 AND EXISTS (SELECT FROM executions r WHERE r.id = e.root_id AND r.ended_at IS NOT NULL))
"""
_OF_LISTINGS = f"""
SELECT e.* FROM unnest($7::text[]) AS l(listing) CROSS JOIN LATERAL (
    SELECT * FROM executions e WHERE e.listing = l.listing AND {_WANTED}
    ORDER BY e.created_at DESC NULLS LAST, e.id DESC NULLS LAST LIMIT $2) e
"""
# Named first, then looked up one by one: no plan may read the history in search of them.
_AMONG = f"""
SELECT e.* FROM ({{names}}) n(id) CROSS JOIN LATERAL (
    SELECT * FROM executions e WHERE e.id = n.id AND {_WANTED} OFFSET 0) e
"""
_OPEN = """
SELECT execution_id FROM queue WHERE user_id = $1 AND 'queued' = ANY ($5)
UNION SELECT execution_id FROM held WHERE user_id = $1 AND 'queued' = ANY ($5)
UNION SELECT execution_id FROM leases WHERE user_id = $1
"""
_LOST = f"""
SELECT execution_id FROM node_executions WHERE user_id = $1 AND {IS_LOST}
UNION SELECT id FROM executions WHERE user_id = $1 AND {IS_LOST}
"""
_PAGE_OF_LISTINGS = _LIST.format(columns=_FIELDS, found=_OF_LISTINGS)
_PAGE_WITH_OPEN = _LIST.format(columns=_FIELDS, found=f"{_OF_LISTINGS} UNION ALL {_AMONG.format(names=_OPEN)}")
_PAGE_OF_LOST = _LIST.format(columns=_FIELDS, found=_AMONG.format(names=_LOST))
# Much that is queued is what came last, mostly: if a page of it is found there, the others need not be looked up.
_IS_NEAR = """
SELECT (SELECT count(*) FROM (
        (SELECT FROM queue WHERE user_id = $1 LIMIT 1001) UNION ALL (SELECT FROM held WHERE user_id = $1 LIMIT 1001)) line) > 1000
    AND (SELECT count(*) FROM (
        SELECT status FROM executions e
        WHERE user_id = $1 AND listing = 'common' AND (created_at, id) < ($3::timestamptz, $4::uuid)
        ORDER BY created_at DESC NULLS LAST, id DESC NULLS LAST LIMIT 2000) latest WHERE status = ANY ($5::text[])) >= $2::int
"""
_NODES = """
SELECT node, count(*) AS firings, sum(attempt) AS attempts,
    (sum(extract(epoch FROM coalesce(ended_at, started_at) - started_at)) * 1000)::float8 AS duration_ms,
    bool_or(status = 'waiting') AS waits, bool_or(status IN ('failed', 'timeout') AND outcome <> 'error') AS failed,
    bool_or(status = 'cancelled') AS cancelled
FROM node_executions WHERE execution_id = $1 GROUP BY node
"""
_WAITS = """
SELECT execution_id, node, index, wait::text AS wait FROM node_executions
WHERE execution_id = ANY ($1::uuid[]) AND status = 'waiting'
"""
# Also below those that have ended: what a failed child called is asked to end, and may take its time.
_TREE = """
WITH RECURSIVE tree AS (SELECT id, status FROM executions WHERE id = $1 AND user_id = $2
    UNION ALL SELECT e.id, e.status FROM executions e JOIN tree t ON e.parent_id = t.id)
SELECT count(*) AS left, bool_and(t.status = 'waiting') AS rests, array_agg(DISTINCT n.wait->>'kind') AS kinds
FROM tree t LEFT JOIN node_executions n ON n.execution_id = t.id AND n.status = 'waiting'
WHERE t.status IN ('queued', 'running', 'waiting')
"""
_OUTPUTS = """
SELECT n.execution_id, n.node, n.index, n.outputs::text AS outputs FROM node_executions n
    JOIN unnest($1::uuid[], $2::int2[]) AS w(id, node) ON n.execution_id = w.id AND n.node = w.node
WHERE n.outputs IS NOT NULL
UNION ALL
SELECT c.execution_id, c.node, c.index, c.items::text FROM node_emissions c
    JOIN unnest($1::uuid[], $2::int2[]) AS w(id, node) ON c.execution_id = w.id AND c.node = w.node
ORDER BY 1, 2, 3
"""
_BEFORE_ALL = datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1)
_RARE = frozenset({ExecutionStatus.WAITING, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED, ExecutionStatus.TIMEOUT})
_COMMON = "common"
_PAYLOADS = "SELECT hash, bytes FROM payloads WHERE user_id = $1 AND hash = ANY ($2::bytea[])"
_VERSION = "SELECT snapshot::text FROM graph_versions WHERE id = $1"


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """One execution as stored."""

    id: UUID
    user_id: UUID
    graph_id: UUID
    graph_version: int
    version_id: UUID
    status: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: dict[str, Any] | None
    attempts: int
    claims_without_progress: int
    inputs: dict[str, Any]
    report: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """All firings of one node, added up."""

    node: int
    firings: int
    attempts: int
    duration_ms: float
    waits: bool
    failed: bool
    cancelled: bool


def _record(row: Any) -> ExecutionRecord:
    fields = dict(row)
    for name in ("error", "inputs", "report"):
        fields[name] = None if fields[name] is None else orjson.loads(fields[name])
    return ExecutionRecord(**fields)


async def find_one(tx: Transaction, execution_id: UUID, user_id: UUID) -> ExecutionRecord | None:
    """Return the user's execution, or None."""
    row = await tx.raw.fetchrow(_ONE, execution_id, user_id)
    return None if row is None else _record(row)


async def find_page(
    tx: Transaction,
    user_id: UUID,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    statuses: Sequence[str] | None,
    dead: bool,
    orphans: bool,
) -> list[ExecutionRecord]:
    """Return the user's executions, newest first, behind `after`.

    With `dead`, only those that lost a worker for good; with `orphans`, also called ones whose outermost caller has ended.
    """
    wanted = ExecutionStatus.__members__.values() if statuses is None else [ExecutionStatus(one) for one in statuses]
    connection = tx.raw
    range = user_id, limit, *(after or _BEFORE_ALL), list(wanted), orphans
    if dead:
        return [_record(row) for row in await connection.fetch(_PAGE_OF_LOST, *range)]
    listings = {str(one) if one in _RARE else _COMMON for one in wanted}
    statement = _PAGE_OF_LISTINGS
    if (
        _COMMON in listings
        and ExecutionStatus.COMPLETED not in wanted
        and (ExecutionStatus.QUEUED not in wanted or not await connection.fetchval(_IS_NEAR, *range[:5]))
    ):
        # What is on its way stands in tables of its own.
        listings.remove(_COMMON)
        statement = _PAGE_WITH_OPEN
    if orphans:
        listings |= {f"called {listing}" for listing in listings}
    return [_record(row) for row in await connection.fetch(statement, *range, list(listings))]


async def node_records(tx: Transaction, execution_id: UUID) -> list[NodeRecord]:
    """Return what each node did, in no order."""
    rows = await tx.raw.fetch(_NODES, execution_id)
    return [NodeRecord(**dict(row)) for row in rows]


async def waits(tx: Transaction, execution_ids: Sequence[UUID]) -> dict[UUID, list[tuple[int, int, dict[str, Any]]]]:
    """Return (node, index, wait) of the firings that wait, by execution."""
    found: dict[UUID, list[tuple[int, int, dict[str, Any]]]] = {}
    for row in await tx.raw.fetch(_WAITS, list(execution_ids)):
        found.setdefault(row["execution_id"], []).append((row["node"], row["index"], orjson.loads(row["wait"])))
    return found


async def state_of_tree(tx: Transaction, execution_id: UUID, user_id: UUID) -> tuple[bool, bool, set[str]]:
    """Return whether an execution and all it called have ended, whether those that have not all wait, and for what kinds."""
    connection = tx.raw
    row = await connection.fetchrow(_TREE, execution_id, user_id)
    assert row is not None, "an aggregate gives a row"
    return not row["left"], bool(row["rests"]), {kind for kind in row["kinds"] or () if kind is not None}


async def emissions(
    tx: Transaction, user_id: UUID, nodes: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], list[tuple[int, Any]]]:
    """Return the (pin, value) emissions of the given (execution, node)s, in the order of firings and emissions."""
    connection = tx.raw
    rows = await connection.fetch(_OUTPUTS, [pair[0] for pair in nodes], [pair[1] for pair in nodes])
    items: dict[tuple[UUID, int], list[tuple[int, int, list[Any]]]] = {}
    for row in rows:
        for item in orjson.loads(row["outputs"]):
            items.setdefault((row["execution_id"], row["node"]), []).append((row["index"], item[0], item))
    named = {item[3] for found in items.values() for _, _, item in found if len(item) > 3}
    stored = await _payloads(tx, user_id, named) if named else {}
    return {
        key: [
            (item[1] & (1 << PIN_BITS) - 1, stored[item[3]] if len(item) > 3 else item[2])
            for _, _, item in sorted(found, key=_by_position)
        ]
        for key, found in items.items()
    }


async def version_content(tx: Transaction, version_id: UUID) -> GraphContent:
    """Return what a saved version holds."""
    snapshot = await tx.raw.fetchval(_VERSION, version_id)
    return GraphContent.model_validate_json(snapshot)


def _by_position(entry: tuple[int, int, list[Any]]) -> tuple[int, int]:
    return entry[0], entry[1]


async def _payloads(tx: Transaction, user_id: UUID, names: set[str]) -> dict[str, Any]:
    rows = await tx.raw.fetch(_PAYLOADS, user_id, [bytes.fromhex(name) for name in names])
    return {row["hash"].hex(): orjson.loads(row["bytes"]) for row in rows}
