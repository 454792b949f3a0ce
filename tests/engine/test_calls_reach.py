"""What calls cost, and how far they reach: money, turns, sizes, versions, and graphs of somebody else."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from tests.engine.scene import Scene, fresh_scene, graph
from tests.engine.test_calls import DOUBLE, caller, many_calls, saved
from tests.engine.test_calls_under_fire import owning
from tests.engine.toys import CATALOG, WORLD
from weft.db.embedded.server import EmbeddedServer
from weft.executions.journal import Journal, OpenFiring
from weft.executions.limits import Limits
from weft.executions.loop import Ended
from weft.executions.ports import Child, Claim
from weft.executions.types import ExecutionStatus
from weft.graphs.service import remember_file
from weft.graphs.types import Policy
from weft.sdk import Block, Effect, Emissions, Example, Price, Schema

ECHO = graph({"x": "toy.input", "y": "toy.output"}, ["x.result -> y.value"])
ANY_CALLER = graph(
    {"x": "toy.input", "graph": "toy.input", "version": "toy.input", "call": "agent.run"},
    ["x.result -> call.inputs.x", "graph.result -> call.graph", "version.result -> call.version"],
)
NOBODYS = "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"


class Priced(Block, id="toy.priced"):
    """Pass a number on, for three credits."""

    class Input(Schema):
        value: int = Field(description="A number")

    class Output(Schema):
        value: int = Field(description="The same")

    effect = Effect.IDEMPOTENT
    price = [Price(3)]
    examples = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value


@pytest.fixture
async def scene(postgres: EmbeddedServer, limits: Limits) -> AsyncIterator[Scene]:
    """A platform with one more block, which has a price."""
    async with fresh_scene(postgres, catalog=CATALOG.with_blocks(Priced), limits=limits) as opened:
        yield opened


async def somebody_else(scene: Scene) -> UUID:
    """Return the id of another user."""
    async with owning(scene) as owner:
        row = await owner.fetchrow(
            "INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'other@localhost') RETURNING id"
        )
    assert row is not None
    return UUID(str(row["id"]))


async def test_version_that_no_graph_can_have_fails_its_node(scene: Scene) -> None:
    done = await scene.run(ANY_CALLER, x=1, graph=await saved(scene, DOUBLE, "double"), version=2**40)

    assert done.error is not None
    assert (done.status, done.error.code, done.error.node_id) == (
        ExecutionStatus.FAILED,
        "CALLED_GRAPH_NOT_FOUND",
        "call",
    )


async def test_child_may_show_much_and_its_caller_gets_all_of_it_in_order(scene: Scene) -> None:
    child = graph(
        {"x": "toy.input", "n": "toy.input", "count": "toy.count", "y": "toy.output"},
        ["x.result -> y.value", "n.result -> count.value", "count.item -> y.value"],
    )
    content = graph(
        {
            "x": "toy.input",
            "call": ("agent.run", {"graph": await saved(scene, child, "child"), "inputs": {"n": 300}}),
            "y": "toy.output",
        },
        ["x.result -> call.inputs.x", "call.results.y -> y.value"],
    )
    large = "\N{SNOWMAN}" * 20_000

    done = await scene.run(content, x=large)

    assert done.outputs == {"y": [[large, *range(300)]]}


async def test_graph_of_somebody_else_looks_absent(scene: Scene) -> None:
    stranger = await somebody_else(scene)
    async with scene.platform.database.transaction(stranger) as tx:
        theirs = await remember_file(
            tx, stranger, source="test", key="theirs", content=DOUBLE, catalog=scene.platform.catalog
        )

    done = await scene.run(ANY_CALLER, x=1, graph=str(theirs.graph_id), version=1)
    absent = await scene.run(ANY_CALLER, x=1, graph=NOBODYS, version=1)

    assert done.error is not None
    assert absent.error is not None
    assert done.error.code == absent.error.code == "CALLED_GRAPH_NOT_FOUND"
    assert done.error.message.replace(str(theirs.graph_id), "…") == absent.error.message.replace(NOBODYS, "…")


async def test_caller_costs_what_it_called_costs_also_across_a_restart(scene: Scene) -> None:
    priced = graph(
        {"x": "toy.input", "tell": "toy.at_least_once", "pay": "toy.priced", "y": "toy.output"},
        ["x.result -> pay.value", "pay.value -> tell.value", "tell.value -> y.value"],
    )
    middle = await saved(scene, many_calls(await saved(scene, priced, "priced")), "middle")
    execution_id = await scene.start(caller(middle), x=4)
    WORLD.gate.clear()
    async with scene.working():
        await scene.until("SELECT 1 FROM node_executions WHERE cost > 0 HAVING count(*) >= 2")
    WORLD.gate.set()
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    rows = await scene.fetch("SELECT depth, cost_micro FROM executions ORDER BY depth")
    nodes = await scene.fetch(
        "SELECT sum(cost)::bigint AS cost FROM node_executions WHERE execution_id = $1", execution_id
    )
    assert [(row["depth"], row["cost_micro"]) for row in rows] == [
        (0, 12_000_000),
        (1, 12_000_000),
        *[(2, 3_000_000)] * 4,
    ]
    assert nodes[0]["cost"] == 12_000_000


async def test_error_pin_takes_the_failure_of_a_call_and_its_cost(scene: Scene) -> None:
    failing = graph(
        {"x": "toy.input", "pay": "toy.priced", "odd": "toy.odd", "y": "toy.output"},
        ["x.result -> pay.value", "pay.value -> odd.value", "odd.value -> y.value"],
    )
    content = graph(
        {"x": "toy.input", "call": ("agent.run", {"graph": await saved(scene, failing, "failing")}), "e": "toy.output"},
        ["x.result -> call.inputs.x", "call.error -> e.value"],
    )

    done = await scene.run(content, x=2)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"e": ["the called graph failed: 2 is even"]})
    (row,) = await scene.fetch("SELECT cost_micro FROM executions WHERE depth = 0")
    assert row["cost_micro"] == 3_000_000


async def test_children_of_one_user_take_turns_with_the_runs_of_others(scene: Scene) -> None:
    stranger = await somebody_else(scene)
    execution_id = await scene.start(many_calls(await saved(scene, DOUBLE, "double")), x=30)
    async with scene.platform.database.transaction(stranger) as tx:
        version = await remember_file(
            tx, stranger, source="test", key="theirs", content=DOUBLE, catalog=scene.platform.catalog
        )
        theirs = [
            await scene.platform.executions.start(tx, stranger, version=version, inputs={"x": number})
            for number in range(3)
        ]
    async with scene.working(only=[execution_id], slots=1) as crew:
        await crew.until(execution_id, Ended.PARKED)

    line = [
        row["execution_id"] for row in await scene.fetch("SELECT execution_id FROM queue ORDER BY rank, execution_id")
    ]
    assert len(line) > 20
    assert max(map(line.index, theirs)) <= 2 * len(theirs)


async def test_limited_node_has_so_many_children_at_most(scene: Scene) -> None:
    child = await saved(scene, DOUBLE, "double")
    content = many_calls(child)
    limited = content.model_copy(
        update={
            "nodes": tuple(
                node.model_copy(update={"policy": Policy(parallel=3)}) if node.id == "call" else node
                for node in content.nodes
            )
        }
    )

    done = await scene.run(limited, x=12)

    (row,) = await scene.fetch(
        "SELECT max((SELECT count(*) FROM executions o WHERE o.depth = 1 AND o.created_at <= e.created_at"
        " AND o.ended_at > e.created_at)) AS most FROM executions e WHERE e.depth = 1"
    )
    assert done.outputs == {"y": [[2 * number for number in range(12)]]}
    assert row["most"] <= 3


def test_inputs_of_calls_count_towards_what_a_flush_takes() -> None:
    one = uuid4()
    claim = Claim(one, 1, one, one, one, 0, 1, 0, cancel_requested=False, seconds_left=None)
    child = Child(one, one, one, 1, 0, 0, 1, one, 1, None, inputs='"long"' * 100, given="{}", context="{}")
    journal = Journal(claim)

    journal.waits(OpenFiring(0, 0), "wait", inputs="[]", started=0.0, wait={"key": "child"}, child=child)

    assert journal.pending_bytes > 600
