"""The database is killed and comes back while a stream is followed: the follower misses nothing and sees nothing twice."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.drills.crash_pg import kill_postgres
from tests.engine.scene import Scene, graph
from tests.engine.toys import CATALOG, ROOMY, WORLD
from tests.events.reading import read
from tests.support.postgres import fresh_database, running_server
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.executions.stream_events import EffectBegins, Emission, Ended, Event, Standing
from weft.executions.types import ExecutionStatus
from weft.users.types import LOCAL_OWNER

TOLD_AT_LAST = graph(
    {
        "n": "toy.input",
        "each": "toy.count",
        "double": "toy.double",
        "all": "toy.collect",
        "tell": "toy.at_least_once",
        "y": "toy.output",
    },
    [
        "n.result -> each.value",
        "each.item -> double.value",
        "double.value -> all.values",
        "all.list -> tell.value",
        "tell.value -> y.value",
    ],
)


@pytest.fixture
def doomed() -> Iterator[EmbeddedServer]:
    """A server of the test's own."""
    with running_server() as server:
        yield server


@pytest.fixture
async def scene(doomed: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform on it."""
    url = await fresh_database(doomed)
    async with open_platform(url, catalog=CATALOG, limits=ROOMY, ttl_s=5) as platform:
        yield Scene(platform, url)


async def test_a_stream_goes_on_over_kills_of_the_database_without_a_gap(scene: Scene, doomed: EmbeddedServer) -> None:
    home = Path(doomed.data_directory).parents[1]
    WORLD.gate.clear()
    starts = {await _server_start(scene)}
    id = await scene.start(TOLD_AT_LAST, n=20)
    events: list[Event] = []

    async with scene.working(), aclosing(scene.platform.stream().follow(LOCAL_OWNER, id)) as followed:
        async for event in followed:
            events.append(event)
            if sum(isinstance(event, Emission) for event in events) == 3 and len(starts) == 1:
                assert kill_postgres(home)
                starts.add(await _server_start(scene))
            if isinstance(event, EffectBegins):
                assert kill_postgres(home)
                WORLD.gate.set()  # how it ended is heard only when the database is back
                starts.add(await _server_start(scene))

    told = [event for event in events if not isinstance(event, Standing)]
    assert len(starts) == 3
    assert [event.seq for event in told] == list(range(len(told)))
    assert isinstance(told[-1], Ended)
    assert told[-1].status is ExecutionStatus.COMPLETED
    assert told == await read(scene.platform, id)


async def _server_start(scene: Scene) -> object:
    """Return when the server was started, as soon as it answers."""
    database = scene.platform.engine_database
    await database.wait_until_reachable(60)
    async with database.transaction() as tx:
        return await tx.scalar("SELECT pg_postmaster_start_time()")
