"""Lists of executions: right on each page, and as quick for a status that nobody has as for any other."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.engine.crowd import Crowd
from tests.engine.scene import Scene
from tests.engine.toys import ROOMY
from weft.db.base import new_id
from weft.db.transaction import Transaction
from weft.executions.limits import Limits
from weft.executions.repository import views
from weft.executions.types import ExecutionStatus

_PAST = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, status, created_at, started_at,
            ended_at, error)
        SELECT r.id, $2, $3, $4, 1, r.status, r.at, r.at, CASE WHEN r.status <> 'waiting' THEN r.at END,
            CASE r.status WHEN 'failed' THEN '{"code": "BLOCK_ERROR", "message": "no"}'::json END
        FROM unnest($1::uuid[], $5::text[], $6::timestamptz[]) AS r(id, status, at) RETURNING id)
INSERT INTO execution_data (execution_id, user_id, inputs, given, context) SELECT id, $2, '{}', '{}', '{}' FROM e
"""
_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
_HISTORY = 20_000
_STATUSES = list(ExecutionStatus)


@pytest.fixture
def limits() -> Limits:
    return ROOMY


@pytest.fixture
def crowd(scene: Scene) -> Crowd:
    """Nobody yet."""
    return Crowd(scene)


@pytest.fixture
async def owner(crowd: Crowd) -> UUID:
    """A user with a graph."""
    return await crowd.user()


async def remember(crowd: Crowd, user_id: UUID, past: list[tuple[str, datetime]]) -> list[UUID]:
    """Write executions that wait or have ended."""
    version = crowd.versions[user_id]
    ids = [new_id() for _ in past]
    statuses, times = [status for status, _ in past], [at for _, at in past]
    await crowd.scene.fetch(_PAST, ids, user_id, version.graph_id, version.id, statuses, times)
    return ids


async def listed(tx: Transaction, user_id: UUID, *, limit: int = 100, **wanted: Any) -> list[UUID]:
    """Return the ids on all pages."""
    found: list[views.ExecutionRecord] = []
    options = {"statuses": None, "dead": False, "orphans": False} | wanted
    while True:
        after = (found[-1].created_at, found[-1].id) if found else None
        page = await views.find_page(tx, user_id, after=after, limit=limit, **options)
        assert len(page) <= limit
        if not page:
            return [record.id for record in found]
        found += page


async def everything(crowd: Crowd, user_id: UUID) -> list[Any]:
    """Return status and id of all executions of a user, newest first."""
    return await crowd.scene.fetch(
        "SELECT id, status FROM executions WHERE user_id = $1 AND parent_id IS NULL ORDER BY created_at DESC, id DESC",
        user_id,
    )


async def test_pages_of_any_statuses_together_are_the_list_of_those_statuses(crowd: Crowd, owner: UUID) -> None:
    rng = random.Random(5)
    other = await crowd.user()
    ended = ("completed", "failed", "cancelled", "timeout", "waiting")
    for user_id in (owner, other):
        # Several at one moment: the id decides among them.
        past = [(rng.choice(ended), _MONDAY + timedelta(seconds=rng.randrange(20))) for _ in range(80)]
        await remember(crowd, user_id, past)
        await crowd.start(user_id, 20)
    await crowd.limit(owner, 7)  # the others are held back
    async with crowd.hands(1) as (hand,):
        await hand.take(10)
        all_of_them = await everything(crowd, owner)
        assert {row["status"] for row in all_of_them} == {*_STATUSES}

        async with crowd.scene.platform.database.transaction(owner) as tx:
            for _ in range(40):
                wanted = rng.sample(_STATUSES, rng.randint(1, len(_STATUSES)))
                expected = [row["id"] for row in all_of_them if row["status"] in wanted]
                assert await listed(tx, owner, limit=rng.choice((1, 3, 50)), statuses=wanted) == expected
            assert await listed(tx, owner, limit=3) == [row["id"] for row in all_of_them]


@pytest.mark.parametrize("newer", [0, 1_990, 3_000])
async def test_much_that_is_queued_is_listed_page_by_page(crowd: Crowd, owner: UUID, newer: int) -> None:
    (old,) = await remember(crowd, owner, [("waiting", _MONDAY)])
    started = await crowd.start(owner, 2_500)
    open_ = [ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.WAITING]
    async with crowd.hands(1) as (hand,):
        ran = {claim.execution_id for claim in await hand.take(20)}
        newest_first = sorted(started, reverse=True)
        await remember(crowd, owner, [("completed", datetime.now(UTC) + timedelta(days=1))] * newer)

        async with crowd.scene.platform.database.transaction(owner) as tx:
            found = await listed(tx, owner, limit=700, statuses=open_)
            queued = await listed(tx, owner, limit=700, statuses=open_[:1])
            running = await listed(tx, owner, limit=3, statuses=open_[1:2])

    assert found == [*newest_first, old]
    assert queued == [id for id in newest_first if id not in ran]
    assert running == [id for id in newest_first if id in ran]


