"""A worker that was taken for dead: it stops what it runs, and is somebody else from then on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.engine.scene import Scene, fresh_scene, graph
from tests.engine.toys import CATALOG, ROOMY, WORLD
from weft.assembly import EngineParts
from weft.db.embedded.server import EmbeddedServer
from weft.executions.leases import LeaseClock
from weft.executions.loop import Ended
from weft.executions.ports import Claim

READS = graph(
    {"x": "toy.input", "read": "toy.reads", "y": "toy.output"}, ["x.result -> read.value", "read.value -> y.value"]
)


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform whose leases are short."""
    async with fresh_scene(postgres, catalog=CATALOG, limits=ROOMY, ttl_s=1) as opened:
        yield opened


async def test_a_worker_taken_for_dead_stops_what_it_runs_and_begins_anew(scene: Scene) -> None:
    WORLD.gate.clear()
    execution = await scene.start(READS, x=7)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM leases")
        (old,) = await scene.fetch("SELECT id FROM workers")

        await scene.fetch("UPDATE workers SET beat = beat - 2 * ttl RETURNING id")
        async with scene.platform.engine() as other:
            await other.dispatch.sweep()
        await crew.until(execution, Ended.LOST)
        WORLD.gate.set()
        await crew.until(execution, Ended.FINISHED)

        (new,) = await scene.fetch("SELECT id, name, slots FROM workers")
    done = await scene.get(execution)

    assert (str(done.status), done.outputs, done.attempts > 1) == ("completed", {"y": [7]}, True)
    assert new["id"] != old["id"]
    assert (new["name"] is not None, new["slots"]) == (True, ROOMY.executions)
    assert await scene.fetch("SELECT 1 FROM workers") == []


async def test_what_another_worker_took_over_is_stopped_and_stays_with_the_other(scene: Scene) -> None:
    WORLD.gate.clear()
    execution = await scene.start(READS, x=7)
    async with scene.platform.engine() as other, scene.working(slots=1) as crew:
        await scene.until("SELECT 1 FROM leases")
        claims = await take_over(scene, other)
        await crew.until(execution, Ended.LOST)
        WORLD.gate.set()

        assert crew.worker is not None
        assert crew.worker.load == 0
        (row,) = await scene.fetch("SELECT worker, status, token FROM executions")
        assert [claim.execution_id for claim in claims] == [execution]
        assert (row["worker"], row["status"], row["token"]) == (other.dispatch.worker, "running", claims[0].token)
    assert WORLD.calls == []


async def take_over(scene: Scene, other: EngineParts) -> list[Claim]:
    """Have another worker sweep all workers but itself, and take what they held."""
    claims: list[Claim] = []
    async with asyncio.timeout(20):
        while not claims:  # unless the one that was swept is quicker
            await other.dispatch.working()
            await scene.fetch(
                "UPDATE workers SET beat = beat - 2 * ttl WHERE id <> $1 RETURNING id", other.dispatch.worker
            )
            await other.dispatch.sweep()
            claims = await other.dispatch.take(1)
    return claims


def test_a_lease_lasts_from_when_the_renewal_was_sent() -> None:
    clock = LeaseClock(10)
    assert not clock.sure()

    clock.renewed(clock.now())
    assert clock.sure()

    clock.expire()
    assert not clock.sure()
    clock.renewed(clock.now() - 8.1)
    assert not clock.sure()


def test_a_late_answer_to_an_early_beat_does_not_shorten_a_lease() -> None:
    clock = LeaseClock(10)
    clock.renewed(clock.now())
    clock.renewed(clock.now() - 60)

    assert clock.sure()
