"""Graphs that call graphs: each call an execution of its own, nothing lost between them."""

from typing import Any
from uuid import UUID

import pytest

from tests.engine.scene import Scene, graph
from tests.engine.toys import WORLD
from weft.executions.limits import Limits
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.errors import GraphInvalid
from weft.graphs.types import GraphContent, Policy

DOUBLE = graph(
    {"x": "toy.input", "double": "toy.double", "y": "toy.output"},
    ["x.result -> double.value", "double.value -> y.value"],
)
TELL = graph(
    {"x": "toy.input", "tell": "toy.at_least_once", "y": "toy.output"},
    ["x.result -> tell.value", "tell.value -> y.value"],
)
READ = graph(
    {"x": "toy.input", "read": "toy.reads", "y": "toy.output"}, ["x.result -> read.value", "read.value -> y.value"]
)
ODD = graph({"x": "toy.input", "odd": "toy.odd", "y": "toy.output"}, ["x.result -> odd.value", "odd.value -> y.value"])
ASK = graph({"x": "toy.input", "ask": "toy.ask", "y": "toy.output"}, ["x.result -> ask.value", "ask.value -> y.value"])


def caller(child: str, block: str = "agent.run", **defaults: Any) -> GraphContent:
    """Return a graph that calls another one with its input `x`, and shows what that shows as `y`."""
    return graph(
        {"x": "toy.input", "call": (block, {"graph": child, **defaults}), "y": "toy.output"},
        ["x.result -> call.inputs.x", "call.outputs.y -> y.value"],
    )


def many_calls(child: str, parallel: int | None = None) -> GraphContent:
    """Return a graph that calls another one for each number below `x`, and shows the list of what they show."""
    return graph(
        {
            "x": "toy.input",
            "each": "toy.count",
            "call": ("agent.run", {"graph": child}),
            "all": "toy.collect",
            "y": "toy.output",
        },
        ["x.result -> each.value", "each.item -> call.inputs.x", "call.outputs.y -> all.values", "all.list -> y.value"],
        policies={"call": Policy(parallel=parallel)},
    )


async def saved(scene: Scene, content: GraphContent, name: str) -> str:
    """Return the id of a saved graph."""
    return str((await scene.save(content, key=name)).graph_id)


async def test_called_graph_gives_its_outputs(scene: Scene) -> None:
    done = await scene.run(caller(await saved(scene, DOUBLE, "double")), x=21)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [42]})
    rows = await scene.fetch("SELECT id, parent_id, root_id, depth FROM executions ORDER BY depth")
    assert [(row["parent_id"], row["root_id"], row["depth"]) for row in rows] == [
        (None, None, 0),
        (done.id, done.id, 1),
    ]


BOTH = graph(
    {"x": "toy.input", "double": "toy.double", "y": "toy.output", "z": "toy.output"},
    ["x.result -> double.value", "double.value -> y.value", "x.result -> z.value"],
)


async def test_each_output_of_a_called_graph_goes_its_own_way(scene: Scene) -> None:
    content = graph(
        {
            "x": "toy.input",
            "each": "toy.count",
            "call": ("agent.run", {"graph": await saved(scene, BOTH, "both")}),
            "sum": "toy.add",
            "all": "toy.collect",
            "ys": "toy.output",
            "sums": "toy.collect",
            "zs": "toy.output",
        },
        [
            "x.result -> each.value",
            "each.item -> call.inputs.x",
            "call.outputs.y -> all.values",
            "all.list -> ys.value",
            "call.outputs.y -> sum.a",
            "call.outputs.z -> sum.b",
            "sum.sum -> sums.values",
            "sums.list -> zs.value",
        ],
    )

    done = await scene.run(content, x=3)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"ys": [[0, 2, 4]], "zs": [[0, 3, 6]]})


async def test_what_lies_inside_of_an_output_must_be_there(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "call": ("agent.run", {"graph": await saved(scene, BOTH, "both")}), "y": "toy.output"},
        ["x.result -> call.inputs.x", "call.outputs.y.name -> y.value"],
    )

    done = await scene.run(content, x=3)

    assert done.error is not None
    assert done.error.code == "PATH_NOT_FOUND"


async def test_calls_of_calls_come_back(scene: Scene) -> None:
    inner = await saved(scene, DOUBLE, "double")
    middle = await saved(scene, caller(inner), "middle")

    done = await scene.run(caller(middle), x=4)

    assert done.outputs == {"y": [8]}


