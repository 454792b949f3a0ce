"""What the use cases write: start, cancel, answer."""

from uuid import UUID

from weft.db.database import Transaction
from weft.executions.ports import Start
from weft.executions.repository.dispatch import WAKE

# The fair place in the line is start-time fair queueing: behind the user's own last, never before the head of the line.
_START = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, semantics, run_left_s)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, values, context)
        VALUES ($1, $2, $8::json, $9::json, $10::json)),
 b AS (SELECT greatest((SELECT rank FROM queue WHERE user_id = $2 ORDER BY rank DESC LIMIT 1),
        (SELECT rank FROM queue ORDER BY rank LIMIT 1) - 1, 0) AS base)
INSERT INTO queue (rank, execution_id, user_id) SELECT base + 1, $1, $2 FROM b
"""
_UNQUEUE = "DELETE FROM queue WHERE execution_id = $1"
_LOCK = "SELECT status FROM executions WHERE id = $1 AND user_id = $2 FOR UPDATE"
_CANCEL_IDLE = """
UPDATE executions SET status = 'cancelled', token = token + 1, seq = seq + 1, ended_at = clock_timestamp(),
    cancel_requested_at = clock_timestamp()
WHERE id = $1 RETURNING seq
"""
_CANCEL_EVENT = """
INSERT INTO execution_events (execution_id, user_id, seq, kind) VALUES ($1, $2, $3, 'cancel')
"""
_DROP_TIMERS = "DELETE FROM timers WHERE execution_id = $1"
_CANCEL_RUNNING = "UPDATE executions SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) WHERE id = $1"
_ANSWER = """
INSERT INTO execution_answers (execution_id, wait_key, user_id, data) VALUES ($1, $2, $3, $4::json) ON CONFLICT DO NOTHING
"""


async def insert_execution(
    tx: Transaction,
    execution_id: UUID,
    *,
    user_id: UUID,
    graph_id: UUID,
    version_id: UUID,
    graph_version: int,
    semantics: int,
    run_limit_s: float | None,
    inputs: dict[str, object],
    start: Start,
) -> None:
    """Write a queued execution, what it was asked, and its fair place in the line."""
    connection = tx.raw
    await connection.execute(
        _START,
        execution_id,
        user_id,
        graph_id,
        version_id,
        graph_version,
        semantics,
        run_limit_s,
        inputs,
        start.values,
        start.context,
    )


async def lock_status(tx: Transaction, execution_id: UUID, user_id: UUID) -> str | None:
    """Return the status and hold the row until `tx` ends; None when the user has no such execution."""
    connection = tx.raw
    status = await connection.fetchval(_LOCK, execution_id, user_id)
    return None if status is None else str(status)


async def cancel_idle(tx: Transaction, execution_id: UUID, user_id: UUID) -> None:
    """End an execution that nobody runs; its row must be locked."""
    connection = tx.raw
    await connection.execute(_UNQUEUE, execution_id)
    await connection.execute(_DROP_TIMERS, execution_id)
    seq = await connection.fetchval(_CANCEL_IDLE, execution_id)
    await connection.execute(_CANCEL_EVENT, execution_id, user_id, seq)


async def request_cancel(tx: Transaction, execution_id: UUID) -> None:
    """Ask the holder of a running execution to cancel it; its row must be locked."""
    connection = tx.raw
    await connection.execute(_CANCEL_RUNNING, execution_id)


async def insert_answer(tx: Transaction, execution_id: UUID, user_id: UUID, *, wait_key: str, data: object) -> None:
    """Write an answer and wake the execution if it waits; its row must be locked. The first answer to a wait stands."""
    connection = tx.raw
    await connection.execute(_ANSWER, execution_id, wait_key, user_id, data)
    await connection.execute(WAKE, [execution_id])
