"""Graphs by their ids, without waiting, never more than so many at once; cancelled durably."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from pydantic import Field

from tests.engine.scene import Scene, fresh_scene, graph
from tests.engine.test_running import LINE
from tests.engine.toys import CATALOG, ROOMY
from weft.db.embedded.server import EmbeddedServer
from weft.errors import ExecutionError, InvalidInput
from weft.executions.types import ExecutionStatus
from weft.graphs.errors import GraphNotFound
from weft.sdk import Block, Effect, Emissions, Example, Schema
from weft.users.types import LOCAL_OWNER
from weft.worker.service import GraphExecutionService

pytestmark = pytest.mark.usefixtures("_quiet_world")


class Held(Block, id="toy.held"):
    """Pass a value on once the door is open, and count who stands before it."""

    class Input(Schema):
        value: Any = Field(description="Any value")

    class Output(Schema):
        value: Any = Field(description="The same")

    effect = Effect.IDEMPOTENT
    examples = [Example(Input(value=1), emits=[("value", 1)])]
    inside: ClassVar[int] = 0
    most: ClassVar[int] = 0
    door: ClassVar[asyncio.Event] = asyncio.Event()

    async def run(self, input: Input) -> Emissions:
        Held.inside += 1
        Held.most = max(Held.most, Held.inside)
        try:
            await Held.door.wait()
        finally:
            Held.inside -= 1
        yield "value", input.value


HELD = graph(
    {"x": "toy.input", "held": "toy.held", "y": "toy.output"}, ["x.result -> held.value", "held.value -> y.value"]
)
BROKEN = graph(
    {"x": "toy.input", "odd": "toy.odd", "y": "toy.output"}, ["x.result -> odd.value", "odd.value -> y.value"]
)


class Actions:
    """Keeps what users did."""

    def __init__(self) -> None:
        self.noted: list[dict[str, Any]] = []

    def log_user_action(
        self, user_id: str, action: str, resource_type: str, resource_id: str, result: str, **extra: Any
    ) -> None:
        assert user_id == str(LOCAL_OWNER)
        self.noted.append({"what": (action, resource_type, resource_id), "result": result, **extra})


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform with a block that can be held up."""
    Held.inside, Held.most, Held.door = 0, 0, asyncio.Event()
    async with fresh_scene(postgres, catalog=CATALOG.with_blocks(Held), limits=ROOMY) as opened:
        yield opened


async def test_no_more_than_the_limit_run_at_once_and_all_end(scene: Scene) -> None:
    version = await scene.save(HELD)
    async with GraphExecutionService(scene.platform, max_concurrent_executions=2).running() as service:
        ids = [await service.execute_graph(version.graph_id, {"x": number}) for number in range(5)]
        await scene.until("SELECT 1 FROM leases HAVING count(*) = 2")
        statuses = [str((await scene.get(id)).status) for id in ids]
        ends = [asyncio.shield(service.active_executions[id]) for id in ids]
        Held.door.set()
        ended = await asyncio.gather(*ends)

        assert service.active_executions == {}
    assert sorted(statuses) == ["queued"] * 3 + ["running"] * 2
    assert ended == [ExecutionStatus.COMPLETED] * 5
    assert Held.most == 2


async def test_starting_returns_the_id_of_a_durable_execution_at_once(scene: Scene) -> None:
    version = await scene.save(HELD)
    async with GraphExecutionService(scene.platform).running() as service:
        id = await service.execute_graph(version.graph_id, {"x": 1})

        assert list(service.active_executions) == [id]
        assert (await scene.get(id)).id == id


async def test_what_is_wrong_is_refused_and_registers_nothing(scene: Scene) -> None:
    version = await scene.save(LINE)
    async with GraphExecutionService(scene.platform).running() as service:
        with pytest.raises(GraphNotFound):
            await service.execute_graph(uuid4(), {})
        with pytest.raises(InvalidInput, match="is no graph id"):
            await service.execute_graph_safely("seven", {})
        with pytest.raises(InvalidInput):
            await service.execute_graph_safely(str(version.graph_id), {"no such": 1})

        assert service.active_executions == {}