async def test_each_item_of_a_stream_may_call(scene: Scene) -> None:
    done = await scene.run(many_calls(await saved(scene, DOUBLE, "double")), x=20)

    assert done.outputs == {"y": [[2 * number for number in range(20)]]}


@pytest.mark.parametrize("most", [1, 3])
async def test_node_with_a_limit_has_no_more_calls_under_way(scene: Scene, most: int) -> None:
    content = many_calls(await saved(scene, ASK, "ask"), parallel=most)
    execution_id = await scene.start(content, x=5)
    answered: set[UUID] = set()
    async with scene.working() as crew:
        while len(answered) < 5:
            left = min(most, 5 - len(answered))
            await scene.until(
                f"SELECT 1 FROM executions WHERE depth = 1 AND status = 'waiting' HAVING count(*) = {left}"
            )
            (row, *_) = await scene.fetch(
                "SELECT id FROM executions WHERE depth = 1 AND status = 'waiting' ORDER BY id"
            )
            waiting = (await scene.get(row["id"])).waiting
            answered.add(row["id"])
            await scene.answer(row["id"], waiting[0].key, len(answered))
        await crew.until(execution_id, Ended.FINISHED)
    done = await scene.get(execution_id)

    assert sorted(done.outputs["y"][0]) == [1, 2, 3, 4, 5]


async def test_failure_of_a_called_graph_fails_the_caller_by_name(scene: Scene) -> None:
    done = await scene.run(caller(await saved(scene, ODD, "odd")), x=2)

    assert done.status is ExecutionStatus.FAILED
    assert done.error is not None
    assert (done.error.code, done.error.node_id) == ("CALL_FAILED", "call")
    assert "2 is even" in done.error.message


NOWHERE = "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"


def whatever(**defaults: Any) -> GraphContent:
    """Return a graph that calls the one it is told, so that nobody can judge the call beforehand."""
    return graph(
        {"x": "toy.input", "which": "toy.input", "call": ("agent.run", defaults), "y": "toy.output"},
        ["x.result -> call.inputs.x", "which.result -> call.graph", "call.outputs.y -> y.value"],
    )


@pytest.mark.parametrize(
    ("which", "defaults", "code"),
    [
        ("nothing", {}, "CALLED_GRAPH_NOT_FOUND"),
        (NOWHERE, {}, "CALLED_GRAPH_NOT_FOUND"),
        (None, {"version": 7}, "CALLED_GRAPH_NOT_FOUND"),
        (None, {"inputs": {"z": 1}}, "BAD_CALL_INPUT"),
    ],
)
async def test_call_that_cannot_be_made_fails_its_node(
    scene: Scene, which: str | None, defaults: dict[str, Any], code: str
) -> None:
    child = await saved(scene, DOUBLE, "double")

    done = await scene.run(whatever(**defaults), x=1, which=which or child)

    assert done.error is not None
    assert (done.status, done.error.code) == (ExecutionStatus.FAILED, code)
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 1


@pytest.mark.parametrize(
    ("defaults", "code"),
    [
        ({"graph": NOWHERE}, "CALLED_GRAPH_NOT_FOUND"),
        ({"version": 7}, "CALLED_GRAPH_NOT_FOUND"),
        ({"inputs": {"z": 1}}, "UNKNOWN_CALL_INPUT"),
    ],
)
async def test_call_that_can_be_judged_beforehand_is_refused_before_the_run(
    scene: Scene, defaults: dict[str, Any], code: str
) -> None:
    child = await saved(scene, DOUBLE, "double")

    with pytest.raises(GraphInvalid) as caught:
        await scene.start(caller(child, **defaults), x=1)

    assert [issue.code for issue in caught.value.issues] == [code]
    assert await scene.fetch("SELECT 1 FROM executions") == []


async def test_graph_that_runs_itself_is_refused_before_the_run(scene: Scene) -> None:
    first = await scene.save(DOUBLE, key="test.json")

    with pytest.raises(GraphInvalid, match="a graph may not run itself: 'test' -> 'test'"):
        await scene.start(caller(str(first.graph_id)), x=1)


