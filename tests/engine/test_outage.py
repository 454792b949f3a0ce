"""The database is gone for longer than a worker is patient, and comes back: nothing is lost, nothing is done twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from pydantic import Field

from tests.engine.cable import Cable, laid_to
from tests.engine.scene import Crew, Scene, fresh_scene, graph
from tests.engine.test_running import LINE
from tests.engine.toys import CATALOG, WORLD
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.executions.limits import Limits
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent
from weft.sdk import Block, Effect, Emissions, Example, Schema
from weft.worker.worker import Worker

PATIENCE_S = 0.2
LONG_S = 60.0


class Door:
    """What `Pass` waits for."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()


class Pass(Block, id="toy.pass"):
    """Pass a number through the door once it is open."""

    class Input(Schema):
        value: int = Field(description="A number")

    class Output(Schema):
        value: int = Field(description="The same")

    effect = Effect.IDEMPOTENT
    examples = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input) -> Emissions:
        DOORS[-1].reached.set()
        await DOORS[-1].open.wait()
        yield "value", input.value


DOORS: list[Door] = []
TOLD_BEFORE = graph(
    {"x": "toy.input", "tell": "toy.at_most_once", "pass": "toy.pass", "y": "toy.output"},
    ["x.result -> tell.value", "tell.value -> pass.value", "pass.value -> y.value"],
)
TOLD_AFTER = graph(
    {"x": "toy.input", "pass": "toy.pass", "tell": "toy.at_most_once", "y": "toy.output"},
    ["x.result -> pass.value", "pass.value -> tell.value", "tell.value -> y.value"],
)


@pytest.fixture
def door() -> Iterator[Door]:
    DOORS.append(Door())
    yield DOORS[-1]
    DOORS.pop()


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform that reaches the database whatever happens to the worker's cable."""
    async with fresh_scene(postgres, catalog=CATALOG.with_blocks(Pass), limits=Limits(grace_s=2)) as opened:
        yield opened


@asynccontextmanager
async def working(scene: Scene, cable: Cable, *, patience_s: float = PATIENCE_S) -> AsyncIterator[Crew]:
    """Have a worker run that reaches the database by the cable only."""
    like = scene.platform
    platform = open_platform(cable.url, catalog=like.catalog, limits=like.limits, ttl_s=like.ttl_s)
    async with platform as opened, opened.engine(patience_s=patience_s) as parts:
        crew = Crew(asyncio.Event(), {})
        async with Worker(parts, on_end=crew.ended).running():
            yield crew


@pytest.mark.parametrize(
    ("content", "recorded"), [(TOLD_BEFORE, 1), (TOLD_AFTER, 0)], ids=["told_before", "told_after"]
)
async def test_what_runs_through_a_long_outage_is_given_back_and_completes_with_nothing_done_twice(
    content: GraphContent, recorded: int, scene: Scene, door: Door
) -> None:
    execution_id = await scene.start(content, x=7)
    async with laid_to(scene.url) as cable, working(scene, cable) as crew:
        await door.reached.wait()
        await scene.until(f"SELECT 1 FROM node_executions HAVING count(*) = {recorded}")
        cable.cut()
        door.open.set()
        await crew.until(execution_id, Ended.LOST)
        lost = await scene.get(execution_id)
        cable.mend()
        await crew.until(execution_id, Ended.FINISHED)
    done = await scene.get(execution_id)

    rows = await scene.fetch("SELECT count(*) FROM node_executions GROUP BY node, index")
    assert (lost.status, lost.outputs) == (ExecutionStatus.RUNNING, {"y": []})
    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [7]})
    assert [row["count"] for row in rows] == [1, 1, 1]
    assert len(WORLD.calls) == 1


async def test_an_effect_that_ends_in_a_long_outage_waits_for_a_person_and_is_not_repeated(scene: Scene) -> None:
    WORLD.gate.clear()
    execution_id = await scene.start(TOLD_BEFORE, x=7)
    async with laid_to(scene.url) as cable, working(scene, cable) as crew:
        await scene.until("SELECT 1 FROM execution_events WHERE kind = 'intent'")
        cable.cut()
        WORLD.gate.set()
        await crew.until(execution_id, Ended.LOST)
        cable.mend()
        await crew.until(execution_id, Ended.PARKED)
    waiting = (await scene.get(execution_id)).waiting

    assert [(wait.node_id, wait.kind) for wait in waiting] == [("tell", "person")]
    assert len(WORLD.calls) == 1


async def test_an_outage_within_the_workers_patience_loses_nothing(scene: Scene, door: Door) -> None:
    execution_id = await scene.start(TOLD_AFTER, x=7)
    async with laid_to(scene.url) as cable, working(scene, cable, patience_s=LONG_S) as crew:
        await door.reached.wait()
        cable.cut()
        door.open.set()
        await cable.refused.wait()
        cable.mend()
        await crew.until(execution_id, Ended.FINISHED, Ended.LOST)
    done = await scene.get(execution_id)

    assert (done.status, done.outputs, done.attempts) == (ExecutionStatus.COMPLETED, {"y": [7]}, 1)
    assert len(WORLD.calls) == 1


async def test_a_claim_whose_answer_is_lost_is_taken_up_again_by_the_same_worker(scene: Scene) -> None:
    execution_id = await scene.start(LINE, x=7)
    async with AsyncExitStack() as stack:
        cable = await stack.enter_async_context(laid_to(scene.url))
        async with scene.platform.engine_database.transaction() as tx:
            await tx.raw.fetch("SELECT 1 FROM executions FOR UPDATE")
            crew = await stack.enter_async_context(working(scene, cable, patience_s=LONG_S))
            await scene.until("SELECT 1 FROM pg_locks WHERE NOT granted")
            cable.deafen()
        await scene.until("SELECT 1 FROM leases")
        cable.cut()
        cable.mend()
        await crew.until(execution_id, Ended.FINISHED)
    done = await scene.get(execution_id)

    assert (done.status, done.outputs, done.attempts) == (ExecutionStatus.COMPLETED, {"y": [14]}, 1)
