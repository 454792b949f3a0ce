"""Who may start what: requests that were made before, room in the queue, limits, and where in line something stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from weft.db.base import new_id
from weft.db.transaction import Transaction, affected_rows

_FIND_START = "SELECT execution_id, request_hash FROM start_keys WHERE user_id = $1 AND request_key = $2"
_CLAIM_START = """
INSERT INTO start_keys (user_id, request_key, request_hash, execution_id) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING execution_id
"""
# Ranks and places of one user follow each other almost without gaps, so two ends tell how many there are, rather too many than
# too few. Only who may be near the bound is counted.
_IN_LINE = """
SELECT CASE WHEN ends < $2::int THEN ends ELSE (SELECT count(*) FROM (
    SELECT FROM queue WHERE user_id = $1 UNION ALL SELECT FROM held WHERE user_id = $1 LIMIT $2) waiting) END
FROM (SELECT
    coalesce((SELECT rank FROM queue WHERE user_id = $1 ORDER BY rank DESC LIMIT 1)
        - (SELECT rank FROM queue WHERE user_id = $1 ORDER BY rank LIMIT 1) + 1, 0)
    + coalesce((SELECT sum(
            (SELECT place FROM held WHERE user_id = $1 AND priority = p ORDER BY place DESC LIMIT 1)
            - (SELECT place FROM held WHERE user_id = $1 AND priority = p ORDER BY place LIMIT 1) + 1)
        FROM unnest('{2,1,0,-1}'::int2[]) p), 0) AS ends) line
"""
_IS_QUEUE_FULL = "SELECT is_queue_full($1)"
_SET_LIMIT = """
INSERT INTO concurrency_limits (id, user_id, graph_id, per_key, most) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (user_id, graph_id, per_key) DO UPDATE SET most = excluded.most
"""
_REMOVE_LIMIT = """
DELETE FROM concurrency_limits WHERE user_id = $1 AND graph_id IS NOT DISTINCT FROM $2 AND per_key = $3
"""
_LIMITS = """
WITH taken AS (SELECT e.graph_id, e.key FROM executions e WHERE e.id = ANY (ARRAY(
        SELECT execution_id FROM queue WHERE user_id = $1 AND limited
        UNION ALL SELECT execution_id FROM leases WHERE user_id = $1 AND limited)))
SELECT c.graph_id, g.name AS graph_name, c.per_key, c.most,
    (SELECT count(*) FROM taken t WHERE (c.graph_id IS NULL OR t.graph_id = c.graph_id)
        AND (NOT c.per_key OR t.key IS NOT NULL)) AS taken,
    (SELECT count(*) FROM held h WHERE h.user_id = $1 AND (c.graph_id IS NULL OR h.graph_id = c.graph_id)
        AND (NOT c.per_key OR h.key <> '')) AS held
FROM concurrency_limits c LEFT JOIN graphs g ON g.id = c.graph_id
WHERE c.user_id = $1 ORDER BY g.name NULLS FIRST, c.graph_id, c.per_key
"""
_PLACES = "SELECT execution, is_held, ahead, graph, per_key, most FROM places_of($1)"
_IS_ANYBODY_THERE = """
SELECT EXISTS (SELECT FROM workers WHERE role = 'worker' AND NOT draining AND beat > clock_timestamp() - ttl)
"""


@dataclass(frozen=True, slots=True)
class ConcurrencyLimit:
    """At most `most` executions of a user at once.

    Attributes:
        graph_id: Only those of this graph; None is of all graphs.
        graph_name: That graph's name.
        per_key: So many for each key that starts were given; those without a key are not counted.
        taken: How many it counts now; for `per_key`, of all keys together.
        held: How many of those that it counts are held back, by this limit or another one.
    """

    graph_id: UUID | None
    graph_name: str | None
    per_key: bool
    most: int
    taken: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an execution stands that no worker has taken yet.

    Attributes:
        ahead: How many stand before it in the queue, counted to a thousand; None when it is held back.
        limit: What holds it back; None when it stands in the queue, or is about to.
    """

    ahead: int | None
    limit: ConcurrencyLimit | None


async def find_start(tx: Transaction, user_id: UUID, request_key: str) -> tuple[UUID, bytes] | None:
    """Return the execution that was started under this key, and the hash of what was asked; None if none was."""
    row = await tx.raw.fetchrow(_FIND_START, user_id, request_key)
    return None if row is None else (row["execution_id"], row["request_hash"])


async def claim_start(
    tx: Transaction, user_id: UUID, request_key: str, *, request_hash: bytes, execution_id: UUID
) -> bool:
    """Write that this execution was started under this key; False, and nothing written, when another one was.

    Who starts under the same key at the same time waits for the end of that transaction.
    """
    return await tx.raw.fetchval(_CLAIM_START, user_id, request_key, request_hash, execution_id) is not None


async def count_in_line(tx: Transaction, user_id: UUID, near: int) -> int:
    """Return how many executions of a user wait for a worker or are held back: at most `near`, below it roughly."""
    return int(await tx.raw.fetchval(_IN_LINE, user_id, near))


async def is_queue_full(tx: Transaction, most: int) -> bool:
    """Return whether so many executions of all users wait for a worker or are held back."""
    return bool(await tx.raw.fetchval(_IS_QUEUE_FULL, most))


async def set_limit(tx: Transaction, user_id: UUID, *, graph_id: UUID | None, per_key: bool, most: int) -> None:
    """Write a limit, in place of an earlier one; it holds at once, also for what stands in the queue."""
    await tx.raw.execute(_SET_LIMIT, new_id(), user_id, graph_id, per_key, most)


async def remove_limit(tx: Transaction, user_id: UUID, *, graph_id: UUID | None, per_key: bool) -> bool:
    """Remove a limit and admit what it held back; return whether there was one."""
    return affected_rows(await tx.raw.execute(_REMOVE_LIMIT, user_id, graph_id, per_key)) > 0


async def limits_of(tx: Transaction, user_id: UUID) -> list[ConcurrencyLimit]:
    """Return the user's limits, those for all graphs first, then by name of the graph."""
    return [ConcurrencyLimit(**dict(row)) for row in await tx.raw.fetch(_LIMITS, user_id)]


async def places(tx: Transaction, execution_ids: Sequence[UUID]) -> tuple[dict[UUID, Place], bool]:
    """Return where executions stand that wait for a worker or are held back, and whether there is any worker for them."""
    found = {}
    for row in await tx.raw.fetch(_PLACES, list(execution_ids)):
        limit = None if row["most"] is None else ConcurrencyLimit(row["graph"], None, row["per_key"], row["most"])
        found[row["execution"]] = Place(row["ahead"], limit)
    return found, bool(await tx.raw.fetchval(_IS_ANYBODY_THERE))
