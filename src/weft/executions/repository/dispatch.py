"""Dispatch on PostgreSQL: queue, leases, workers and timers; docs/design/dispatch.md has the reasons.

Three habits matter here. `= ANY (ARRAY(SELECT … LIMIT n FOR UPDATE SKIP LOCKED))` runs the sub-select once in every plan;
`IN (SELECT …)` may run it per row and claim more than n. Locks are always taken in the order leases or queue, then
executions. All clocks are the database's. Rows of several users join the queue in order of user, for the locks of users with
limits are taken on the way.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson

from weft.executions.dispatch import Sweep
from weft.executions.ports import Claim, Start
from weft.executions.repository.line import Connect, Line
from weft.failpoints import failpoint

_CLAIMED = """
    id, token, user_id, graph_id, version_id, seq, semantics, claims_without_progress, parent_id, root_id, depth,
    cancel_requested_at IS NOT NULL AS cancel_requested,
    extract(epoch FROM deadline_at - clock_timestamp())::float8 AS seconds_left
"""
# Who was swept takes nothing: all would be taken from it again. What it takes while a sweep of it is under way, the next one
# finds.
_CLAIM = """
WITH d AS (DELETE FROM queue WHERE EXISTS (SELECT FROM workers WHERE id = $1) AND ctid = ANY (ARRAY(
        SELECT ctid FROM queue WHERE {which} ORDER BY rank, execution_id LIMIT $2 FOR UPDATE SKIP LOCKED))
        RETURNING execution_id, rank, limited),
 u AS (UPDATE executions SET status = 'running', worker = $1, token = token + 1, attempts = attempts + 1,
        claims_without_progress = claims_without_progress + 1,
        started_at = coalesce(started_at, clock_timestamp()),
        deadline_at = coalesce(deadline_at, clock_timestamp() + make_interval(secs => run_left_s))
        WHERE id = ANY (ARRAY(SELECT execution_id FROM d)) AND status = 'queued'
        RETURNING {columns}),
 o AS (SELECT execution_id, min(rank) AS rank, bool_or(limited) AS limited FROM d GROUP BY execution_id),  -- it may stand twice
 l AS (INSERT INTO leases (execution_id, worker, token, user_id, limited)
        SELECT u.id, $1, u.token, u.user_id, o.limited FROM u JOIN o ON o.execution_id = u.id)
SELECT u.*, o.rank, (SELECT ARRAY[s.given::text, s.context::text] FROM execution_data s
        WHERE u.seq = 0 AND s.execution_id = u.id AND pg_column_size(s.given) + pg_column_size(s.context) <= 8192) AS start
FROM u JOIN o ON o.execution_id = u.id
"""
_CLAIM_ANY = _CLAIM.format(columns=_CLAIMED, which="rank >= $3")
_CLAIM_ONLY = _CLAIM.format(
    columns=_CLAIMED,
    which="""execution_id IN (WITH RECURSIVE tree AS (SELECT unnest($3::uuid[]) AS id
            UNION SELECT e.id FROM executions e JOIN tree t ON e.parent_id = t.id) SELECT id FROM tree)""",
)

_CLAIMED_UNHEARD = f"""
SELECT {_CLAIMED} FROM executions
WHERE id IN (SELECT execution_id FROM leases WHERE worker = $1 AND execution_id <> ALL ($2::uuid[]))
"""

_LOCK_OWN_NAME = "SELECT pg_try_advisory_lock($1)"
_REGISTER = """
INSERT INTO workers (id, beat, ttl, server_start) VALUES ($1, clock_timestamp(), $2, pg_postmaster_start_time())
ON CONFLICT (id) DO UPDATE SET beat = excluded.beat, server_start = excluded.server_start
"""
_BEAT = "UPDATE workers SET beat = clock_timestamp() WHERE id = $1 RETURNING (SELECT count(*) FROM workers)"

# A worker is dead when its beat is too old, or when its advisory lock is free: the kernel closed its connection. A restart
# of the server frees the locks of the living too, so for a while after it the lock says nothing: whoever lives connects
# again within a second or two, and then holds its lock and has a new `server_start`.
# Without its lease nobody can write into a journal, so the sweep may: a flush under way has ended when the lease is deleted,
# and a later one finds none.
_SWEEP = """
WITH dead AS (SELECT id FROM workers WHERE id <> $1 AND (beat < clock_timestamp() - ttl
        OR CASE WHEN server_start = pg_postmaster_start_time()
                OR clock_timestamp() > pg_postmaster_start_time() + interval '4 seconds'
            THEN pg_try_advisory_xact_lock(id) ELSE false END)
        FOR UPDATE SKIP LOCKED),
 l AS (DELETE FROM leases le WHERE worker = ANY (ARRAY(SELECT id FROM dead))
        OR NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = le.worker) RETURNING execution_id),
 u AS (UPDATE executions SET status = 'queued', worker = NULL, token = token + 1, seq = seq + 1
        WHERE id = ANY (ARRAY(SELECT execution_id FROM l)) AND status = 'running' RETURNING id, user_id, seq),
 v AS (INSERT INTO execution_events (execution_id, user_id, seq, kind) SELECT id, user_id, seq, 'worker_lost' FROM u),
 w AS (DELETE FROM workers WHERE id = ANY (ARRAY(SELECT id FROM dead)))
