"""Fixtures with a real PostgreSQL; other test folders may import them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import drop_database, fresh_database, open_database, scratch_home
from weft.db.database import Database
from weft.db.embedded.server import EmbeddedServer


@pytest.fixture
async def empty_url(postgres: EmbeddedServer) -> AsyncIterator[str]:
    """The address of a database without tables, dropped afterwards."""
    url = await fresh_database(postgres, migrated=False)
    yield url
    await drop_database(postgres, url)


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """An open database without tables."""
    async with await open_database(empty_url) as opened:
        yield opened


@pytest.fixture
def home() -> Iterator[Path]:
    """A WEFT_HOME of the test's own."""
    with scratch_home() as path:
        yield path
