"""A worker that is lost is part of an execution's story: told once, at its place, to whoever was there and who comes later."""

import asyncio

from tests.engine.scene import Scene
from tests.engine.test_recovery import INTENT, TELL
from tests.events.reading import read
from weft.cli.event_lines import line_of
from weft.executions.logbook import logs
from weft.executions.loop import Ended
from weft.executions.stream_events import EffectBegins, WorkerLost
from weft.executions.types import ExecutionStatus
from weft.users.types import LOCAL_OWNER


async def test_each_loss_of_a_worker_is_one_event_at_its_place(scene: Scene) -> None:
    id = await scene.start(TELL, x=7)
    watching = asyncio.create_task(read(scene.platform, id))
    await scene.kill_a_worker_when(INTENT)
    await scene.kill_a_worker_when("SELECT 1 FROM executions WHERE attempts = 2 AND status = 'running'")
    async with scene.working() as crew:
        await crew.until(id, Ended.FINISHED)

    events = await watching
    assert await read(scene.platform, id) == events
    assert [event.seq for event in events] == list(range(len(events)))
    kinds = [type(event) for event in events]
    assert kinds.count(WorkerLost) == 2
    assert kinds.index(WorkerLost) > kinds.index(EffectBegins)
    (lost, _) = [event for event in events if isinstance(event, WorkerLost)]
    assert "the worker was lost" in line_of(lost).plain
    assert (await scene.get(id)).status is ExecutionStatus.COMPLETED


async def test_the_log_says_that_a_worker_was_lost(scene: Scene) -> None:
    id = await scene.start(TELL, x=7)
    await scene.kill_a_worker_when(INTENT)
    async with scene.working() as crew:
        await crew.until(id, Ended.FINISHED)

    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        page = await logs(tx, LOCAL_OWNER, id)

    assert [line.message for line in page.items].count("its worker was lost; another one goes on") == 1