SELECT enqueue_execution(id, user_id, true) FROM (SELECT id, user_id FROM u ORDER BY user_id, id) q
"""
_BACK = """
WITH l AS (DELETE FROM leases WHERE execution_id = $1 AND token = $2 AND worker = $3 RETURNING execution_id, user_id),
 u AS (UPDATE executions SET status = 'queued', worker = NULL, claims_without_progress = 0
        WHERE id = ANY (ARRAY(SELECT execution_id FROM l)) AND status = 'running' RETURNING id, user_id)
SELECT enqueue_execution(id, user_id, true) FROM u
"""
_DUE = """
DELETE FROM timers WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM timers WHERE run_at <= clock_timestamp() ORDER BY run_at LIMIT 500 FOR UPDATE SKIP LOCKED))
RETURNING execution_id, wait_key, user_id
"""
_LOCK_EXECUTIONS = "SELECT id FROM executions WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE"
_INSERT_ANSWERS = """
INSERT INTO execution_answers (execution_id, wait_key, user_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING
"""
_WAKE = """
WITH u AS (UPDATE executions SET status = 'queued' WHERE id = ANY ($1::uuid[]) AND status = 'waiting'
        RETURNING id, user_id)
SELECT enqueue_execution(id, user_id, true) FROM (SELECT id, user_id FROM u ORDER BY user_id, id) q
"""
# Nobody lets go of a place any more, though there is a free one: a limit changed while somebody was letting go of it.
_USERS_HELD = """
WITH RECURSIVE users AS (
    (SELECT user_id, 1 AS n FROM held WHERE user_id > $1 ORDER BY user_id LIMIT 1)
    UNION ALL SELECT further.user_id, u.n + 1 FROM users u, LATERAL (
        SELECT user_id FROM held WHERE user_id > u.user_id ORDER BY user_id LIMIT 1) further WHERE u.n < 20)
SELECT user_id FROM users
"""
_ADMIT = "SELECT admit_held($1::uuid[])"
_FORGET_KEYS = """
DELETE FROM start_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM start_keys WHERE created_at < clock_timestamp() - interval '24 hours'
    ORDER BY created_at LIMIT 1000))
