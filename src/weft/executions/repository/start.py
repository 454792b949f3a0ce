"""What the use cases write: start, cancel, answer."""

from uuid import UUID

import orjson

from weft.db.transaction import Transaction
from weft.executions.ports import Start

_START = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, semantics, run_left_s)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, user_id),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, given, context)
        VALUES ($1, $2, $8::text::json, $9::text::json, $10::text::json))
SELECT enqueue_execution(id, user_id, false) FROM e
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
_CANCEL_RUNNING = (
    "UPDATE executions SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) WHERE id = $1"
)
_ANSWER = """
INSERT INTO execution_answers (execution_id, wait_key, user_id, data) VALUES ($1, $2, $3, $4::text::json) ON CONFLICT DO NOTHING
"""
_WAKE = """
WITH u AS (UPDATE executions SET status = 'queued' WHERE id = $1 AND status = 'waiting' RETURNING id, user_id)
SELECT enqueue_execution(id, user_id, true) FROM u
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
        orjson.dumps(inputs).decode(),
        orjson.dumps(start.values).decode(),
        orjson.dumps(start.context).decode(),
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
    await connection.execute(_ANSWER, execution_id, wait_key, user_id, orjson.dumps(data).decode())
    await connection.execute(_WAKE, execution_id)
