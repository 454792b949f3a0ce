"""What survives: crashes, zombies, waits, cancels, and answers that come at any time."""

import zlib

import pytest

from tests.engine.scene import Scene, graph
from tests.engine.test_running import LINE, STREAM
from tests.engine.toys import ROOMY, TIGHT, WORLD
from weft.executions.errors import AlreadyEnded, ExecutionNotFound
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.users.types import LOCAL_OWNER

TELL = graph(
    {"x": "toy.input", "tell": "toy.at_least_once", "y": "toy.output"},
    ["x.result -> tell.value", "tell.value -> y.value"],
)
TELL_ONCE = graph(
    {"x": "toy.input", "tell": "toy.at_most_once", "y": "toy.output"},
    ["x.result -> tell.value", "tell.value -> y.value"],
)
ASK = graph(
    {"x": "toy.input", "ask": ("toy.ask", {"key": "well"}), "q": "toy.output", "y": "toy.output"},
    ["x.result -> ask.value", "ask.asked -> q.value", "ask.value -> y.value"],
)


INTENT = "SELECT 1 FROM execution_events WHERE kind = 'intent'"


async def test_effect_at_least_once_runs_again_with_the_same_key(scene: Scene) -> None:
    execution_id = await scene.start(TELL, x=7)
    await scene.kill_a_worker_when(INTENT)

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    intents = await scene.fetch("SELECT key FROM execution_events WHERE kind = 'intent'")
    assert (await scene.get(execution_id)).outputs == {"y": [7]}
    assert {key for _, key, _ in WORLD.calls} == {row["key"] for row in intents}
    assert len(intents) == 1


async def test_effect_at_most_once_with_unknown_outcome_waits_for_a_person(scene: Scene) -> None:
    execution_id = await scene.start(TELL_ONCE, x=7)
    await scene.kill_a_worker_when(INTENT)

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
    waiting = await scene.get(execution_id)

    assert waiting.status is ExecutionStatus.WAITING
    assert [(wait.node_id, wait.kind) for wait in waiting.waiting] == [("tell", "person")]
    assert WORLD.calls == []


@pytest.mark.parametrize(
    ("decision", "outputs", "calls"),
    [
        ({"decision": "retry"}, {"y": [7]}, 1),
        ({"decision": "skip"}, {"y": []}, 0),
        ({"decision": "output", "outputs": [["value", "seen"]]}, {"y": ["seen"]}, 0),
    ],
)
async def test_person_decides_an_unknown_outcome(scene: Scene, decision: object, outputs: object, calls: int) -> None:
    execution_id = await scene.start(TELL_ONCE, x=7)
    await scene.kill_a_worker_when(INTENT)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
        await scene.answer(execution_id, (await scene.get(execution_id)).waiting[0].key, decision)
        await crew.until(execution_id, Ended.FINISHED)

    done = await scene.get(execution_id)

    assert (done.status, done.outputs, len(WORLD.calls)) == (ExecutionStatus.COMPLETED, outputs, calls)


async def test_crash_of_a_decided_retry_asks_again(scene: Scene) -> None:
    execution_id = await scene.start(TELL_ONCE, x=7)
    await scene.kill_a_worker_when(INTENT)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
    await scene.answer(execution_id, (await scene.get(execution_id)).waiting[0].key, {"decision": "retry"})
    await scene.kill_a_worker_when("SELECT 1 FROM execution_events WHERE kind = 'intent' HAVING count(*) = 2")

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)

    assert [wait.kind for wait in (await scene.get(execution_id)).waiting] == ["person"]
    assert WORLD.calls == []


