"""The program on a fresh database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.examples.program import Program
from tests.support.postgres import drop_database, fresh_database
from weft.db.embedded.server import EmbeddedServer


@pytest.fixture
async def weft(postgres: EmbeddedServer, tmp_path: Path) -> AsyncIterator[Program]:
    """The program as a user runs it, with a database and a home of the test's own."""
    url = await fresh_database(postgres)
    yield Program(url, tmp_path / "home")
    await drop_database(postgres, url)
