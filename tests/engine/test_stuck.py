"""Blocks that hold up their worker, die, eat memory, or ignore a cancel: others go on, and each gets a clear end."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.scene import Scene, fresh_scene, graph
from tests.engine.stuck import QUICK, STUCK
from tests.engine.test_running import LINE
from weft.db.embedded.server import EmbeddedServer
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent, Policy


def one(block: str, *, policy: Policy | None = None, **defaults: object) -> GraphContent:
    nodes = {"x": "toy.input", "b": (block, defaults), "y": "toy.output"}
    return graph(nodes, ["x.result -> b.value", "b.value -> y.value"], policies={"b": policy or Policy()})


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform with blocks that hold things up."""
    async with fresh_scene(postgres, catalog=STUCK, limits=QUICK) as opened:
        yield opened


@pytest.mark.parametrize(
    "what",
    ["pass", "fail", "crash", "later", "stop", "wait", "call", "exit", "cancelled", "wrong pin", "not json"],
)
async def test_block_in_a_host_does_what_it_does_in_the_worker(scene: Scene, what: str) -> None:
    ends = []
    async with scene.working() as crew:
        for block in ("toy.act", "toy.act_hosted"):
            execution_id = await scene.start(one(block), x=what)
            how = await crew.until(execution_id, Ended.FINISHED, Ended.PARKED)
            if how is Ended.PARKED:
                await scene.answer(execution_id, "well", "yes")
                await crew.until(execution_id, Ended.FINISHED)
            done = await scene.get(execution_id)
            error = None
            if done.error is not None:
                error = done.error.code, done.error.message.replace("act_hosted", "act"), done.error.attempt
            ends.append((done.status, done.outputs, error))

    assert ends[0] == ends[1]


async def test_context_of_a_hosted_block_is_that_of_its_firing(scene: Scene) -> None:
    here = (await scene.run(one("toy.act"), x="context")).outputs["y"][0]
    hosted = (await scene.run(one("toy.act_hosted"), x="context")).outputs["y"][0]

    own = slice(1, 6)  # the execution's id is another one, and so are the random number
    assert here[own] == hosted[own] == ["b", "B", 0, 1, "UTC"]
    assert here[7:] == hosted[7:]
    assert hosted[7:] == [
        True,
        "é!",
        [["1a", ["1", "a"], {"letter": "a"}], ["2b", ["2", "b"], {"letter": "b"}]],
        [2.5, 1],
        3_000_000,
        "xx",
    ]


async def test_stream_of_a_host_waits_for_its_readers(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "count": "toy.count_hosted", "all": "toy.collect", "y": "toy.output"},
        ["x.result -> count.value", "count.item -> all.values", "all.list -> y.value"],
    )

    assert (await scene.run(content, x=1000)).outputs == {"y": [list(range(1000))]}


async def test_block_that_sleeps_on_the_loop_goes_to_a_host_and_holds_up_nobody(scene: Scene) -> None:
    held = await scene.start(one("toy.hold", seconds=3), x=1)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM leases")
        other = await scene.start(LINE, x=21)
        await crew.until(other, Ended.FINISHED)
        still = await scene.get(held)
        await crew.until(held, Ended.FINISHED)

    assert still.status is ExecutionStatus.RUNNING
    assert (await scene.get(held)).outputs == {"y": [1]}


async def test_block_that_was_caught_once_runs_in_hosts_from_then_on(scene: Scene) -> None:
    async with scene.working() as crew:
        assert crew.worker is not None
        first = await scene.start(one("toy.spin", seconds=2), x=1)
        await crew.until(first, Ended.FINISHED)
        second = await scene.start(one("toy.spin", seconds=2), x=1)
        await crew.until(second, Ended.FINISHED)

    resets = await scene.fetch("SELECT execution_id FROM execution_events WHERE kind = 'reset'")
    intents = await scene.fetch("SELECT key FROM execution_events WHERE kind = 'intent'")
    assert [row["execution_id"] for row in resets] == [first]
    assert len(intents) == 2
    assert (await scene.get(first)).outputs == {"y": [1]}


