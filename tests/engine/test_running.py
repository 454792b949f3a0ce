"""What graphs do when they run on a real database."""

import asyncio

import pytest

from tests.engine.scene import Scene, graph
from tests.engine.toys import CATALOG, RETRY, WORLD
from weft.errors import DatabaseError
from weft.executions.journal import Journal
from weft.executions.limits import Limits
from weft.executions.loop import Ended
from weft.executions.recorder import recording
from weft.executions.service import Executions
from weft.executions.types import ExecutionStatus
from weft.graphs.errors import GraphInvalid
from weft.graphs.types import Policy
from weft.sdk import BlockError, Catalog
from weft.users.types import LOCAL_OWNER

LINE = graph(
    {"x": "toy.input", "double": "toy.double", "y": "toy.output"},
    ["x.result -> double.value", "double.value -> y.value"],
)
STREAM = graph(
    {
        "x": "toy.input",
        "count": "toy.count",
        "double": "toy.double",
        "add": "toy.add",
        "all": "toy.collect",
        "y": "toy.output",
    },
    [
        "x.result -> count.value",
        "count.item -> double.value",
        "count.item -> add.a",
        "double.value -> add.b",
        "add.sum -> all.values",
        "all.list -> y.value",
    ],
)


async def test_line_gives_its_output(scene: Scene) -> None:
    done = await scene.run(LINE, x=21)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [42]})
    assert [(node.node_id, node.firings) for node in done.nodes] == [("double", 1), ("y", 1)]
    assert done.started_at is not None
    assert done.ended_at is not None


async def test_a_look_at_an_old_run_does_not_make_its_version_fit_to_run_again(scene: Scene) -> None:
    done = await scene.run(LINE, x=21)
    version = await scene.save(LINE)
    without = Executions(Catalog([block for block in CATALOG if block.id != "toy.double"]), scene.platform.limits)
    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        assert (await without.get(tx, LOCAL_OWNER, done.id)).outputs == {"y": [42]}

        with pytest.raises(GraphInvalid):
            await without.start(tx, LOCAL_OWNER, version=version, inputs={"x": 21})


async def test_stream_is_paired_by_item_and_collected_in_order(scene: Scene) -> None:
    done = await scene.run(STREAM, x=1000)

    assert done.outputs == {"y": [[3 * number for number in range(1000)]]}


async def test_empty_stream_collects_an_empty_list(scene: Scene) -> None:
    done = await scene.run(STREAM, x=0)

    assert done.outputs == {"y": [[]]}


async def test_error_without_a_link_fails_the_run_and_names_the_node(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "odd": "toy.odd", "y": "toy.output"}, ["x.result -> odd.value", "odd.value -> y.value"]
    )

    done = await scene.run(content, x=2)

    assert done.status is ExecutionStatus.FAILED
    assert done.error is not None
    assert (done.error.code, done.error.message, done.error.node_id) == ("BLOCK_ERROR", "2 is even", "odd")
    assert [entry.node_id for entry in done.not_fired] == ["y"]


async def test_error_pin_takes_the_error_and_the_run_completes(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "odd": "toy.odd", "y": "toy.output", "e": "toy.output"},
        ["x.result -> odd.value", "odd.value -> y.value", "odd.error -> e.value"],
    )

    done = await scene.run(content, x=2)

    assert (done.status, done.outputs["e"]) == (ExecutionStatus.COMPLETED, ["2 is even"])


async def test_crash_of_a_block_tells_its_type_but_not_its_words(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "crash": "toy.crash", "y": "toy.output"},
        ["x.result -> crash.value", "crash.value -> y.value"],
    )

    done = await scene.run(content, x=1)

    assert done.error is not None
    assert "RuntimeError" in done.error.message
    assert "hunter2" not in done.error.message


async def test_value_of_another_type_is_converted_or_fails_the_reader(scene: Scene) -> None:
    converted = await scene.run(LINE, x="21")
    failed = await scene.run(LINE, x=[1])

    assert converted.outputs == {"y": [42]}
    assert failed.error is not None
    assert failed.error.code == "BAD_INPUT_VALUE"
    assert "'value' cannot take [1]" in failed.error.message


