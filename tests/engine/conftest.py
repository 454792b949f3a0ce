"""A platform on a fresh database, with a worker; and graphs written as a few lines."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.db.conftest import postgres  # noqa: F401
from tests.engine.scene import Scene
from tests.engine.toys import CATALOG, ROOMY, TIGHT, WORLD
from tests.support.postgres import drop_database, fresh_database
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.executions.limits import Limits


@pytest.fixture(params=[ROOMY, TIGHT], ids=["roomy", "tight"])
def limits(request: pytest.FixtureRequest) -> Limits:
    """How much an execution may use: plenty, or with no value kept and a snapshot at every turn."""
    assert isinstance(request.param, Limits)
    return request.param


@pytest.fixture
async def scene(postgres: EmbeddedServer, limits: Limits) -> AsyncIterator[Scene]:  # noqa: F811
    """A platform with the toy blocks, short backoffs, and nobody working yet."""
    url = await fresh_database(postgres)
    async with open_platform(url, catalog=CATALOG, limits=limits, ttl_s=5) as platform:
        yield Scene(platform, url)
    await drop_database(postgres, url)


@pytest.fixture(autouse=True)
def _quiet_world() -> Iterator[None]:
    WORLD.begin()
    yield
    WORLD.gate.set()
