"""`weft scheduler` as a process: one leads, and what dead workers held is requeued without any worker."""

import signal

from tests.worker.conftest import Town
from tests.worker.programs import Gate


async def test_a_scheduler_requeues_what_a_dead_worker_held_though_no_worker_is_left(town: Town, gate: Gate) -> None:
    scheduler = await town.programs.started("scheduler")
    worker = await town.programs.started("worker")
    execution = await town.start_at(gate)
    await town.begun(execution)

    worker.signal(signal.SIGKILL)
    told = await scheduler.until("requeued")

    assert told["executions"] == 1
    assert str((await town.scene.get(execution)).status) == "queued"
    assert await scheduler.stop() == 0
    assert await town.workers() == []


async def test_of_two_schedulers_one_leads_and_the_other_takes_over(town: Town) -> None:
    first = await town.programs.started("scheduler")
    await first.until("leads")
    second = await town.programs.started("scheduler")
    await second.until("stands_by")

    first.signal(signal.SIGKILL)
    await second.until("leads")

    assert await second.stop() == 0


async def test_a_scheduler_wakes_what_is_due(town: Town) -> None:
    await town.programs.started("scheduler")
    execution = await town.start()
    await town.scene.fetch("UPDATE executions SET status = 'waiting' RETURNING id")
    await town.scene.fetch("DELETE FROM queue RETURNING 1")
    await town.scene.fetch(
        "INSERT INTO timers (run_at, execution_id, wait_key, user_id) "
        "SELECT clock_timestamp(), id, 'time:0:0', user_id FROM executions RETURNING 1"
    )

    await town.scene.until(f"SELECT 1 FROM queue WHERE execution_id = '{execution}'")

    assert str((await town.scene.get(execution)).status) == "queued"
