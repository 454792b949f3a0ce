"""What a stream reads of a journal: always a range of numbers, so that a look costs what is new, not what there is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from weft.db.transaction import Transaction
from weft.executions.ports import ChunkRow, EventRow

_HEAD = """
SELECT status, seq, created_at, ended_at, error::text AS error, graph_id, graph_version, version_id
FROM executions WHERE id = $1 AND user_id = $2
"""
_FIRINGS = """
SELECT node, index, seq_end, outcome, attempt, started_at, ended_at, outputs::text AS outputs,
    error::text AS error, cost
FROM node_executions
WHERE execution_id = $1 AND seq_end > $2 AND seq_end <= $3 AND user_id = $4 AND outcome NOT IN ('wait', 'unknown')
"""
_CHUNKS = """
SELECT node, index, k_first, attempt, items::text AS items FROM node_emissions
WHERE execution_id = $1 AND seq_first > $2 AND seq_first <= $3 AND user_id = $4
"""
_EVENTS = """
SELECT seq, kind, node, index, key, data::text AS data FROM execution_events
WHERE execution_id = $1 AND seq > $2 AND seq <= $3 AND user_id = $4
"""
_LINES = """
SELECT seq, level, message, metadata::text AS metadata, at, node, index, attempt FROM execution_logs
WHERE execution_id = $1 AND seq > $2 AND seq <= $3 AND user_id = $4
"""
_CHUNKS_ACROSS = """
SELECT node, index, k_first, attempt, items::text AS items FROM node_emissions
WHERE execution_id = $1 AND seq_first <= $2 AND (items->-1->>0)::bigint > $2 AND user_id = $3
"""


@dataclass(frozen=True, slots=True)
class Head:
    """How far an execution is; everything up to `seq` is durable, and what comes later has a higher number."""

    status: str
    seq: int
    created_at: datetime
    ended_at: datetime | None
    error: dict[str, Any] | None
    graph_id: UUID
    graph_version: int
    version_id: UUID


@dataclass(frozen=True, slots=True)
class FiringRow:
    """One firing that ended; `outputs` is None where its emissions stand in chunks."""

    node: int
    index: int
    seq_end: int
    outcome: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outputs: list[list[Any]] | None
    error: dict[str, Any] | None
    cost: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the log."""

    seq: int
    level: str
    message: str
    metadata: Any
    at: datetime
    node: int | None
    index: int | None
    attempt: int | None


@dataclass(frozen=True, slots=True)
class Records:
    """What stands in the tables under a range of numbers; a row holds numbers below its own, or above them, too."""

    firings: list[FiringRow] = field(default_factory=list)
    chunks: list[ChunkRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    lines: list[LineRow] = field(default_factory=list)


async def read_head(tx: Transaction, execution_id: UUID, user_id: UUID) -> Head | None:
    """Return how far the user's execution is, or None."""
    row = await tx.raw.fetchrow(_HEAD, execution_id, user_id)
    return None if row is None else Head(**_decoded(row, "error"))


async def read_records(tx: Transaction, execution_id: UUID, user_id: UUID, *, after: int, upto: int) -> Records:
    """Return the rows that stand under numbers above `after`, up to `upto`; in no order.

    A firing stands under its end, a chunk under its first emission. `upto` must be durable already: a row that waits is
    rewritten later, but then stands under a higher number, and what it held before was no part of any record.
    """
    range = execution_id, after, upto, user_id
    connection = tx.raw
    firings = await connection.fetch(_FIRINGS, *range)
    chunks = await connection.fetch(_CHUNKS, *range)
    events = await connection.fetch(_EVENTS, *range)
    lines = await connection.fetch(_LINES, *range)
    return Records(
        [FiringRow(**_decoded(row, "outputs", "error")) for row in firings],
        [ChunkRow(**_decoded(row, "items")) for row in chunks],
        [EventRow(**_decoded(row, "data")) for row in events],
        [LineRow(**_decoded(row, "metadata")) for row in lines],
    )


async def read_chunks_across(tx: Transaction, execution_id: UUID, user_id: UUID, *, seq: int) -> Records:
    """Return the chunks that begin at a number up to `seq` and end above it."""
    rows = await tx.raw.fetch(_CHUNKS_ACROSS, execution_id, seq, user_id)
    return Records(chunks=[ChunkRow(**_decoded(row, "items")) for row in rows])


def _decoded(row: asyncpg.Record, *columns: str) -> dict[str, Any]:
    """Return the row by column name, with JSON in the given columns."""
    fields = dict(row)
    for column in columns:
        fields[column] = None if fields[column] is None else orjson.loads(fields[column])
    return fields
