"""A worker that others took for dead: it claims nothing more, and each execution's journal says once that it was lost."""

import asyncio
import random
from dataclasses import replace

import pytest

from tests.engine.crowd import Crowd, Hand
from tests.engine.scene import Scene
from tests.engine.toys import ROOMY
from weft.executions.limits import Limits
from weft.executions.ports import Batch, Claim

_JOURNALS = """
SELECT e.id, e.seq, e.status, e.token,
    (SELECT array_agg(v.kind ORDER BY v.seq) FROM execution_events v WHERE v.execution_id = e.id) AS kinds,
    (SELECT array_agg(v.seq ORDER BY v.seq) FROM execution_events v WHERE v.execution_id = e.id) AS numbers
FROM executions e
"""


@pytest.fixture
def limits() -> Limits:
    return ROOMY


@pytest.fixture
def crowd(scene: Scene) -> Crowd:
    """Nobody yet."""
    return Crowd(scene)


async def test_a_worker_that_was_swept_takes_nothing_until_it_has_a_new_number(crowd: Crowd) -> None:
    ids = await crowd.start(await crowd.user(), 30)
    async with crowd.hands(2) as (zombie, other):
        taken = await zombie.take(3)
        await zombie.look_dead(crowd.scene)
        assert (await other.engine.dispatch.sweep()).requeued == 3

        assert await zombie.take(10) == []
        assert await zombie.engine.dispatch.take(10, only=ids) == []
        assert await crowd.count("queue") == 30
        assert await crowd.count("leases") == 0

        await zombie.engine.dispatch.reborn()
        again = await zombie.take(30)

    assert {claim.execution_id for claim in again} == {*ids}
    assert len(taken) == 3


async def test_claims_that_race_a_sweep_leave_nothing_with_a_worker_that_is_gone(crowd: Crowd) -> None:
    await crowd.start(await crowd.user(), 2_000)
    async with crowd.hands(8) as hands, crowd.hands(1) as (sweeper,):

        async def claim(hand: Hand, rng: random.Random) -> None:
            for _ in range(40):
                await hand.take(rng.randint(1, 5))

        async def doom() -> None:
            for hand in hands:
                await hand.look_dead(crowd.scene)
                await sweeper.engine.dispatch.sweep()

        await asyncio.gather(doom(), *(claim(hand, random.Random(n)) for n, hand in enumerate(hands)))
        await sweeper.engine.dispatch.sweep()  # what was claimed while its worker's sweep was under way

    assert await crowd.count("leases") == 0
    assert await crowd.count("queue") == 2_000
    assert await crowd.count("executions WHERE status = 'queued' AND worker IS NULL") == 2_000


async def test_several_sweeps_at_once_write_one_loss_for_each_execution(crowd: Crowd) -> None:
    ids = await crowd.start(await crowd.user(), 200)
    async with crowd.hands(6) as (dead, *others):
        assert len(await dead.take(200)) == 200
        await dead.look_dead(crowd.scene)
        swept = await asyncio.gather(*(other.engine.dispatch.sweep() for other in others))

    assert sum(sweep.requeued for sweep in swept) == 200
    journals = await crowd.scene.fetch(_JOURNALS)
    assert {row["id"] for row in journals} == {*ids}
    assert {(row["seq"], row["status"], row["token"]) for row in journals} == {(1, "queued", 2)}
    assert {(*row["kinds"], *row["numbers"]) for row in journals} == {("worker_lost", 1)}


async def test_a_loss_stands_behind_what_the_lost_worker_could_still_write(crowd: Crowd) -> None:
    await crowd.start(await crowd.user(), 300)
    rng = random.Random(3)
    written = 0

    def said(claim: Claim) -> Batch:
        events = [(1, "start", 0, 0, None, "{}"), (2, "start", 0, 1, None, "{}")]
        return Batch(claim.execution_id, claim.token, 2, [], [], events, [], [])

    async with crowd.hands(1) as (sweeper,):
        for _ in range(30):
            async with crowd.hands(1) as (hand,):
                claims = [claim for claim in await hand.take(10) if claim.seq == 0]
                await hand.look_dead(crowd.scene)

                async def sweep(delay: int) -> None:
                    for _ in range(delay):
                        await asyncio.sleep(0)
                    await sweeper.engine.dispatch.sweep()

                flushed, _ = await asyncio.gather(
                    hand.engine.store.flush([said(claim) for claim in claims]), sweep(rng.randrange(6))
                )
                written += len(flushed)
                late = [replace(said(claim), seq=9) for claim in claims]
                assert await hand.engine.store.flush(late) == set()

    journals = await crowd.scene.fetch(_JOURNALS)
    assert {tuple(row["kinds"] or ()) for row in journals} <= {
        (),
        *((*before, *["worker_lost"] * times) for before in ((), ("start", "start")) for times in range(1, 31)),
    }
    assert all((row["numbers"] or []) == list(range(1, row["seq"] + 1)) for row in journals)
    assert sum("start" in (row["kinds"] or ()) for row in journals) == written
