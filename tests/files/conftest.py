"""A store of each kind with small limits, and users whose files stand in it."""

from collections.abc import AsyncIterator

import pytest

from tests.files.scene import LIMITS, Scene, open_scene
from tests.support.postgres import drop_database, fresh_database
from weft.db.embedded.server import EmbeddedServer
from weft.files.memory import MemoryFileStore
from weft.files.ports import FileStore


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """The store on PostgreSQL as the engine and as the API use it, with two users."""
    url = await fresh_database(postgres)
    async with open_scene(url) as opened:
        yield opened
    await drop_database(postgres, url)


@pytest.fixture(params=["memory", "engine", "api"])
def store(request: pytest.FixtureRequest) -> FileStore:
    """Each store there is; what holds for one holds for all."""
    if request.param == "memory":
        return MemoryFileStore(LIMITS)
    scene: Scene = request.getfixturevalue("scene")
    return scene.engine if request.param == "engine" else scene.api