async def test_interrupted_effect_that_must_not_happen_twice_waits_for_a_person(scene: Scene) -> None:
    execution_id = await scene.start(one("toy.spin_once", seconds=60), x=1)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
        waiting = (await scene.get(execution_id)).waiting
        await scene.answer(execution_id, waiting[0].key, {"decision": "skip"})
        await crew.until(execution_id, Ended.FINISHED)

    assert [(wait.node_id, wait.kind) for wait in waiting] == [("b", "person")]
    assert (await scene.get(execution_id)).status is ExecutionStatus.COMPLETED


async def test_effect_whose_host_dies_waits_for_a_person(scene: Scene) -> None:
    execution_id = await scene.start(one("toy.kill_once"), x=1)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)

    assert [wait.kind for wait in (await scene.get(execution_id)).waiting] == ["person"]


async def test_block_that_eats_memory_ends_its_host_alone(scene: Scene) -> None:
    done = await scene.run(one("toy.eat"), x=1)

    assert done.error is not None
    assert (done.error.code, done.error.attempt) == ("HOST_DIED", 2)
    assert "1024 MB" in done.error.message


@pytest.mark.parametrize("block", ["toy.hold", "toy.doze", "toy.stubborn"])
async def test_attempt_over_its_time_ends_whatever_its_block_does(scene: Scene, block: str) -> None:
    content = one(block, policy=Policy(timeout_s=0.5, attempts=1), seconds=600)

    done = await scene.run(content, x=1)

    assert done.error is not None
    assert (done.status, done.error.code, done.outputs) == (ExecutionStatus.FAILED, "NODE_TIMEOUT", {"y": []})


async def test_late_emission_of_a_block_that_was_left_alone_counts_for_nothing(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "b": ("toy.stubborn", {"seconds": 4}), "n": "toy.nap", "e": "toy.output", "y": "toy.output"},
        ["x.result -> b.value", "b.value -> y.value", "b.error -> n.value", "n.value -> e.value"],
        policies={"b": Policy(timeout_s=0.3, attempts=1)},
    )
    execution_id = await scene.start(content, x=1)
    later = await scene.start(one("toy.stubborn", seconds=5), x=1)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)
        await crew.until(later, Ended.FINISHED)

    done = await scene.get(execution_id)
    assert (done.status, done.outputs["y"], len(done.outputs["e"])) == (ExecutionStatus.COMPLETED, [], 1)


@pytest.mark.parametrize("block", ["toy.report", "toy.stubborn", "toy.doze", "toy.hold"])
async def test_cancel_ends_an_execution_whatever_its_block_does(scene: Scene, block: str) -> None:
    execution_id = await scene.start(one(block), x=1)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM leases")
        await scene.cancel(execution_id)
        await crew.until(execution_id, Ended.FINISHED)

    assert (await scene.get(execution_id)).status is ExecutionStatus.CANCELLED


async def test_host_ends_with_the_firing_that_is_cancelled_in_it(scene: Scene) -> None:
    execution_id = await scene.start(one("toy.report"), x=1)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM node_emissions")
        pid = await reported_pid(scene)
        assert is_running(pid)
        await scene.cancel(execution_id)
        await crew.until(execution_id, Ended.FINISHED)

    assert not is_running(pid)


async def test_host_ends_with_its_worker_however_that_ends(scene: Scene) -> None:
    await scene.start(one("toy.report"), x=1)
    await scene.kill_a_worker_when("SELECT 1 FROM node_emissions", program="tests.engine.poisoned")
    pid = await reported_pid(scene)

    async with asyncio.timeout(60):
        while is_running(pid):
            await asyncio.sleep(0.01)


async def reported_pid(scene: Scene) -> int:
    (row,) = await scene.fetch("SELECT items #>> '{0,2,content}' AS content FROM node_emissions")
    return int(base64.b64decode(row["content"]))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
