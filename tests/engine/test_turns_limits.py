"""Limits of users, graphs and keys hold exactly, and whoever lets go of a place lets the next one in."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection
from uuid import UUID

import pytest

from tests.engine.crowd import Crowd, Hand
from tests.engine.scene import Scene, graph
from tests.engine.test_recovery import ASK
from tests.engine.toys import ROOMY
from weft.errors import InvalidInput
from weft.executions.concurrency import list_limits
from weft.executions.errors import LimitNotFound
from weft.executions.limits import Limits
from weft.executions.loop import Ended
from weft.executions.ports import Claim
from weft.graphs.errors import GraphNotFound
from weft.users.types import LOCAL_OWNER

_RUNNING = """
SELECT l.user_id, e.graph_id, e.key, count(*) AS count FROM leases l JOIN executions e ON e.id = l.execution_id GROUP BY 1, 2, 3
"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@pytest.fixture
def limits() -> Limits:
    return ROOMY


@pytest.fixture
def crowd(scene: Scene) -> Crowd:
    """Nobody yet."""
    return Crowd(scene)


async def held(crowd: Crowd) -> int:
    """Return how many executions are held back."""
    return await crowd.count("held")


async def take_one(hand: Hand) -> Claim:
    """Claim one execution, which must be there."""
    (claim,) = await hand.take(1)
    return claim