async def test_a_running_execution_is_cancelled_and_its_end_waited_for(scene: Scene) -> None:
    version = await scene.save(HELD)
    async with GraphExecutionService(scene.platform, max_concurrent_executions=1).running() as service:
        running = await service.execute_graph(version.graph_id, {"x": 1})
        queued = await service.execute_graph(version.graph_id, {"x": 2})
        await scene.until("SELECT 1 FROM leases")

        assert await service.cancel_execution(queued)
        assert str((await scene.get(queued)).status) == "cancelled"
        assert await service.cancel_execution(running)
        assert str((await scene.get(running)).status) == "cancelled"
        assert not await service.cancel_execution(running)
        assert not await service.cancel_execution(uuid4())


async def test_what_was_started_elsewhere_can_be_cancelled_too(scene: Scene) -> None:
    execution = await scene.start(HELD, x=1)
    async with scene.working():
        await scene.until("SELECT 1 FROM leases")
        async with GraphExecutionService(scene.platform).running() as service:
            assert await service.cancel_execution(execution)

    assert str((await scene.get(execution)).status) == "cancelled"


async def test_whoever_cancels_may_be_cancelled_and_the_execution_ends_all_the_same(scene: Scene) -> None:
    version = await scene.save(HELD)
    async with GraphExecutionService(scene.platform).running() as service:
        id = await service.execute_graph(version.graph_id, {"x": 1})
        await scene.until("SELECT 1 FROM leases")
        ending = service.active_executions[id]

        caller = asyncio.create_task(service.cancel_execution(id))
        await scene.until("SELECT 1 FROM executions WHERE cancel_requested_at IS NOT NULL")
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller

        assert await ending is ExecutionStatus.CANCELLED


async def test_what_a_user_ran_is_noted_with_its_end(scene: Scene) -> None:
    version, actions = await scene.save(LINE), Actions()
    async with GraphExecutionService(scene.platform, actions=actions).running() as service:
        id = await service.execute_graph_with_logging(version.graph_id, LOCAL_OWNER, {"x": 7})

    started, completed = actions.noted
    assert started == {
        "what": ("execute_graph", "graph", str(version.graph_id)),
        "result": "started",
        "execution_id": str(id),
    }
    assert (completed["result"], completed["execution_id"]) == ("completed", str(id))
    assert completed["duration_seconds"] > 0
    assert str((await scene.get(id)).status) == "completed"


async def test_a_failed_run_is_noted_with_its_error_and_raised(scene: Scene) -> None:
    version, actions = await scene.save(BROKEN), Actions()
    async with GraphExecutionService(scene.platform, actions=actions).running() as service:
        with pytest.raises(ExecutionError, match="2 is even") as caught:
            await service.execute_graph_with_logging(version.graph_id, LOCAL_OWNER, {"x": 2})
        with pytest.raises(GraphNotFound):
            await service.execute_graph_with_logging(uuid4(), LOCAL_OWNER, {})

    assert caught.value.details["status"] == "failed"
    assert [noted["result"] for noted in actions.noted] == ["started", "failed", "failed"]
    assert "2 is even" in actions.noted[1]["error"]
    assert "execution_id" not in actions.noted[2]


async def test_what_users_did_is_logged_without_the_secrets_that_the_platform_knows(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    version = await scene.save(BROKEN)
    scene.platform.masker.add("ended as")
    async with GraphExecutionService(scene.platform).running() as service:
        with pytest.raises(ExecutionError, match="ended as"):
            await service.execute_graph_with_logging(version.graph_id, LOCAL_OWNER, {"x": 2})

    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"business"' in line]
    assert [(line["action"], line["result"]) for line in told] == [
        ("execute_graph", "started"),
        ("execute_graph", "failed"),
    ]
    assert "ended as" not in told[1]["error"]
    assert told[1]["error"].startswith("graph execution ")