async def test_zombie_writes_nothing_after_a_takeover(scene: Scene) -> None:
    WORLD.gate.clear()
    execution_id = await scene.start(TELL, x=7)
    async with scene.working() as zombie:
        await scene.until(INTENT)
        await scene.fetch("UPDATE workers SET beat = now() - interval '1 hour'")
        async with scene.working() as heir:
            await scene.until("SELECT 1 FROM leases WHERE token = 3")
            WORLD.gate.set()
            await heir.until(execution_id, Ended.FINISHED)
            await zombie.until(execution_id, Ended.LOST)

    rows = await scene.fetch("SELECT count(*) FROM node_executions GROUP BY node, index")
    assert (await scene.get(execution_id)).outputs == {"y": [7]}
    assert [row["count"] for row in rows] == [1, 1]


async def test_wait_for_time_ends_by_itself(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "nap": ("toy.nap", {"ms": 30}), "y": "toy.output"},
        ["x.result -> nap.value", "nap.value -> y.value"],
    )

    done = await scene.run(content, x=5)

    assert done.outputs == {"y": [5]}
    assert await scene.fetch("SELECT 1 FROM timers") == []


async def test_wait_for_a_person_holds_no_worker_and_goes_on_with_the_answer(scene: Scene) -> None:
    execution_id = await scene.start(ASK, x=5)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
        waiting = await scene.get(execution_id)
    await scene.answer(execution_id, "well", "yes")
    await scene.answer(execution_id, "well", "no")
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)
    done = await scene.get(execution_id)

    assert (waiting.status, waiting.outputs["q"]) == (ExecutionStatus.WAITING, [5])
    assert [(wait.kind, wait.title) for wait in waiting.waiting] == [("person", "Well?")]
    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"q": [5], "y": ["yes"]})


async def test_answer_may_come_before_the_wait(scene: Scene) -> None:
    execution_id = await scene.start(ASK, x=5)
    await scene.answer(execution_id, "well", "early")

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    assert (await scene.get(execution_id)).outputs["y"] == ["early"]


async def test_queued_and_waiting_executions_are_cancelled_at_once(scene: Scene) -> None:
    queued = await scene.start(LINE, x=1)
    waiting = await scene.start(ASK, x=1)
    async with scene.working(only=[waiting]) as crew:
        await crew.until(waiting, Ended.PARKED)

    assert await scene.cancel(queued) == "cancelled"
    assert await scene.cancel(waiting) == "cancelled"

    async with scene.working():
        pass
    assert (await scene.get(queued)).status is ExecutionStatus.CANCELLED
    assert (await scene.get(waiting)).status is ExecutionStatus.CANCELLED
    assert await scene.fetch("SELECT 1 FROM queue") == []


async def test_running_execution_is_cancelled_by_its_holder(scene: Scene) -> None:
    WORLD.gate.clear()
    content = graph(
        {"x": "toy.input", "r": "toy.reads", "y": "toy.output"}, ["x.result -> r.value", "r.value -> y.value"]
    )
    execution_id = await scene.start(content, x=1)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM leases")
        assert await scene.cancel(execution_id) == "running"
        await crew.until(execution_id, Ended.FINISHED)

    done = await scene.get(execution_id)

    assert (done.status, done.outputs) == (ExecutionStatus.CANCELLED, {"y": []})
    with pytest.raises(AlreadyEnded):
        await scene.cancel(execution_id)


async def test_orderly_leave_hands_work_back_unharmed(scene: Scene) -> None:
    WORLD.gate.clear()
    content = graph(
        {"x": "toy.input", "r": "toy.reads", "y": "toy.output"}, ["x.result -> r.value", "r.value -> y.value"]
    )
    execution_id = await scene.start(content, x=1)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM leases")
    handed_back = await scene.get(execution_id)
    WORLD.gate.set()
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    assert handed_back.status is ExecutionStatus.QUEUED
    assert (await scene.get(execution_id)).outputs == {"y": [1]}