"""
_NEXT_TIMER = "SELECT extract(epoch FROM min(run_at) - clock_timestamp())::float8 FROM timers"
_FORGET_EVERY_S = 60.0
_NOBODY = UUID(int=0)
_FROM_THE_HEAD = -(2**62)
_LOOK_BEHIND = 1000
_FROM_THE_HEAD_EVERY_S = 2.0


@dataclass(slots=True)
class _Cursor:
    """From which rank on a claim looks: dead rows before it need not be waded through again and again.

    What was put back at the head, or committed late, may lie before it: so now and then the look begins at the head.
    """

    rank: int = _FROM_THE_HEAD
    looked_at: float = 0.0

    def begin(self, now: float) -> int:
        """Return where to look from, at `now` in seconds."""
        if now - self.looked_at >= _FROM_THE_HEAD_EVERY_S:
            self.rank = _FROM_THE_HEAD
        if self.rank == _FROM_THE_HEAD:
            self.looked_at = now
        return self.rank

    def claimed(self, ranks: Sequence[int], wanted: int) -> None:
        """Take the ranks of a claim that wanted so many."""
        self.rank = min(ranks) - _LOOK_BEHIND if ranks and len(ranks) == wanted else _FROM_THE_HEAD


class PostgresDispatch:
    """Dispatch by the tables of one database, for one worker process.

    `worker` is a random 63-bit number: new for each process, and again after the process was declared dead. `known` is how
    many workers there were at the last beat, this one included.
    """

    def __init__(self, connect: Connect, *, ttl_s: float, patience_s: float = 120) -> None:
        self.worker = secrets.randbits(63)
        self.known = 1
        self._ttl = timedelta(seconds=ttl_s)
        self._line = Line(connect, patience_s=patience_s, greet=self._greet)
        self._registered = False
        self._claim_unheard = False
        self._cursor = _Cursor()
        self._forgot_at = 0.0
        self._admitted_to = _NOBODY

    async def _greet(self, connection: asyncpg.Connection) -> None:
        # The lock comes first: a row whose lock is free would look like a dead worker's.
        await connection.fetchval(_LOCK_OWN_NAME, self.worker)
        if not self._registered:
            await connection.execute(_REGISTER, self.worker, self._ttl)
            failpoint("worker.registered")
            self._registered = True
        else:
            await connection.execute(
                "UPDATE workers SET server_start = pg_postmaster_start_time() WHERE id = $1", self.worker
            )

    def connected(self) -> bool:
        """Return whether the connection that stands for this worker's life is up."""
        return self._line.alive()

    async def take(self, limit: int, *, only: Sequence[UUID] | None = None, held: Sequence[UUID] = ()) -> list[Claim]:
        """Claim up to `limit` queued executions, in fair order; with `only`, none but those and whom they call."""

        async def claim(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            if self._claim_unheard:
                unheard = await connection.fetch(_CLAIMED_UNHEARD, self.worker, list(held))
                self._claim_unheard = False
                if unheard:
                    return unheard
            self._claim_unheard = True
            failpoint("claim.sent")
            if only is None:
                claimed = await self._claim_any(connection, limit)
            else:
                claimed = await connection.fetch(_CLAIM_ONLY, self.worker, limit, list(only))
            failpoint("claim.committed")
            self._claim_unheard = False
            return claimed

        rows = await self._line.call(claim)
        return [
            Claim(
                execution_id=row["id"],
                token=row["token"],
                user_id=row["user_id"],
                graph_id=row["graph_id"],
                version_id=row["version_id"],
                seq=row["seq"],
                semantics=row["semantics"],
                claims_without_progress=row["claims_without_progress"],
                cancel_requested=row["cancel_requested"],
                seconds_left=row["seconds_left"],
                parent_id=row["parent_id"],
                root_id=row["root_id"],
                depth=row["depth"],
                start=_start(row.get("start")),
            )
            for row in rows
        ]

    async def _claim_any(self, connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
        start = self._cursor.begin(asyncio.get_running_loop().time())
        claimed = await connection.fetch(_CLAIM_ANY, self.worker, limit, start)
        if len(claimed) < limit and start != _FROM_THE_HEAD:
            claimed += await connection.fetch(_CLAIM_ANY, self.worker, limit - len(claimed), _FROM_THE_HEAD)
        self._cursor.claimed([row["rank"] for row in claimed], limit)
        return claimed

    async def working(self) -> bool:
        """Beat; False when this worker was declared dead meanwhile, and is nobody until `reborn`."""

        async def beat(connection: asyncpg.Connection) -> int | None:
            failpoint("beat.sent")
            known: int | None = await connection.fetchval(_BEAT, self.worker)
            return known

        known = await self._line.call(beat)
        self.known = known or self.known
        return known is not None

    async def reborn(self) -> None:
        """Become a new worker, with a new number, after having been declared dead."""
        await self._line.close()
        self.worker = secrets.randbits(63)
        self._registered = False
        await self.working()

    async def back(self, execution_id: UUID, token: int) -> None:
        """Return an execution to the head of the queue; nothing happens when it is not this worker's any more."""

        async def give_back(connection: asyncpg.Connection) -> None:
            failpoint("back.sent")
            await connection.execute(_BACK, execution_id, token, self.worker)
            failpoint("back.committed")

        await self._line.call(give_back)

    async def sweep(self) -> Sweep:
        """Requeue what dead workers held, wake what is due."""
        return await self._line.call(self._sweep)

    async def _sweep(self, connection: asyncpg.Connection) -> Sweep:
        failpoint("sweep.begun")
        requeued = len(await connection.fetch(_SWEEP, self.worker))
        failpoint("sweep.requeued")
        woken = await _wake_due(connection)
        woken += await self._admit(connection)
        now = asyncio.get_running_loop().time()
        if now - self._forgot_at > _FORGET_EVERY_S:
            self._forgot_at = now
            await connection.execute(_FORGET_KEYS)
        return Sweep(requeued, woken, await connection.fetchval(_NEXT_TIMER))

    async def _admit(self, connection: asyncpg.Connection) -> int:
        """Look for free places of some users whose executions are held back; each sweep those of others."""
        users = [row["user_id"] for row in await connection.fetch(_USERS_HELD, self._admitted_to)]
        self._admitted_to = users[-1] if users else _NOBODY
        return int(await connection.fetchval(_ADMIT, users)) if users else 0

    async def depth(self) -> int:
        """Return how many executions wait for a worker."""

        async def count(connection: asyncpg.Connection) -> int:
            return int(await connection.fetchval("SELECT count(*) FROM queue"))

        return await self._line.call(count)

    async def close(self) -> None:
        """Leave: the worker's row goes, so that nobody has to sweep it."""
        if self._registered and self._line.alive():

            async def leave(connection: asyncpg.Connection) -> None:
                await connection.execute("DELETE FROM workers WHERE id = $1", self.worker)
                failpoint("worker.left")

            await self._line.call(leave)
        await self._line.close()


def _start(texts: list[str] | None) -> Start | None:
    return None if texts is None else Start(*map(orjson.loads, texts))


async def _wake_due(connection: asyncpg.Connection) -> int:
    """Answer the waits whose time has come; the rows are locked before the answers are written (engine rule 33)."""
    async with connection.transaction():
        due = await connection.fetch(_DUE)
        if not due:
            return 0
        failpoint("timers.taken")
        ids = [row["execution_id"] for row in due]
        await connection.execute(_LOCK_EXECUTIONS, ids)
        await connection.execute(
            _INSERT_ANSWERS, ids, [row["wait_key"] for row in due], [row["user_id"] for row in due]
        )
        await connection.execute(_WAKE, ids)
        failpoint("timers.answered")
    failpoint("timers.committed")
    return len(due)
