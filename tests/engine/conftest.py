"""A platform on a fresh database, with a worker; and graphs written as a few lines."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.engine.scene import Scene, fresh_scene
from tests.engine.toys import CATALOG, ROOMY, TIGHT, WORLD
from weft.db.embedded.server import EmbeddedServer
from weft.executions.limits import Limits


@pytest.fixture(params=[ROOMY, TIGHT], ids=["roomy", "tight"])
def limits(request: pytest.FixtureRequest) -> Limits:
    """How much an execution may use: plenty, or with no value kept and a snapshot at every turn."""
    assert isinstance(request.param, Limits)
    return request.param


@pytest.fixture
async def scene(postgres: EmbeddedServer, limits: Limits) -> AsyncIterator[Scene]:
    """A platform with the toy blocks, short backoffs, and nobody working yet."""
    async with fresh_scene(postgres, catalog=CATALOG, limits=limits) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _quiet_world() -> Iterator[None]:
    WORLD.begin()
    yield
    WORLD.gate.set()
