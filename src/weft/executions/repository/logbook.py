"""What the log of an execution is read from: lines that blocks wrote, and what its journal tells anyway; and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from weft.db.transaction import Transaction

LINE, FAILURE = "line", "failure"
"""Kinds of entries beside those of events."""

_HEAD = """
SELECT status, seq, started_at, ended_at, error::text AS error, graph_version, version_id, cost_micro,
    clock_timestamp() AS now
FROM executions WHERE id = $1 AND user_id = $2
"""
# Newest first, from three indexes that end with the number: each gives at most a page, however long the run was.
_ENTRIES = """
SELECT * FROM (
    (SELECT seq, 'line' AS kind, node, index, attempt, level, message, metadata::text AS data, at FROM execution_logs
        WHERE execution_id = $1 AND user_id = $2 AND seq < $3 AND level = ANY ($5::text[]) ORDER BY seq DESC LIMIT $4)
    UNION ALL
    (SELECT seq, kind, node, index, NULL, NULL, NULL, data::text, at FROM execution_events
        WHERE execution_id = $1 AND user_id = $2 AND seq < $3 AND kind = ANY ($6::text[]) ORDER BY seq DESC LIMIT $4)
    UNION ALL
    (SELECT seq_end, 'failure', node, index, attempt, NULL, outcome, error::text, ended_at FROM node_executions
        WHERE execution_id = $1 AND user_id = $2 AND seq_end < $3 AND error IS NOT NULL AND outcome = ANY ($7::text[])
        ORDER BY seq_end DESC LIMIT $4)
) entries ORDER BY seq DESC LIMIT $4
"""
_NODES = "SELECT snapshot::text FROM graph_versions WHERE id = $1"
_NUMBERS = """
SELECT node, name, value, unit, tags::text AS tags, at FROM execution_metrics
WHERE execution_id = $1 AND user_id = $2 ORDER BY node, name
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The execution itself, as far as its log tells of it."""

    status: str
    seq: int
    started_at: datetime | None
    ended_at: datetime | None
    error: dict[str, Any] | None
    graph_version: int
    version_id: UUID
    cost_micro: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a block (`line`), a firing that failed (`failure`), or an event of the journal, by its kind.

    `message` of a failure is its outcome.
    """

    seq: int
    kind: str
    node: int | None
    index: int | None
    attempt: int | None
    level: str | None
    message: str | None
    data: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was measured; node -1 is the execution."""

    node: int
    name: str
    value: float
    unit: str
    tags: dict[str, Any] | None
    at: datetime


async def find_head(tx: Transaction, execution_id: UUID, user_id: UUID) -> Head | None:
    """Return the user's execution, or None."""
    row = await tx.raw.fetchrow(_HEAD, execution_id, user_id)
    if row is None:
        return None
    fields = dict(row)
    fields["error"] = _json(fields["error"])
    return Head(**fields)


async def find_entries(
    tx: Transaction,
    execution_id: UUID,
    user_id: UUID,
    *,
    before: int,
    limit: int,
    levels: Sequence[str],
    kinds: Sequence[str],
    outcomes: Sequence[str],
) -> list[Entry]:
    """Return entries, newest first, of numbers below `before`.

    Args:
        tx: An open transaction.
        execution_id: Which execution.
        user_id: Whose.
        before: A number of the journal.
        limit: At most so many.
        levels: Lines of these levels.
        kinds: Events of these kinds.
        outcomes: Failed firings with these outcomes.
    """
    connection = tx.raw
    rows = await connection.fetch(
        _ENTRIES, execution_id, user_id, before, limit, list(levels), list(kinds), list(outcomes)
    )
    return [Entry(**{**dict(row), "data": _json(row["data"])}) for row in rows]


async def find_nodes(tx: Transaction, version_id: UUID) -> list[tuple[str, str]]:
    """Return id and label of the nodes of a version, by position."""
    snapshot = orjson.loads(await tx.raw.fetchval(_NODES, version_id))
    return [(node["id"], node.get("label") or node["id"]) for node in snapshot["nodes"]]


async def find_numbers(tx: Transaction, execution_id: UUID, user_id: UUID) -> list[Number]:
    """Return what was measured of an execution: first of all of it, then by node."""
    rows = await tx.raw.fetch(_NUMBERS, execution_id, user_id)
    return [Number(**{**dict(row), "tags": _json(row["tags"])}) for row in rows]


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