async def test_retry_runs_again_until_it_succeeds(scene: Scene) -> None:
    WORLD.trouble += [RETRY, RETRY]
    content = graph(
        {"x": "toy.input", "tell": "toy.at_least_once", "y": "toy.output"},
        ["x.result -> tell.value", "tell.value -> y.value"],
    )

    done = await scene.run(content, x=1)

    assert done.outputs == {"y": [1]}
    assert [attempt for _, _, attempt in WORLD.calls] == [1, 2, 3]
    assert len({key for _, key, _ in WORLD.calls}) == 1


async def test_retries_end_after_the_nodes_attempts(scene: Scene) -> None:
    WORLD.trouble += [RETRY] * 9
    content = graph(
        {"x": "toy.input", "tell": "toy.at_least_once", "y": "toy.output"},
        ["x.result -> tell.value", "tell.value -> y.value"],
        policies={"tell": Policy(attempts=2)},
    )

    done = await scene.run(content, x=1)

    assert done.error is not None
    assert (done.error.code, done.error.attempt, len(WORLD.calls)) == ("RETRIES_EXHAUSTED", 2, 2)


async def test_effect_that_may_happen_once_is_not_tried_again(scene: Scene) -> None:
    WORLD.trouble += [RETRY]
    content = graph(
        {"x": "toy.input", "tell": "toy.at_most_once", "y": "toy.output"},
        ["x.result -> tell.value", "tell.value -> y.value"],
    )

    done = await scene.run(content, x=1)

    assert (done.status, len(WORLD.calls)) == (ExecutionStatus.FAILED, 1)


async def test_stop_completes_the_run(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "halt": "toy.halt", "y": "toy.output"}, ["x.result -> halt.value", "halt.value -> y.value"]
    )

    done = await scene.run(content, x=1)

    assert (done.status, done.error) == (ExecutionStatus.COMPLETED, None)


async def test_input_without_value_leaves_its_readers_unfired_and_says_so(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "z": ("toy.input", {"value": None}), "add": "toy.add", "y": "toy.output"},
        ["x.result -> add.a", "z.result -> add.b", "add.sum -> y.value"],
    )

    done = await scene.run(content, x=1)

    assert done.status is ExecutionStatus.COMPLETED
    assert [(entry.node_id, entry.missing) for entry in done.not_fired] == [("add", ("b",)), ("y", ("value",))]


async def test_part_of_a_value_travels_by_path(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "double": "toy.double", "y": "toy.output"},
        ["x.result.rows[1].n -> double.value", 'double.value -> y.value["the answer"]'],
    )

    done = await scene.run(content, x={"rows": [{"n": 1}, {"n": 4}]})

    assert done.outputs == {"y": [{"the answer": 8}]}


async def test_path_that_leads_nowhere_fails_the_reader(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "double": "toy.double", "y": "toy.output"},
        ["x.result.missing -> double.value", "double.value -> y.value"],
    )

    done = await scene.run(content, x={"n": 1})

    assert done.error is not None
    assert (done.error.code, done.error.node_id) == ("PATH_NOT_FOUND", "double")


async def test_large_values_are_stored_once_and_come_back_whole(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "a": "toy.reads", "b": "toy.reads", "y": "toy.output"},
        ["x.result -> a.value", "a.value -> b.value", "b.value -> y.value"],
    )
    text = "weft " * 10_000

    done = await scene.run(content, x=text)

    assert done.outputs == {"y": [text]}
    assert len(await scene.fetch("SELECT 1 FROM payloads")) == 1


async def test_large_values_that_left_memory_are_read_back(scene: Scene) -> None:
    content = graph(
        {
            "x": "toy.input",
            "a": "toy.reads",
            "nap": ("toy.nap", {"ms": 5}),
            "all": "toy.collect",
            "pass": "toy.reads",
            "y": "toy.output",
        },
        [
            "x.result -> a.value",
            "x.result -> nap.value",
            "a.value -> all.values",
            "nap.value -> all.values",
            "all.list -> pass.value",
            "pass.value -> y.value",
        ],
    )
    text = "weft " * 10_000

    done = await scene.run(content, x=text)

    assert done.outputs == {"y": [[text, text]]}


