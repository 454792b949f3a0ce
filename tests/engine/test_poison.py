"""A firing that ends its workers is found and fails; one whose workers were lost for other reasons does not (rule 35)."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import pairwise

import psutil
import pytest

from tests.engine.scene import Scene, graph
from tests.engine.stuck import QUICK, STEPS, STUCK
from tests.engine.test_running import STREAM
from tests.engine.test_stuck import one
from tests.engine.toys import WORLD
from tests.support.postgres import drop_database, fresh_database
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent

STARTS = "SELECT node, index, data->>'hosted' AS hosted FROM execution_events WHERE kind = 'start' ORDER BY seq"


def killing(block: str, *, taken: bool = False) -> GraphContent:
    links = ["x.result -> before.value", "before.value -> kill.value", "kill.value -> y.value"]
    nodes = {"x": "toy.input", "before": "toy.double", "kill": block, "y": "toy.output"}
    if taken:
        nodes["e"] = "toy.output"
        links.append("kill.error -> e.value")
    return graph(nodes, links)


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform with blocks that end their process."""
    url = await fresh_database(postgres)
    async with open_platform(url, catalog=STUCK, limits=QUICK, ttl_s=5) as platform:
        yield Scene(platform, url)
    await drop_database(postgres, url)


async def work_until(scene: Scene, ended: str) -> int | None:
    """Have worker processes run one after the other until a query finds something; return how many were killed."""
    for killed in range(10):
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.engine.poisoned", scene.url)
        found = asyncio.create_task(scene.until(ended))
        gone = asyncio.create_task(process.wait())
        try:
            async with asyncio.timeout(60):
                await asyncio.wait([found, gone], return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_found = found.done() and not found.cancelled() and found.exception() is None
            found.cancel()
            if process.returncode is None:
                process.kill()
            await process.wait()
            await asyncio.wait([found, gone])
        if is_found:
            return killed
        assert process.returncode == -signal.SIGKILL
    return None


@pytest.mark.parametrize(
    ("block", "killed"), [("toy.kill_here", 4), ("toy.kill", 2)], ids=["in the worker", "in a host"]
)
async def test_firing_that_ends_its_workers_is_named_and_its_error_pin_takes_that(
    scene: Scene, block: str, killed: int
) -> None:
    execution_id = await scene.start(killing(block, taken=True), x=1)

    assert await work_until(scene, "SELECT 1 FROM executions WHERE ended_at IS NOT NULL") == killed

    done = await scene.get(execution_id)
    starts = await scene.fetch(STARTS)
    lost = await scene.fetch("SELECT error->>'code' AS code, attempt FROM node_executions WHERE outcome = 'error'")
    assert (done.status, done.outputs["y"]) == (ExecutionStatus.COMPLETED, [])
    assert done.outputs["e"] == ["each process that ran it was lost, so it is not tried again"]
    assert [tuple(row) for row in lost] == [("WORKER_LOST", 1)]
    assert [row["node"] for row in starts][:2] == [1, 2]


async def test_firing_that_ends_its_workers_fails_the_execution_by_its_name(scene: Scene) -> None:
    execution_id = await scene.start(killing("toy.kill"), x=1)

    await work_until(scene, "SELECT 1 FROM executions WHERE ended_at IS NOT NULL")

    done = await scene.get(execution_id)
    assert done.error is not None
    assert (done.status, done.error.code, done.error.node_id) == (ExecutionStatus.FAILED, "WORKER_LOST", "kill")


async def test_run_that_ends_its_workers_before_it_begins_is_given_up(scene: Scene) -> None:
    execution_id = await scene.start(STREAM, x=5)
    await scene.fetch("UPDATE executions SET claims_without_progress = 12 RETURNING id")

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.LOST)

    done = await scene.get(execution_id)
    assert done.error is not None
    assert (done.status, done.error.code, done.nodes) == (ExecutionStatus.FAILED, "WORKER_LOST", ())


async def test_run_with_care_gives_the_same_and_runs_one_firing_at_a_time(scene: Scene) -> None:
    execution_id = await scene.start(STREAM, x=5)
    await scene.fetch("UPDATE executions SET claims_without_progress = 2 RETURNING id")

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    starts = await scene.fetch(STARTS)
    times = await scene.fetch("SELECT started_at, ended_at FROM node_executions WHERE node > 1 ORDER BY started_at")
    assert (await scene.get(execution_id)).outputs == {"y": [[0, 3, 6, 9, 12]]}
    assert len(starts) == len(times) + 1
    assert {row["hosted"] for row in starts} == {"true"}
    assert all(one["ended_at"] <= other["started_at"] for one, other in pairwise(times))


