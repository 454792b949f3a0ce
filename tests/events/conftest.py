"""Buses as two processes see them, on real servers."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import server, start, weft  # noqa: F401
from tests.engine.conftest import scene  # noqa: F401
from tests.engine.toys import ROOMY, WORLD
from tests.events.valkey import Valkey
from tests.support.postgres import drop_database, fresh_database
from weft.cache.connection import RedisConnection
from weft.db.connector import Connector
from weft.db.embedded.server import EmbeddedServer
from weft.events.bus import EventBus
from weft.events.memory import MemoryBus
from weft.events.postgres import postgres_bus
from weft.events.redis import redis_bus
from weft.executions.limits import Limits

Open = Callable[[], Awaitable[EventBus]]


@pytest.fixture
def limits() -> Limits:
    """How much an execution may use: plenty."""
    return ROOMY


@pytest.fixture(autouse=True)
def _quiet_world() -> Iterator[None]:
    WORLD.begin()
    yield
    WORLD.gate.set()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A running server in place of Redis."""
    with tempfile.TemporaryDirectory(prefix="weft-test-", dir="/var/tmp") as folder:
        made = Valkey(Path(folder))
        made.start()
        yield made
        made.kill()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What is entered here is left at the end."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def url(postgres: EmbeddedServer) -> AsyncIterator[str]:
    """The address of a database of the test's own."""
    made = await fresh_database(postgres, migrated=False)
    yield made
    await drop_database(postgres, made)


@pytest.fixture
def open_postgres(url: str, stack: AsyncExitStack) -> Open:
    """Open one more end of a bus over a database."""

    async def opened() -> EventBus:
        return await stack.enter_async_context(postgres_bus(Connector.to(url).connect, schema="public"))

    return opened


@pytest.fixture
def open_redis(valkey: Valkey, stack: AsyncExitStack) -> Open:
    """Open one more end of a bus over Redis."""

    async def opened() -> EventBus:
        redis = await stack.enter_async_context(RedisConnection(valkey.url, timeout_s=0.3))
        return await stack.enter_async_context(redis_bus(redis))

    return opened


@pytest.fixture(params=["memory", "postgres", "redis"])
def open_end(request: pytest.FixtureRequest) -> Open:
    """Open one more end of a bus, as one more process would; in memory there is only one."""
    if request.param != "memory":
        found: Open = request.getfixturevalue(f"open_{request.param}")
        return found
    bus = MemoryBus()

    async def opened() -> EventBus:
        return bus

    return opened
