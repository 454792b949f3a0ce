"""Executions that call executions: queueing children, answering parents, cancelling what is left (engine rule 34).

All of it happens in the transaction of a flush. Rows are locked first, leases and then executions in order of id; only
a later statement looks at a status, so no wake-up is lost (engine rule 33) and no two workers wait for each other. Places of
users with limits are given out last, for all of them together.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import asyncpg

from weft.executions.ports import Batch, Child
from weft.failpoints import failpoint

_OPEN = "('queued', 'running', 'waiting')"
_LOCK_LEASES = """
SELECT execution_id FROM leases l JOIN unnest($1::uuid[], $2::bigint[]) AS w(id, token)
    ON l.execution_id = w.id AND l.token = w.token
WHERE l.worker = $3 ORDER BY l.execution_id FOR NO KEY UPDATE OF l
"""
_ROWS = f"""
FROM executions e WHERE e.id = ANY (ARRAY(
    SELECT unnest($1::uuid[]) UNION SELECT id FROM executions WHERE parent_id = ANY ($2::uuid[]) AND status IN {_OPEN}))
ORDER BY e.id FOR UPDATE OF e
"""
_LOCK_ROWS = f"SELECT e.id {_ROWS}"
# What joins the queue in this transaction, and what leaves a lease, is then left for `_ADMIT`.
_LOCK_ROWS_ADMIT_LATER = f"""
SELECT e.user_id, (SELECT set_config('weft.admit_later', 'on', true) FROM concurrency_limits c
    WHERE c.user_id = e.user_id LIMIT 1) IS NOT NULL AS limited {_ROWS}
"""
_ADMIT = "SELECT admit_held($1::uuid[])"
# The k-th open child of a parent takes its turn with the k-th in line of every user.
_CHILDREN = f"""
WITH c AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, semantics, run_left_s, parent_id,
            parent_node, parent_index, root_id, depth)
        SELECT r.id, p.user_id, r.graph_id, r.version_id, r.graph_version, r.semantics, r.run_left_s, p.id, r.node, r.index,
            r.root_id, r.depth
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::int2[], $7::float8[], $8::int2[], $9::int[],
            $10::uuid[], $11::int2[])
            AS r(id, parent_id, graph_id, version_id, graph_version, semantics, run_left_s, node, index, root_id, depth)
        JOIN executions p ON p.id = r.parent_id
        ON CONFLICT DO NOTHING RETURNING id, user_id, parent_id, parent_node, parent_index),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, given, context)
        SELECT c.id, c.user_id, r.inputs::json, r.given::json, r.context::json
        FROM unnest($1::uuid[], $12::text[], $13::text[], $14::text[]) AS r(id, inputs, given, context) JOIN c ON c.id = r.id),
 o AS (SELECT parent_id, count(*) AS before FROM executions WHERE parent_id = ANY ($2::uuid[]) AND status IN {_OPEN}
        GROUP BY parent_id)
SELECT enqueue_execution(id, user_id, true, behind) FROM (
    SELECT c.id, c.user_id, coalesce(o.before, 0)
        + row_number() OVER (PARTITION BY c.parent_id ORDER BY c.parent_index, c.parent_node) - 1 AS behind
    FROM c LEFT JOIN o ON o.parent_id = c.parent_id ORDER BY c.user_id, behind) q
"""
_ANSWER_PARENTS = """
INSERT INTO execution_answers (execution_id, wait_key, user_id, data)
SELECT e.parent_id, 'child:' || e.id, e.user_id,
    json_build_object('execution_id', e.id, 'status', e.status, 'error', e.error, 'cost_micro', e.cost_micro,
        'version_id', e.version_id)
FROM executions e JOIN executions p ON p.id = e.parent_id
WHERE e.id = ANY ($1::uuid[]) AND p.status IN ('queued', 'running', 'waiting')
ON CONFLICT DO NOTHING
"""
_WAKE_PARENTS = """
WITH u AS (UPDATE executions SET status = 'queued' WHERE status = 'waiting' AND id = ANY (ARRAY(
        SELECT parent_id FROM executions WHERE id = ANY ($1::uuid[]))) RETURNING id, user_id)