async def test_workers_lost_while_a_host_ran_the_firing_name_it_only_the_fourth_time(scene: Scene) -> None:
    execution_id = await scene.start(killing("toy.hold"), x=1)
    await scene.fetch("UPDATE executions SET claims_without_progress = 2 RETURNING id")
    async with AsyncExitStack() as crews:
        for number in range(4):
            await crews.enter_async_context(scene.working())
            await scene.until(f"SELECT 1 FROM execution_events WHERE kind = 'start' AND node = 2 OFFSET {number}")
            await declare_dead(scene)
        await crews.enter_async_context(scene.working())
        await scene.until("SELECT 1 FROM executions WHERE ended_at IS NOT NULL")

    done = await scene.get(execution_id)
    assert done.error is not None
    assert (done.error.code, done.error.node_id) == ("WORKER_LOST", "kill")


async def test_worker_lost_once_while_it_ran_the_firing_itself_names_nothing(scene: Scene) -> None:
    execution_id = await scene.start(killing("toy.reads_here"), x=1)
    await scene.fetch("UPDATE executions SET claims_without_progress = 2 RETURNING id")
    WORLD.gate.clear()
    async with scene.working():
        await scene.until("SELECT 1 FROM execution_events WHERE kind = 'start' AND node = 2")
        await declare_dead(scene)
        async with scene.working():
            await scene.until("SELECT 1 FROM execution_events WHERE kind = 'start' AND node = 2 OFFSET 1")
            WORLD.gate.set()
            await scene.until("SELECT 1 FROM executions WHERE ended_at IS NOT NULL")

    assert (await scene.get(execution_id)).outputs == {"y": [2]}


async def test_hand_over_in_good_order_is_no_sign(scene: Scene) -> None:
    execution_id = await scene.start(killing("toy.reads_here"), x=1)
    await scene.fetch("UPDATE executions SET claims_without_progress = 2 RETURNING id")
    WORLD.gate.clear()
    async with scene.working():
        await scene.until("SELECT 1 FROM execution_events WHERE kind = 'start' AND node = 2")
    handed_over = await scene.get(execution_id)
    WORLD.gate.set()

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    assert handed_over.status is ExecutionStatus.QUEUED
    assert (await scene.get(execution_id)).outputs == {"y": [2]}


async def test_host_that_is_told_to_leave_stays_for_its_worker(scene: Scene) -> None:
    async with scene.working() as crew:
        await crew.until(await scene.start(one("toy.act_hosted"), x="pass"), Ended.FINISHED)
        before = hosts()
        for host in before:
            host.terminate()
        execution_id = await scene.start(one("toy.act_hosted"), x="pass")
        await crew.until(execution_id, Ended.FINISHED)

        assert before
        assert hosts() == before


def hosts() -> list[psutil.Process]:
    """Return the block hosts of the workers in this process."""
    known = psutil.Process().children()
    return [one for one in known if "weft.executions.isolation.child" in " ".join(one.cmdline())]


async def declare_dead(scene: Scene) -> None:
    """Take the workers' rows away: no late beat undoes that."""
    await scene.fetch("DELETE FROM workers RETURNING id")


def steps(count: int) -> GraphContent:
    names = [f"s{number}" for number in range(count)]
    links = [f"{one}.value -> {other}.value" for one, other in pairwise(names)]
    nodes = {"x": "toy.input", **dict.fromkeys(names, "toy.step"), "y": "toy.output"}
    return graph(nodes, [f"x.result -> {names[0]}.value", *links, f"{names[-1]}.value -> y.value"])


async def test_ten_crashes_of_a_run_that_makes_progress_are_no_poison(scene: Scene) -> None:
    STEPS[:] = [asyncio.Event() for _ in range(10)]
    execution_id = await scene.start(steps(10), x=1)
    old = AsyncExitStack()
    for at in range(10):
        new = AsyncExitStack()
        await new.enter_async_context(scene.working())
        await old.aclose()
        await scene.until(f"SELECT 1 FROM execution_events WHERE kind = 'intent' OFFSET {at}")
        await declare_dead(scene)
        STEPS[at].set()
        old = new
    async with scene.working():
        await old.aclose()
        await scene.until("SELECT 1 FROM executions WHERE ended_at IS NOT NULL")

    done = await scene.get(execution_id)
    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [1]})
    assert await scene.fetch(STARTS) == []
