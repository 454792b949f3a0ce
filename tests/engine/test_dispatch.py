"""Claims, leases and takeovers: each execution is claimed once, ended once, and none is left behind."""

import asyncio
import random
from collections import Counter
from uuid import UUID

import pytest

from tests.engine.crowd import Crowd, Hand
from tests.engine.scene import Scene
from tests.engine.toys import ROOMY
from weft.executions.limits import Limits
from weft.executions.ports import Claim


@pytest.fixture
def limits() -> Limits:
    return ROOMY


@pytest.fixture
def crowd(scene: Scene) -> Crowd:
    """Nobody yet."""
    return Crowd(scene)


async def drain(hand: Hand, rng: random.Random, largest: int = 20) -> list[list[Claim]]:
    """Claim until nothing is left, in batches of random size; none is larger than asked for."""
    batches = []
    while True:
        wanted = rng.randint(1, largest)
        claimed = await hand.take(wanted)
        assert len(claimed) <= wanted
        batches.append(claimed)
        if not claimed:
            return batches


async def test_ten_thousand_executions_are_claimed_once_each_by_32_workers(crowd: Crowd) -> None:
    started = [id for _ in range(50) for id in await crowd.start(await crowd.user(), 200)]

    async with crowd.hands(32) as hands:
        drained = await asyncio.gather(*(drain(hand, random.Random(n)) for n, hand in enumerate(hands)))

    claimed = [claim.execution_id for batches in drained for batch in batches for claim in batch]
    assert len(claimed) == len(started) == 10_000
    assert set(claimed) == set(started)
    assert await crowd.count("queue") == 0
    assert await crowd.count("leases") == 10_000


async def test_what_is_queued_while_workers_claim_is_claimed_too(crowd: Crowd) -> None:
    users = [await crowd.user() for _ in range(8)]
    started: list[UUID] = []
    ended: list[UUID] = []
    all_started = asyncio.Event()

    async def start_some(user_id: UUID, rng: random.Random) -> None:
        for _ in range(20):
            started.extend(await crowd.start(user_id, rng.randint(1, 20)))

    async def work(hand: Hand, rng: random.Random) -> None:
        while True:
            nothing_more = all_started.is_set()
            claims = await hand.take(rng.randint(1, 10))
            ended.extend(await hand.end(claims) if claims else [])
            if nothing_more and not claims:
                return

    async with crowd.hands(16) as hands, asyncio.TaskGroup() as tasks:
        for number, hand in enumerate(hands):
            tasks.create_task(work(hand, random.Random(number)))
        await asyncio.gather(*(start_some(user, random.Random(n)) for n, user in enumerate(users)))
        all_started.set()

    assert sorted(ended) == sorted(started)
    assert await crowd.count("queue") == await crowd.count("leases") == 0


async def test_workers_that_stall_lose_what_they_hold_and_everything_ends_once(crowd: Crowd) -> None:
    for _ in range(10):
        await crowd.start(await crowd.user(), 100)
    ended: Counter[UUID] = Counter()
    refused = stalls = 0
    working = 12

    async def work(hand: Hand, rng: random.Random) -> None:
        nonlocal refused, stalls, working
        while claims := await hand.take(rng.randint(1, 10)):
            if rng.random() < 0.2 and stalls < 62:
                stalls += 1
                await hand.look_dead(crowd.scene)
                if rng.random() < 0.5:  # ends what it has after the takeover, else maybe before
                    await sweeps(1)
            written = await hand.end(claims)
            ended.update(written)
            refused += len(claims) - len(written)
            if not await hand.engine.dispatch.working():
                await hand.engine.dispatch.reborn()
        working -= 1

    turn = asyncio.Condition()
    swept = 0

    async def sweeps(more: int) -> None:
        async with turn:
            goal = swept + 2 * more  # the one under way may have looked before
            await turn.wait_for(lambda: swept >= goal)

    async def sweep(hand: Hand) -> None:
        nonlocal swept
        while working:
            await hand.engine.dispatch.sweep()
            async with turn:
                swept += 1
                turn.notify_all()
            await hand.engine.dispatch.working()

    async with crowd.hands(15) as hands, asyncio.TaskGroup() as tasks:
        for number, hand in enumerate(hands[:12]):
            tasks.create_task(work(hand, random.Random(number)))
        for hand in hands[12:]:
            tasks.create_task(sweep(hand))
    async with crowd.hands(2) as (last, other):  # what the last to stall held
        await other.engine.dispatch.sweep()
        ended.update(await last.end([claim for batch in await drain(last, random.Random(0)) for claim in batch]))

    assert (len(ended), set(ended.values())) == (1000, {1})
    assert stalls > 10
    assert refused > 10
    assert await crowd.count("executions WHERE status = 'completed' AND seq = 1") == 1000
    assert await crowd.count("queue") == await crowd.count("leases") == 0


