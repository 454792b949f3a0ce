"""Weft as a library, on one embedded database for all tests of a file."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import weft
from tests.support.postgres import renew_database
from weft.db.embedded.server import EmbeddedServer


@pytest.fixture(scope="module")
def server(postgres: EmbeddedServer) -> EmbeddedServer:
    """The server, whose own database is empty."""
    asyncio.run(renew_database(postgres))
    return postgres


@pytest.fixture(scope="module")
def opened(server: EmbeddedServer) -> Iterator[Path]:
    """The home of the server; what the tests of a file opened in it is closed with it, and its thread disturbs no others."""
    yield server.data_directory.parents[1]
    weft.close()


@pytest.fixture(autouse=True)
def home(opened: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What the environment says: nothing but this home. Tests stand in a folder of their own."""
    for name in ("WEFT_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEFT_HOME", str(opened))
    monkeypatch.chdir(tmp_path)
    return opened