async def test_called_executions_are_listed_only_when_their_outermost_caller_has_ended(
    crowd: Crowd, owner: UUID
) -> None:
    caller, gone = await remember(crowd, owner, [("waiting", _MONDAY), ("failed", _MONDAY)])
    children = await crowd.start(owner, 4)
    waiting = await remember(crowd, owner, [("waiting", _MONDAY)] * 2)
    for child, parent in zip([*children, *waiting], [caller, gone] * 3, strict=True):
        await crowd.scene.fetch("UPDATE executions SET parent_id = $2, root_id = $2 WHERE id = $1", child, parent)
    open_ = [ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.WAITING]

    async with crowd.scene.platform.database.transaction(owner) as tx:
        assert await listed(tx, owner) == sorted([caller, gone], reverse=True)
        assert set(await listed(tx, owner, statuses=open_)) == {caller}
        found = await listed(tx, owner, statuses=open_, orphans=True)

    assert set(found) == {caller, children[1], children[3], waiting[1]}


async def test_the_dead_are_those_of_which_a_firing_or_no_firing_ended_its_workers(crowd: Crowd, owner: UUID) -> None:
    named, nameless, _ = await remember(
        crowd, owner, [("completed", _MONDAY), ("failed", _MONDAY), ("failed", _MONDAY)]
    )
    lost = orjson.dumps({"code": "WORKER_LOST", "message": "gone"}).decode()
    await crowd.scene.fetch(
        """INSERT INTO node_executions (execution_id, user_id, node, index, seq_end, status, outcome, attempt, started_at, inputs,
            error)
        VALUES ($1, $2, 0, 0, 1, 'failed', 'error', 1, now(), '[]', $3::text::json)""",
        named,
        owner,
        lost,
    )
    await crowd.scene.fetch("UPDATE executions SET error = $2::text::json WHERE id = $1", nameless, lost)

    async with crowd.scene.platform.database.transaction(owner) as tx:
        assert set(await listed(tx, owner, dead=True)) == {named, nameless}
        assert await listed(tx, owner, dead=True, statuses=[ExecutionStatus.COMPLETED]) == [named]


async def test_no_list_reads_the_history_in_search_of_what_nobody_has(crowd: Crowd, owner: UUID) -> None:
    past = [("completed" if n % 50 else "failed", _MONDAY + timedelta(seconds=n)) for n in range(_HISTORY)]
    ids = await remember(crowd, owner, past)
    await crowd.scene.fetch("ANALYZE executions")
    middle = (past[_HISTORY // 2][1], ids[_HISTORY // 2])
    read: dict[str, int] = {}

    async with crowd.scene.platform.database.transaction(owner) as tx:
        lists: dict[str, dict[str, Any]] = {
            **{str(status): {"statuses": [status]} for status in _STATUSES},
            "all": {},
            "dead": {"dead": True},
            "open": {"statuses": _STATUSES[:3], "orphans": True},
        }
        for name, wanted in lists.items():
            options: dict[str, Any] = {"statuses": None, "dead": False, "orphans": False} | wanted
            for after in (None, middle):
                before = await _pages_read(tx)
                await views.find_page(tx, owner, after=after, limit=20, **options)
                read[name] = max(read.get(name, 0), await _pages_read(tx) - before)

    assert max(read.values()) < 250, read  # the table has a thousand pages


async def _pages_read(tx: Transaction) -> int:
    """Return how many pages of tables and indexes, but for the catalogue's, this transaction has looked at."""
    return int(
        await tx.raw.fetchval(
            "SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
    )


async def test_on_its_way_to_a_good_end_an_execution_writes_no_index_anew(crowd: Crowd, owner: UUID) -> None:
    await crowd.start(owner, 10)
    async with crowd.hands(1) as (hand,):
        await hand.end(await hand.take(10))  # leaving, it hands in what it counted

    await crowd.scene.until(
        "SELECT 1 FROM pg_stat_user_tables WHERE relname = 'executions' AND n_tup_upd = 20 AND n_tup_hot_upd = 20"
    )