async def test_others_executions_look_absent(scene: Scene) -> None:
    execution_id = await scene.start(LINE, x=1)
    stranger = (await scene.fetch("SELECT gen_random_uuid() AS id"))[0]["id"]

    async with scene.platform.database.transaction(stranger) as tx:
        with pytest.raises(ExecutionNotFound):
            await scene.platform.executions.get(tx, stranger, execution_id)
        with pytest.raises(ExecutionNotFound):
            await scene.platform.executions.cancel(tx, LOCAL_OWNER, execution_id)


async def test_history_pages_newest_first_without_gaps(scene: Scene) -> None:
    started = [await scene.start(LINE, x=number) for number in range(5)]

    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        first = await scene.platform.executions.history(tx, LOCAL_OWNER, limit=3)
        second = await scene.platform.executions.history(tx, LOCAL_OWNER, limit=3, after=first.next)

    assert [item.id for item in first.items + second.items] == started[::-1]
    assert second.next is None


async def test_stream_cut_off_in_the_middle_goes_on_from_what_was_durable(scene: Scene) -> None:
    execution_id = await scene.start(STREAM, x=20_000)
    await scene.kill_a_worker_when("SELECT 1 FROM node_executions WHERE index > 1000")
    before = {(r["node"], r["index"]): r["seq_end"] for r in await scene.fetch("SELECT * FROM node_executions")}

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    after = {(r["node"], r["index"]): r["seq_end"] for r in await scene.fetch("SELECT * FROM node_executions")}
    assert (await scene.get(execution_id)).outputs == {"y": [[3 * number for number in range(20_000)]]}
    assert before.items() <= after.items()
    assert len(before) < len(after)


async def test_refused_record_ends_its_execution_as_failed(scene: Scene) -> None:
    WORLD.gate.clear()
    execution_id = await scene.start(TELL, x=1)
    async with scene.working() as crew:
        await scene.until(INTENT)
        assert crew.worker is not None
        crew.worker.drives()[execution_id].state.journal.event("no\x00te")
        WORLD.gate.set()
        await crew.until(execution_id, Ended.LOST)
    done = await scene.get(execution_id)

    assert done.status is ExecutionStatus.FAILED
    assert done.error is not None
    assert done.error.code == "DATABASE_ERROR"


@pytest.mark.parametrize("limits", [TIGHT], indirect=True)
async def test_replay_begins_at_the_snapshot(scene: Scene) -> None:
    execution_id = await scene.start(ASK, x=5)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
        await scene.fetch("DELETE FROM execution_events")
        await scene.answer(execution_id, "well", "yes")
        await crew.until(execution_id, Ended.FINISHED)

    assert (await scene.get(execution_id)).outputs == {"q": [5], "y": ["yes"]}
    assert await scene.fetch("SELECT 1 FROM executions WHERE snapshot IS NOT NULL") == []


@pytest.mark.parametrize("limits", [TIGHT], indirect=True)
async def test_snapshot_of_another_format_is_not_used(scene: Scene) -> None:
    execution_id = await scene.start(ASK, x=5)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
        other = b"\0" * 7 + b"\7" + zlib.compress(b'{"format":0}')
        await scene.fetch("UPDATE executions SET snapshot = $1", other)
        await scene.answer(execution_id, "well", "yes")
        await crew.until(execution_id, Ended.FINISHED)

    assert (await scene.get(execution_id)).outputs == {"q": [5], "y": ["yes"]}


@pytest.mark.parametrize("limits", [ROOMY], indirect=True)  # a snapshot would not look at those rows again
async def test_journal_that_does_not_follow_the_rules_stops_the_execution(scene: Scene) -> None:
    execution_id = await scene.start(ASK, x=5)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
        await scene.fetch("UPDATE node_executions SET inputs = '[[2,0,0]]' WHERE outcome = 'ok'")
        await scene.answer(execution_id, "well", "yes")
        await crew.until(execution_id, Ended.LOST)
    done = await scene.get(execution_id)

    assert done.status is ExecutionStatus.FAILED
    assert done.error is not None
    assert done.error.code == "EXECUTION_DIVERGED"
