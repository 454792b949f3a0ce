"""`weft worker` as a process: it leaves in good order, and what it cannot end goes on elsewhere."""

import asyncio
import signal
from pathlib import Path

from tests.engine.cable import laid_to
from tests.worker.conftest import Town
from tests.worker.programs import Gate

HOUR_MS = 3_600_000


async def test_a_worker_that_is_told_to_stop_lets_its_executions_end(town: Town, gate: Gate) -> None:
    worker = await town.programs.started("worker")
    execution = await town.start_at(gate)
    await town.begun(execution)

    worker.signal(signal.SIGTERM)
    draining = await worker.until("draining")
    gate.open()
    code = await worker.end()

    assert (code, draining["running"]) == (0, 1)
    assert (worker.said[-1]["event"], worker.said[-1]["ended"], worker.said[-1]["handed_over"]) == ("drained", 1, 0)
    done = await town.scene.get(execution)
    assert (str(done.status), done.outputs, done.attempts) == ("completed", {"done": [7]}, 1)
    assert await town.workers() == []


async def test_a_worker_that_drains_claims_nothing_more_and_says_so(town: Town, gate: Gate) -> None:
    worker = await town.programs.started("worker")
    execution = await town.start_at(gate)
    await town.begun(execution)

    worker.signal(signal.SIGTERM)
    await worker.until("draining")
    await town.scene.until("SELECT 1 FROM workers WHERE draining AND slots = 10 AND role = 'worker'")
    later = await town.start()
    gate.open()

    assert await worker.end() == 0
    assert str((await town.scene.get(execution)).status) == "completed"
    assert str((await town.scene.get(later)).status) == "queued"


async def test_what_does_not_end_in_time_is_handed_over_and_another_worker_goes_on(town: Town) -> None:
    first = await town.programs.started("worker", "--drain", "0")
    execution = await town.start(block="testing.record", wait_ms=3_000)
    await town.scene.until("SELECT 1 FROM leases")

    code = await first.stop()
    handed_over = await town.scene.get(execution)
    second = await town.programs.started("worker")
    statuses = await town.ended(execution)

    assert (code, first.said[-1]["handed_over"], str(handed_over.status)) == (0, 1, "queued")
    done = await town.scene.get(execution)
    assert (statuses, done.outputs, done.attempts) == (["completed"], {"done": [7]}, 2)
    assert (town.folder / "lines").read_text().count("\n") == 1
    assert await second.stop() == 0


async def test_an_effect_that_does_not_end_is_left_to_whoever_takes_over(town: Town) -> None:
    first = await town.programs.started("worker", "--drain", "0")
    execution = await town.start(wait_ms=HOUR_MS)
    await town.begun(execution)

    assert await first.stop() == 0
    second = await town.programs.started("worker")
    await town.scene.until("SELECT 1 FROM executions WHERE status = 'running' AND attempts = 2")
    second.signal(signal.SIGKILL)

    assert first.said[-1]["handed_over"] == 1
    assert await second.end() == -signal.SIGKILL


async def test_a_second_signal_ends_a_worker_at_once_and_others_take_over(town: Town, gate: Gate) -> None:
    first = await town.programs.started("worker")
    execution = await town.start_at(gate)
    await town.begun(execution)

    first.signal(signal.SIGTERM)
    await first.until("draining")
    first.signal(signal.SIGTERM)
    code = await first.end()
    second = await town.programs.started("worker")
    await town.scene.until("SELECT 1 FROM executions WHERE attempts = 2")
    gate.open()

    assert (code, first.said[-1]["event"]) == (130, "left")
    assert await town.ended(execution) == ["completed"]
    assert await second.stop() == 0


async def test_a_worker_that_is_stopped_while_it_opens_leaves_nothing_behind(town: Town) -> None:
    worker = await town.programs.start("worker")
    code = await worker.stop()

    # Before the program listens to signals the kernel ends it.
    assert code in (0, -signal.SIGTERM)
    assert await town.workers() == []