async def test_after_a_takeover_neither_the_end_nor_a_node_of_the_old_owner_is_written(crowd: Crowd) -> None:
    await crowd.start(await crowd.user())
    async with crowd.hands(2) as (zombie, heir):
        (old,) = await zombie.take(1)
        await zombie.look_dead(crowd.scene)
        assert (await heir.engine.dispatch.sweep()).requeued == 1

        assert await zombie.end([old], node=True) == set()
        (new,) = await heir.take(1)
        assert await zombie.end([old], node=True) == set()

        assert await crowd.count("node_executions") == 0
        assert (new.execution_id, new.token) == (old.execution_id, old.token + 2)
        assert await heir.end([new], node=True) == {new.execution_id}
    assert await crowd.count("node_executions") == 1


async def test_what_a_worker_hands_back_or_a_dead_one_held_goes_before_everything_else(crowd: Crowd) -> None:
    user = await crowd.user()
    first, second, *rest = await crowd.start(user, 30)
    async with crowd.hands(3) as (giver, dead, sweeper):
        (given,) = await giver.take(1)
        (held,) = await dead.take(1)
        assert [given.execution_id, held.execution_id] == [first, second]
        await giver.engine.dispatch.back(first, given.token)
        await dead.look_dead(crowd.scene)
        await sweeper.engine.dispatch.sweep()

    assert set((await crowd.line())[:2]) == {first, second}
    assert (await crowd.line())[2:] == rest


async def test_a_claim_that_finds_little_behind_its_cursor_looks_before_it_too(crowd: Crowd) -> None:
    ids = await crowd.start(await crowd.user(), 5000)
    async with crowd.hands(1) as (hand,):
        async with crowd.scene.platform.engine_database.transaction() as busy:
            await busy.raw.fetch("SELECT 1 FROM queue ORDER BY rank LIMIT 1 FOR UPDATE")  # who comes by passes over it
            for _ in range(100):
                assert len(await hand.take(20)) == 20

        left = await hand.take(5000)

    assert len(left) == 3000
    assert ids[0] in {claim.execution_id for claim in left}


async def test_thirty_executions_are_served_within_forty_claims_behind_four_thousand_of_another_user(
    crowd: Crowd,
) -> None:
    await crowd.start(await crowd.user(), 4000)
    async with crowd.hands(1) as (hand,):
        await hand.take(20)
        light = [(await crowd.start(await crowd.user(), 3)) for _ in range(10)]

        served = [claim.execution_id for _ in range(4) for claim in await hand.take(10)]

    assert {id for ids in light for id in ids} <= set(served)


async def test_users_with_unequal_backlogs_get_equal_shares(crowd: Crowd) -> None:
    users = [await crowd.user() for _ in range(3)]
    for user, backlog in zip(users, (2000, 700, 210), strict=True):
        await crowd.start(user, backlog)
    async with crowd.hands(1) as (hand,):
        claimed = [claim for _ in range(60) for claim in await hand.take(10)]

    assert Counter(claim.user_id for claim in claimed) == dict.fromkeys(users, 200)
