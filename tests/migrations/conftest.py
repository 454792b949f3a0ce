"""A real server, empty and migrated databases, and connections in the roles of the first migration."""

from collections.abc import AsyncIterator

import pytest

from tests.db.conftest import empty_url  # noqa: F401
from tests.migrations.catalogue import Catalogue
from tests.support.postgres import drop_database, fresh_database, open_database
from weft.db.database import Database
from weft.db.embedded.server import EmbeddedServer


@pytest.fixture
async def url(postgres: EmbeddedServer) -> AsyncIterator[str]:
    """The address of a migrated database, dropped afterwards."""
    made = await fresh_database(postgres)
    yield made
    await drop_database(postgres, made)


@pytest.fixture
async def catalogue(url: str) -> AsyncIterator[Catalogue]:
    """What PostgreSQL says about the migrated schema."""
    async with await open_database(url) as database:
        yield Catalogue(database)


@pytest.fixture
async def owner(url: str) -> AsyncIterator[Database]:
    """The migrated database as `weft_owner`, who is bound by constraints and by nothing else."""
    async with await open_database(url, role="weft_owner") as database:
        yield database


@pytest.fixture
async def api(url: str) -> AsyncIterator[Database]:
    """The migrated database as the role of the API."""
    async with await open_database(url, role="weft_api") as database:
        yield database


@pytest.fixture
async def worker(url: str) -> AsyncIterator[Database]:
    """The migrated database as the role of the engine."""
    async with await open_database(url, role="weft_worker") as database:
        yield database