async def test_graph_that_is_told_to_call_itself_stops_at_the_depth_limit(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "me": "toy.input", "call": "agent.run", "y": "toy.output"},
        [
            "x.result -> call.inputs.x",
            "me.result -> call.inputs.me",
            "me.result -> call.graph",
            "call.outputs.y -> y.value",
        ],
    )
    first = await scene.save(content)

    done = await scene.run(content, x=1, me=str(first.graph_id))

    assert done.error is not None
    assert (done.status, done.error.code) == (ExecutionStatus.FAILED, "CALL_FAILED")
    assert f"graphs may call each other {Limits().depth} deep" in done.error.message
    assert len(await scene.fetch("SELECT 1 FROM executions")) == Limits().depth + 1


async def test_cancel_of_the_caller_ends_all_it_called(scene: Scene) -> None:
    WORLD.gate.clear()
    content = many_calls(await saved(scene, caller(await saved(scene, READ, "read")), "middle"))
    execution_id = await scene.start(content, x=3)
    async with scene.working():
        await scene.until("SELECT 1 FROM executions WHERE depth = 2 AND status = 'running' HAVING count(*) = 3")
        await scene.cancel(execution_id)
        await scene.until("SELECT 1 FROM executions HAVING bool_and(status = 'cancelled')")

    assert len(await scene.fetch("SELECT 1 FROM executions")) == 7
    assert await scene.fetch("SELECT 1 FROM queue") == []


async def test_failure_of_the_caller_ends_what_still_waits(scene: Scene) -> None:
    ask = await saved(scene, ASK, "ask")
    content = graph(
        {
            "x": "toy.input",
            "call": ("agent.run", {"graph": ask}),
            "nap": ("toy.nap", {"ms": 40}),
            "odd": "toy.odd",
            "y": "toy.output",
        },
        ["x.result -> call.inputs.x", "call.outputs.y -> y.value", "x.result -> nap.value", "nap.value -> odd.value"],
    )
    execution_id = await scene.start(content, x=2)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)
        await scene.until("SELECT 1 FROM executions WHERE depth = 1 AND status = 'cancelled'")

    assert (await scene.get(execution_id)).status is ExecutionStatus.FAILED


async def test_cancelled_child_fails_its_caller(scene: Scene) -> None:
    ask = await saved(scene, ASK, "ask")
    execution_id = await scene.start(caller(ask), x=2)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM executions WHERE depth = 1 AND status = 'waiting'")
        (row,) = await scene.fetch("SELECT id FROM executions WHERE depth = 1")
        assert await scene.cancel(row["id"]) == "cancelled"
        await crew.until(execution_id, Ended.FINISHED)
    done = await scene.get(execution_id)

    assert done.error is not None
    assert (done.status, done.error.code) == (ExecutionStatus.FAILED, "CALL_CANCELLED")


async def test_waiting_caller_and_child_hold_no_worker_and_go_on(scene: Scene) -> None:
    ask = await saved(scene, ASK, "ask")
    execution_id = await scene.start(caller(ask), x=2)
    async with scene.working():
        await scene.until("SELECT 1 FROM executions HAVING count(*) = 2 AND bool_and(status = 'waiting')")
        assert await scene.fetch("SELECT 1 FROM leases") == []
        (row,) = await scene.fetch("SELECT id FROM executions WHERE depth = 1")
        await scene.answer(row["id"], (await scene.get(row["id"])).waiting[0].key, "yes")
        await scene.until("SELECT 1 FROM executions HAVING bool_and(status = 'completed')")

    assert (await scene.get(execution_id)).outputs == {"y": ["yes"]}


async def test_worker_killed_while_children_run_loses_and_doubles_nothing(scene: Scene) -> None:
    execution_id = await scene.start(many_calls(await saved(scene, TELL, "tell")), x=8)
    await scene.kill_a_worker_when("SELECT 1 FROM execution_events WHERE kind = 'intent' HAVING count(*) >= 4")
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    assert (await scene.get(execution_id)).outputs == {"y": [list(range(8))]}
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 9
    assert len(WORLD.calls) == len({key for _, key, _ in WORLD.calls}) == 8


async def test_loop_runs_rounds_until_its_condition_holds(scene: Scene) -> None:
    content = graph(
        {
            "x": "toy.input",
            "loop": (
                "agent.loop",
                {"graph": await saved(scene, DOUBLE, "double"), "until": "outputs['y'] > 50", "feed": {"y": "x"}},
            ),
            "y": "toy.output",
            "n": "toy.output",
        },
        ["x.result -> loop.inputs.x", "loop.outputs -> y.value", "loop.rounds -> n.value"],
    )

    done = await scene.run(content, x=3)

    assert done.outputs == {"y": [{"y": 96}], "n": [5]}
