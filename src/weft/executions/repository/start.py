"""What the use cases write: start, cancel, answer."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import orjson

from weft.db.transaction import Transaction
from weft.executions.ports import Start
from weft.executions.repository import family

_START = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, semantics, run_left_s, priority, key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $11, $12) RETURNING id, user_id),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, given, context)
        VALUES ($1, $2, $8::text::json, $9::text::json, $10::text::json))
SELECT enqueue_execution(id, user_id, false) FROM e
"""
_UNQUEUE = """
WITH h AS (DELETE FROM held WHERE execution_id = ANY ($1::uuid[]))
DELETE FROM queue WHERE execution_id = ANY ($1::uuid[])
"""
_LOCK = "SELECT status FROM executions WHERE id = $1 AND user_id = $2 FOR UPDATE"
_DROP_TIMERS = "DELETE FROM timers WHERE execution_id = ANY ($1::uuid[])"
# What nobody runs has a place in the queue again, or a child that is not among the locked ones.
_MOVED = """
SELECT EXISTS (SELECT 1 FROM queue WHERE execution_id = ANY ($1::uuid[]))
    OR EXISTS (SELECT 1 FROM held WHERE execution_id = ANY ($1::uuid[])) OR EXISTS (
    SELECT 1 FROM executions e JOIN executions p ON p.id = e.parent_id
    WHERE p.id = ANY ($1::uuid[]) AND p.status IN ('queued', 'waiting') AND e.status IN ('queued', 'running', 'waiting')
        AND e.id <> ALL ($1::uuid[]))
"""
_ASK_HOLDERS = """
UPDATE executions SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
WHERE id = ANY ($1::uuid[]) AND status = 'running'
"""
_CANCEL_IDLE = """
WITH e AS (UPDATE executions SET status = 'cancelled', token = token + 1, seq = seq + 1, ended_at = clock_timestamp(),
        cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
        WHERE id = ANY ($1::uuid[]) AND status IN ('queued', 'waiting') RETURNING id, user_id, seq)
INSERT INTO execution_events (execution_id, user_id, seq, kind) SELECT id, user_id, seq, 'cancel' FROM e
RETURNING execution_id
"""
# Last of all: what is not in the queue any more has left a place there.
_ADMIT = "SELECT admit_held(ARRAY[$1::uuid])"
_ANSWER = """
INSERT INTO execution_answers (execution_id, wait_key, user_id, data) VALUES ($1, $2, $3, $4::text::json) ON CONFLICT DO NOTHING
"""
_WAKE_PARENT = """
WITH u AS (UPDATE executions SET status = 'queued' WHERE status = 'waiting'
        AND id = (SELECT parent_id FROM executions WHERE id = $1) RETURNING id, user_id)
SELECT enqueue_execution(id, user_id, true) FROM u
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
    priority: int,
    key: str | None,
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
        priority,
        key,
    )


async def lock_status(tx: Transaction, execution_id: UUID, user_id: UUID) -> str | None:
    """Return the status and hold the row until `tx` ends; None when the user has no such execution."""
    connection = tx.raw
    status = await connection.fetchval(_LOCK, execution_id, user_id)
    return None if status is None else str(status)


async def lock_tree(tx: Transaction, execution_id: UUID) -> list[UUID]:
    """Lock an execution, its parent and what it called until `tx` ends; return it and what it called.

    None of these is in the queue or held back then, and what nobody runs has no other open children. What somebody runs may
    get more: whoever runs it ends them with it.
    """
    while True:
        attempt = await tx.connection.begin_nested()
        found = await _locked_tree(tx.raw, execution_id)
        if found is not None:
            await attempt.commit()
            return found
        await attempt.rollback()  # lets go of the rows: what is missing among them could not be locked in order now


async def _locked_tree(connection: asyncpg.Connection, execution_id: UUID) -> list[UUID] | None:
    """Try to lock a tree as it stands now; None if it had changed when the last row was locked."""
    found = await family.tree(connection, execution_id)
    try:
        # In the order of the workers, queue before executions: a claim under way ends first.
        await connection.execute(_UNQUEUE, found)
        await family.lock_rows(connection, [*found, *await family.parent_of(connection, execution_id)])
        await connection.execute(_DROP_TIMERS, found)
    except asyncpg.DeadlockDetectedError:
        return None
    return None if await connection.fetchval(_MOVED, found) else found


async def cancel_tree(tx: Transaction, execution_id: UUID, user_id: UUID, tree: Sequence[UUID]) -> str:
    """End an execution and what it called, at once where nobody runs it; return its own status then.

    `tree` is what `lock_tree` returned. Who runs one is asked to end it, and cancels what that calls meanwhile. Places that the
    user's limits have then go to what is held back.
    """
    connection = tx.raw
    await connection.execute(_ASK_HOLDERS, tree)
    ended = {row["execution_id"] for row in await connection.fetch(_CANCEL_IDLE, tree)}
    if execution_id in ended:
        await family.tell_parents(connection, [execution_id])
        await connection.execute(_WAKE_PARENT, execution_id)
    await connection.execute(_ADMIT, user_id)
    return "cancelled" if execution_id in ended else "running"


async def insert_answer(tx: Transaction, execution_id: UUID, user_id: UUID, *, wait_key: str, data: object) -> None:
    """Write an answer and wake the execution if it waits; its row must be locked. The first answer to a wait stands."""
    connection = tx.raw
    await connection.execute(_ANSWER, execution_id, wait_key, user_id, orjson.dumps(data).decode())
    await connection.execute(_WAKE, execution_id)