async def test_value_that_is_gone_from_the_store_ends_the_execution_by_name(scene: Scene) -> None:
    content = graph(
        {
            "x": "toy.input",
            "a": "toy.reads",
            "ask": ("toy.ask", {"key": "well"}),
            "all": "toy.collect",
            "y": "toy.output",
        },
        [
            "x.result -> a.value",
            "x.result -> ask.value",
            "a.value -> all.values",
            "ask.value -> all.values",
            "all.list -> y.value",
        ],
    )
    execution_id = await scene.start(content, x="weft " * 10_000)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
    await scene.fetch("DELETE FROM payloads")
    await scene.answer(execution_id, "well", "yes")
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.LOST)

    done = await scene.get(execution_id)

    assert done.error is not None
    assert (done.status, done.error.code) == (ExecutionStatus.FAILED, "VALUE_LOST")


async def test_values_that_json_cannot_hold_fail_their_own_run_only(scene: Scene) -> None:
    WORLD.trouble += [BlockError("a\x00b")]
    content = graph(
        {"x": "toy.input", "a": "toy.reads", "y": "toy.output"}, ["x.result -> a.value", "a.value -> y.value"]
    )

    bad = await scene.run(content, x=1)
    good = await scene.run(content, x=2)

    assert bad.status is ExecutionStatus.FAILED
    assert good.outputs == {"y": [2]}


async def test_optional_path_that_leads_nowhere_delivers_nothing(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "r": "toy.reads", "y": "toy.output", "z": "toy.output"},
        ["x.result -> r.value", "r.value.a -> y.value", "r.value.b -> z.value"],
    )
    links = tuple(link.model_copy(update={"optional_path": True}) for link in content.links)

    done = await scene.run(content.model_copy(update={"links": links}), x={"a": 1})

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [1], "z": []})


async def test_run_over_its_time_ends_as_timeout(scene: Scene) -> None:
    WORLD.gate.clear()
    scene.platform.executions.limits = Limits(run_limit_s=0.05)
    content = graph(
        {"x": "toy.input", "r": "toy.reads", "y": "toy.output"}, ["x.result -> r.value", "r.value -> y.value"]
    )

    done = await scene.run(content, x=1)

    assert done.status is ExecutionStatus.TIMEOUT
    assert done.error is not None
    assert done.error.code == "RUN_TIMEOUT"


async def test_attempt_over_its_time_fails_its_node(scene: Scene) -> None:
    WORLD.gate.clear()
    content = graph(
        {"x": "toy.input", "r": "toy.reads", "y": "toy.output", "e": "toy.output"},
        ["x.result -> r.value", "r.value -> y.value", "r.error -> e.value"],
        policies={"r": Policy(timeout_s=0.02, attempts=2)},
    )

    done = await scene.run(content, x=1)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [], "e": ["no result within 0.02 s"]})


async def test_bad_row_fails_its_own_execution_and_no_other_in_the_flush(scene: Scene) -> None:
    started = [await scene.start(LINE, x=number) for number in range(64)]

    async with scene.platform.engine() as parts, recording(parts.store) as recorder:
        await parts.dispatch.working()
        claims = await parts.dispatch.take(64)
        journals = [Journal(claim) for claim in claims]
        for number, journal in enumerate(journals):
            journal.event("note" if number else "no\x00te")
            recorder.touch(journal)
        results = await asyncio.gather(*(journal.durable(1) for journal in journals), return_exceptions=True)

    written = await scene.fetch("SELECT execution_id FROM execution_events")
    assert len(started) == len(claims) == 64
    assert [type(result) for result in results] == [DatabaseError] + [type(None)] * 63
    assert {row["execution_id"] for row in written} == {claim.execution_id for claim in claims[1:]}
