"""Executions while Redis carries the signals, and while it does not: nothing but time is lost."""

from contextlib import aclosing

import pytest

from tests.engine.scene import Scene
from tests.engine.toys import CATALOG, ROOMY
from tests.events.reading import read
from tests.events.test_stream import SHAPES
from tests.events.valkey import Valkey
from weft.assembly import open_platform
from weft.events.bus import WORK
from weft.executions.stream_events import Emission, Event, Standing
from weft.executions.types import ExecutionStatus
from weft.users.types import LOCAL_OWNER


@pytest.mark.parametrize("what", ["kill", "kill and start", "freeze", "flush"])
async def test_whatever_happens_to_redis_in_mid_stream_a_follower_elsewhere_misses_nothing(
    scene: Scene, valkey: Valkey, what: str
) -> None:
    events: list[Event] = []
    async with (
        open_platform(scene.url, catalog=CATALOG, limits=ROOMY, redis_url=valkey.url) as one,
        open_platform(scene.url, catalog=CATALOG, limits=ROOMY, redis_url=valkey.url) as other,
    ):
        crew = Scene(one, scene.url)
        id = await crew.start(SHAPES["fan"].content, n=30)
        async with crew.working(), aclosing(other.stream().follow(LOCAL_OWNER, id)) as followed:
            async for event in followed:
                events.append(event)
                if sum(isinstance(event, Emission) for event in events) == 3:
                    await _trouble(valkey, what)
        if what == "freeze":
            valkey.thaw()

        assert (await crew.get(id)).status is ExecutionStatus.COMPLETED
        assert [event for event in events if not isinstance(event, Standing)] == await read(one, id)


async def _trouble(valkey: Valkey, what: str) -> None:
    match what:
        case "kill":
            valkey.kill()
        case "kill and start":
            valkey.kill()
            valkey.start()
        case "freeze":
            valkey.freeze()
        case "flush":
            await valkey.flush()


async def test_a_platform_opens_without_its_redis_and_runs(scene: Scene, valkey: Valkey) -> None:
    valkey.kill()

    async with open_platform(scene.url, catalog=CATALOG, limits=ROOMY, redis_url=valkey.url) as platform:
        done = await Scene(platform, scene.url).run(SHAPES["chain"].content, n=1)

    assert done.status is ExecutionStatus.COMPLETED


async def test_work_is_told_over_redis(scene: Scene, valkey: Valkey) -> None:
    async with (
        open_platform(scene.url, catalog=CATALOG, limits=ROOMY, redis_url=valkey.url) as one,
        open_platform(scene.url, catalog=CATALOG, limits=ROOMY, redis_url=valkey.url) as other,
        other.bus.subscribe(WORK, own=False) as told,
    ):
        await valkey.listeners(1)
        assert await told.wait(20)  # it listens now

        await Scene(one, scene.url).start(SHAPES["chain"].content, n=1)

        assert await told.wait(20)