async def test_two_workers_share_the_work(town: Town, gate: Gate) -> None:
    workers = [await town.programs.started("worker", "--concurrency", "1") for _ in range(2)]
    executions = [await town.start_at(gate) for _ in range(3)]

    await town.scene.until("SELECT 1 FROM leases HAVING count(*) = 2 AND count(DISTINCT worker) = 2")
    waiting = await town.scene.fetch("SELECT count(*) FROM queue")
    gate.open()

    assert waiting[0]["count"] == 1
    assert await town.ended(*executions) == ["completed"] * 3
    assert await town.workers() == [("worker", 1), ("worker", 1)]
    assert [await worker.stop() for worker in workers] == [0, 0]


async def test_what_a_killed_worker_ran_ends_with_another(town: Town, gate: Gate) -> None:
    first = await town.programs.started("worker")
    execution = await town.start_at(gate)
    await town.begun(execution)
    second = await town.programs.started("worker")

    first.signal(signal.SIGKILL)
    await town.scene.until("SELECT 1 FROM executions WHERE attempts = 2")
    gate.open()

    assert await town.ended(execution) == ["completed"]
    assert await second.stop() == 0
    assert await town.workers() == []


async def test_a_worker_outlives_its_database(town: Town, gate: Gate) -> None:
    async with laid_to(town.scene.url) as cable:
        worker = await town.programs.started("worker", WEFT_DATABASE_URL=cable.url)
        execution = await town.start_at(gate)
        await town.begun(execution)

        cable.cut()
        await cable.refused.wait()
        gate.open()
        later = await town.start()
        cable.mend()

        assert await town.ended(execution, later) == ["completed"] * 2
        assert await worker.stop() == 0


async def test_a_worker_without_a_database_says_so_and_ends_with_6(town: Town, tmp_path: Path) -> None:
    worker = await town.programs.start("worker", WEFT_DATABASE_URL=f"postgresql://weft@/weft?host={tmp_path}")

    assert await worker.end() == 6
    (said,) = worker.said
    assert said["error"]["code"] == "DATABASE_UNREACHABLE"
    assert said["error"]["message"]


async def test_workers_are_listed_with_what_they_run(town: Town, gate: Gate) -> None:
    worker = await town.programs.started("worker", "--concurrency", "3")
    execution = await town.start_at(gate)
    await town.begun(execution)

    (member,) = await town.scene.platform.crew().members()
    listing = await town.programs.start("workers")
    assert await listing.end() == 0
    (item,) = listing.said[0]["items"]
    gate.open()
    await town.ended(execution)
    await worker.stop()

    assert member.facts is not None
    assert (member.facts.pid, member.facts.slots, member.running) == (worker.pid, 3, 1)
    assert member.beat_age < member.ttl
    assert (item["role"], item["pid"], item["slots"], item["running"]) == ("worker", worker.pid, 3, 1)
    assert item["status"] == "working"


async def test_nobody_working_is_an_empty_list(town: Town) -> None:
    listing = await town.programs.start("workers")

    assert await listing.end() == 0
    assert listing.said == [{"items": []}]


async def test_a_worker_runs_no_more_at_once_than_it_has_slots(town: Town, gate: Gate) -> None:
    worker = await town.programs.started("worker", "--concurrency", "3")
    executions = [await town.start_at(gate) for _ in range(7)]
    await town.scene.until("SELECT 1 FROM leases HAVING count(*) = 3")
    waiting = await town.scene.fetch("SELECT count(*) FROM queue")

    gate.open()
    ends = await town.ended(*executions)

    assert (waiting[0]["count"], ends) == (4, ["completed"] * 7)
    assert await worker.stop() == 0
    assert len(gate.lines()) == 7


async def test_the_gate_holds_nobody_up_for_ever(gate: Gate) -> None:
    gate.open()
    await asyncio.to_thread(gate.path.write_text, "through\n")

    assert gate.lines() == ["through"]