async def test_a_limit_holds_back_and_the_end_of_one_lets_the_next_one_in(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.limit(user, 2)
    ids = await crowd.start(user, 5)
    assert (await crowd.line(), await held(crowd)) == (ids[:2], 3)

    async with crowd.hands(1) as (hand,):
        first, second = await hand.take(5)
        assert (await crowd.line(), await hand.take(5)) == ([], [])
        await hand.end([second])
        assert await crowd.line() == [ids[2]]
        await hand.end([first, await take_one(hand)])
        assert await crowd.line() == ids[3:]
        assert await held(crowd) == 0


async def test_a_park_lets_the_next_one_in_and_what_is_woken_goes_before_those_held(crowd: Crowd) -> None:
    scene = crowd.scene
    await crowd.limit(LOCAL_OWNER, 1)
    first, second, third = [await scene.start(ASK, x=n) for n in range(3)]
    async with scene.working() as crew:
        for id in (first, second, third):
            await crew.until(id, Ended.PARKED)
    await scene.answer(first, "well", "a")
    await scene.answer(second, "well", "b")
    fourth = await scene.start(ASK, x=4)
    await scene.answer(third, "well", "c")

    order = []
    async with crowd.hands(1) as (hand,):
        while claims := await hand.take(5):
            order += [claim.execution_id for claim in claims]
            await hand.end(claims)

    assert order == [first, second, third, fourth]


async def test_a_cancel_lets_the_next_one_in_whether_it_was_queued_held_or_running(crowd: Crowd) -> None:
    scene = crowd.scene
    await crowd.limit(LOCAL_OWNER, 1)
    ids = [await scene.start(ASK, x=n) for n in range(5)]

    assert await scene.cancel(ids[0]) == "cancelled"  # in the queue
    assert await crowd.line() == [ids[1]]
    assert await scene.cancel(ids[2]) == "cancelled"  # held back
    assert (await crowd.line(), await held(crowd)) == ([ids[1]], 2)
    async with crowd.hands(1) as (hand,):
        claim = await take_one(hand)
        assert await scene.cancel(ids[1]) == "running"
        assert await crowd.line() == []
        await hand.end([claim])
    assert await crowd.line() == [ids[3]]


async def test_what_a_dead_worker_or_a_hand_over_returns_keeps_its_place(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.limit(user, 2)
    ids = await crowd.start(user, 4)
    async with crowd.hands(2) as (dead, sweeper):
        await dead.take(2)
        await dead.look_dead(crowd.scene)
        await sweeper.engine.dispatch.sweep()
        assert (set(await crowd.line()), await held(crowd)) == (set(ids[:2]), 2)

        claim = await take_one(sweeper)
        await sweeper.engine.dispatch.back(claim.execution_id, claim.token)
        assert (set(await crowd.line()), await held(crowd)) == (set(ids[:2]), 2)


async def test_a_limit_holds_at_once_and_its_end_lets_everything_in(crowd: Crowd) -> None:
    user, other = await crowd.user(), await crowd.user()
    ids = await crowd.start(user, 6)
    await crowd.start(other, 3)
    async with crowd.hands(1) as (hand,):
        running = [claim for claim in await hand.take(4) if claim.user_id == user]
        assert len(running) == 2
        await crowd.limit(user, 3)
        assert await crowd.count(f"queue WHERE user_id = '{user}'") == 1
        assert await held(crowd) == 3
        await crowd.limit(user, 1)
        assert await held(crowd) == 4
        await hand.end(running[:1])
        assert await held(crowd) == 4  # the other one that runs takes the only place
        await hand.end(running[1:])
        assert await held(crowd) == 3

    await crowd.limit(user, None)

    assert await held(crowd) == 0
    left = await crowd.scene.fetch(
        "SELECT execution_id FROM queue WHERE user_id = $1 ORDER BY rank, execution_id", user
    )
    assert [row["execution_id"] for row in left] == ids[2:]


async def test_limits_of_a_graph_and_of_a_key_leave_others_alone(crowd: Crowd) -> None:
    user = await crowd.user()
    one, two = crowd.versions[user], await crowd.graph(user)
    await crowd.limit(user, 2, graph_id=one.graph_id)
    await crowd.limit(user, 1, graph_id=two.graph_id, per_key=True)

    await crowd.start(user, 3, of=one)
    a = await crowd.start(user, 2, of=two, key="a")
    b = await crowd.start(user, 2, of=two, key="b")
    free = await crowd.start(user, 4, of=two)

    line = set(await crowd.line())
    assert (len(line), await held(crowd)) == (8, 3)
    assert {a[0], b[0], *free} <= line


async def test_many_held_of_one_key_do_not_stand_in_the_way_of_other_keys(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.limit(user, 1, per_key=True)
    busy = await crowd.start(user, 80, key="busy")
    quiet = await crowd.start(user, 2, key="quiet")
    async with crowd.hands(1) as (hand,):
        claims = {claim.execution_id: claim for claim in await hand.take(5)}
        assert set(claims) == {busy[0], quiet[0]}

        await hand.end([claims[quiet[0]]])

        assert await crowd.line() == [quiet[1]]


async def test_held_executions_are_let_in_by_urgency_and_in_order(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.limit(user, 1)
    first, *normal = await crowd.start(user, 3)
    low, high = await crowd.start(user, priority=-1), await crowd.start(user, priority=1)

    order = []
    async with crowd.hands(1) as (hand,):
        while claims := await hand.take(5):
            order += [claim.execution_id for claim in claims]
            await hand.end(claims)

    assert order == [first, *high, *normal, *low]


async def test_a_caller_that_waits_takes_no_place_from_what_it_calls(crowd: Crowd) -> None:
    scene = crowd.scene
    child = await scene.save(
        graph({"x": "toy.input", "d": "toy.double", "y": "toy.output"}, ["x.result -> d.value", "d.value -> y.value"]),
        key="child.json",
    )
    await crowd.limit(LOCAL_OWNER, 1)
    calling = graph(
        {"x": "toy.input", "call": ("agent.run", {"graph": str(child.graph_id)}), "y": "toy.output"},
        ["x.result -> call.inputs.x", "call.outputs.y -> y.value"],
    )
    ids = [await scene.start(calling, x=n) for n in range(3)]

    async with scene.working() as crew:
        for id in ids:
            await crew.until(id, Ended.FINISHED)

    assert [(await scene.get(id)).outputs["y"] for id in ids] == [[0], [2], [4]]


async def test_the_end_of_a_called_execution_lets_its_caller_in_at_once(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.limit(user, 1)
    caller, called = await crowd.start(user, 2)
    async with crowd.hands(1) as (hand,):
        await hand.engine.store.park(await take_one(hand), run_left_s=None)
        await crowd.scene.fetch("UPDATE executions SET parent_id = $1 WHERE id = $2", caller, called)

        await hand.end([await take_one(hand)], parent_id=caller)

        assert await crowd.line() == [caller]


async def test_limits_hold_exactly_under_sixteen_workers_and_nobody_waits_in_a_circle(crowd: Crowd) -> None:
    limited = [await crowd.user() for _ in range(4)]
    free = await crowd.user()
    for user in limited:
        await crowd.limit(user, 3)
        await crowd.limit(user, 1, graph_id=crowd.versions[user].graph_id, per_key=True)
    started: list[UUID] = [id for user in (*limited, free) for id in await crowd.start(user, 40)]
    ended: list[UUID] = []
    most: Counter[UUID] = Counter()
    broken: list[str] = []

    async def look(users: Collection[UUID]) -> None:
        rows = await crowd.scene.fetch(_RUNNING)
        count: Counter[UUID] = Counter()
        for row in rows:
            count[row["user_id"]] += row["count"]
            if row["user_id"] in users and row["key"] is not None and row["count"] > 1:
                broken.append(f"{row['count']} with one key")
        broken.extend(f"{count[user]} of one user" for user in users if count[user] > 3)
        for user in users:
            most[user] = max(most[user], count[user])

    async def start_more(user: UUID, rng: random.Random) -> None:
        for _ in range(10):
            started.extend(await crowd.start(user, rng.randint(1, 5), key=rng.choice([None, "a", "b"])))

    async def work(hand: Hand, rng: random.Random) -> None:
        idle = 0
        while idle < 3:
            claims = await hand.take(rng.randint(1, 6))
            await look(limited)
            rng.shuffle(claims)
            while claims:
                some = [claims.pop() for _ in range(min(len(claims), rng.randint(1, 3)))]
                ended.extend(await hand.end(some))
            idle = 0 if await crowd.count("queue") + await held(crowd) else idle + 1

    async with crowd.hands(16) as hands, asyncio.TaskGroup() as tasks:
        for number, user in enumerate(limited):
            tasks.create_task(start_more(user, random.Random(number)))
        for number, hand in enumerate(hands):
            tasks.create_task(work(hand, random.Random(number)))

    assert broken == []
    assert sorted(ended) == sorted(started)
    assert max(most.values()) == 3
    assert await crowd.count("queue") == await crowd.count("leases") == await held(crowd) == 0
    (row,) = await crowd.scene.fetch(_DEADLOCKS)
    assert row["deadlocks"] == 0


async def test_calls_cancels_and_ends_of_limited_users_make_no_deadlock_and_leave_nothing_held(crowd: Crowd) -> None:
    scene = crowd.scene
    child = await scene.save(ASK, key="child.json")
    calling = graph(
        {"x": "toy.input", "call": ("agent.run", {"graph": str(child.graph_id)}), "y": "toy.output"},
        ["x.result -> call.inputs.x", "call.outputs.y -> y.value"],
    )
    await crowd.limit(LOCAL_OWNER, 4)
    version = await scene.save(calling)
    ids = []
    for n in range(24):
        async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
            ids.append(await scene.platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={"x": n}))

    async with scene.working(), scene.working():
        await asyncio.gather(*(scene.cancel(id) for id in ids[::2]))
        for number in range(1, 24, 2):
            (waiting,) = await until_asked(scene, ids[number])
            await scene.answer(waiting, "well", number)
        await scene.until("SELECT 1 WHERE NOT EXISTS (SELECT FROM executions WHERE ended_at IS NULL)")

    assert [(await scene.get(id)).outputs["y"] for id in ids[1::2]] == [[n] for n in range(1, 24, 2)]
    assert await held(crowd) == await crowd.count("queue") == await crowd.count("leases") == 0
    (row,) = await scene.fetch(_DEADLOCKS)
    assert row["deadlocks"] == 0


async def until_asked(scene: Scene, execution_id: UUID) -> list[UUID]:
    """Return what an execution called, once that waits for a person."""
    await scene.until(f"SELECT 1 FROM executions WHERE parent_id = '{execution_id}' AND status = 'waiting'")
    return [row["id"] for row in await scene.fetch("SELECT id FROM executions WHERE parent_id = $1", execution_id)]


async def test_a_sweep_lets_in_what_stays_held_though_there_is_a_place(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.limit(user, 1)
    first, second = await crowd.start(user, 2)
    await crowd.scene.fetch("DELETE FROM queue WHERE execution_id = $1", first)  # nobody says so

    async with crowd.hands(1) as (hand,):
        assert (await hand.engine.dispatch.sweep()).woken == 1

    assert await crowd.line() == [second]


async def test_limits_are_listed_with_what_they_count(crowd: Crowd) -> None:
    scene = crowd.scene
    version = await scene.save(ASK)
    await crowd.limit(LOCAL_OWNER, 5)
    await crowd.limit(LOCAL_OWNER, 1, graph_id=version.graph_id)
    for n in range(3):
        await scene.start(ASK, x=n)

    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        listed = await list_limits(tx, LOCAL_OWNER)

    assert [(one.graph_name, one.most, one.taken, one.held) for one in listed] == [(None, 5, 1, 2), ("test", 1, 1, 2)]


async def test_a_wrong_limit_is_refused(crowd: Crowd) -> None:
    mine, theirs = await crowd.user(), await crowd.user()

    with pytest.raises(InvalidInput):
        await crowd.limit(mine, 0)
    with pytest.raises(GraphNotFound):
        await crowd.limit(mine, 1, graph_id=crowd.versions[theirs].graph_id)
    with pytest.raises(LimitNotFound):
        await crowd.limit(mine, None)

    assert await crowd.count("concurrency_limits") == 0
