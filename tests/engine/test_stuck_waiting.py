"""Executions that wait cost a worker nothing."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from tests.engine.scene import Scene, fresh_scene
from tests.engine.test_recovery import ASK
from tests.engine.toys import CATALOG, ROOMY
from weft.db.embedded.server import EmbeddedServer
from weft.executions.loop import Drive, Ended
from weft.executions.planner import Planner
from weft.executions.state import State
from weft.users.types import LOCAL_OWNER

MANY = 500
ALL_WAIT = f"SELECT 1 FROM executions WHERE status = 'waiting' OFFSET {MANY}"


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform with the toy blocks."""
    async with fresh_scene(postgres, catalog=CATALOG, limits=ROOMY) as opened:
        yield opened


def held() -> list[object]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Drive | State | Planner)]


async def test_executions_that_wait_leave_nothing_in_their_worker_and_wake_up(scene: Scene) -> None:
    of_others = held()  # what earlier tests of this process have left; kept, so that nothing new takes their places
    known = {id(one) for one in of_others}
    first = await scene.start(ASK, x=0)
    version = await scene.save(ASK)
    for _ in range(20):
        async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
            for _ in range(MANY // 20):
                await scene.platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={"x": 1})
    async with scene.working(slots=64) as crew:
        await scene.until(ALL_WAIT, within_s=120)
        async with asyncio.timeout(30):
            while any(id(one) not in known for one in held()):  # the last one is written before its task has ended
                await scene.fetch("SELECT 1")
        await scene.answer(first, "well", "yes")
        await crew.until(first, Ended.FINISHED)

    assert (await scene.get(first)).outputs["y"] == ["yes"]