SELECT enqueue_execution(id, user_id, true) FROM (SELECT id, user_id FROM u ORDER BY user_id, id) q
"""
_QUEUE_WAITING_CHILDREN = """
WITH w AS (UPDATE executions SET status = 'queued' WHERE parent_id = ANY ($1::uuid[]) AND status = 'waiting'
        RETURNING id, user_id)
SELECT enqueue_execution(id, user_id, true) FROM (SELECT id, user_id FROM w ORDER BY user_id, id) q
"""
_REQUEST_CANCEL = f"""
UPDATE executions SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
WHERE parent_id = ANY ($1::uuid[]) AND status IN {_OPEN}
"""
_TREE = f"""
WITH RECURSIVE tree AS (SELECT id FROM executions WHERE id = $1
    UNION ALL SELECT e.id FROM executions e JOIN tree t ON e.parent_id = t.id WHERE e.status IN {_OPEN})
SELECT id FROM tree
"""
_PARENT = "SELECT parent_id FROM executions WHERE id = $1 AND parent_id IS NOT NULL"


def is_family(batch: Batch) -> bool:
    """Return whether a batch touches executions beside its own."""
    return bool(batch.children) or batch.parent_id is not None or batch.orphans


async def lock(connection: asyncpg.Connection, batches: Sequence[Batch], worker: int) -> set[UUID]:
    """Lock what a flush of these batches will touch, in the one order that everybody keeps; return users with limits."""
    await connection.fetch(_LOCK_LEASES, [b.execution_id for b in batches], [b.token for b in batches], worker)
    ids = {b.execution_id for b in batches} | {b.parent_id for b in batches if b.parent_id is not None}
    rows = await connection.fetch(_LOCK_ROWS_ADMIT_LATER, list(ids), [b.execution_id for b in batches if b.orphans])
    return {row["user_id"] for row in rows if row["limited"]}


async def lock_rows(connection: asyncpg.Connection, ids: Iterable[UUID]) -> None:
    """Lock executions, in order of id."""
    await connection.fetch(_LOCK_ROWS, list(ids), [])


async def tree(connection: asyncpg.Connection, execution_id: UUID) -> list[UUID]:
    """Return an execution, and all below it that have not ended."""
    return [row["id"] for row in await connection.fetch(_TREE, execution_id)]


async def parent_of(connection: asyncpg.Connection, execution_id: UUID) -> list[UUID]:
    """Return who called an execution: one, or none."""
    return [row["parent_id"] for row in await connection.fetch(_PARENT, execution_id)]


async def write(connection: asyncpg.Connection, batches: Sequence[Batch], limited: Collection[UUID]) -> None:
    """Queue the children of these batches, answer the parents, and cancel the children of those that end too early.

    `limited` is what `lock` returned: the places of these users are given out at the end.
    """
    children = [(batch.execution_id, child) for batch in batches for child in batch.children]
    if children:
        await connection.execute(_CHILDREN, *_child_columns(children))
        failpoint("family.children_queued")
    called = [batch.execution_id for batch in batches if batch.parent_id is not None]
    if called:
        await tell_parents(connection, called)
        await connection.execute(_WAKE_PARENTS, called)
        failpoint("family.parents_told")
    parents = [batch.execution_id for batch in batches if batch.orphans]
    if parents:
        # Waiting ones are queued, so that a worker writes their end.
        await connection.execute(_REQUEST_CANCEL, parents)
        await connection.execute(_QUEUE_WAITING_CHILDREN, parents)
        failpoint("family.orphans_asked")
    if limited:
        await connection.execute(_ADMIT, list(limited))


async def tell_parents(connection: asyncpg.Connection, ended: Sequence[UUID]) -> None:
    """Write how executions ended as answers to those that called them; the rows of all must be locked."""
    await connection.execute(_ANSWER_PARENTS, ended)


def _child_columns(children: Sequence[tuple[UUID, Child]]) -> list[Sequence[object]]:
    rows = [
        (
            child.id,
            parent,
            child.graph_id,
            child.version_id,
            child.graph_version,
            child.semantics,
            child.run_limit_s,
            child.node,
            child.index,
            child.root_id,
            child.depth,
            child.inputs,
            child.given,
            child.context,
        )
        for parent, child in children
    ]
    return list(zip(*rows, strict=True))
