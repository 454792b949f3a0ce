"""The clients of the fault matrix, cut off in the middle of what they do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from tests.faults.history import Final, History, check_history
from tests.faults.load import Load
from tests.faults.view import View
from tests.support.postgres import drop_database, fresh_database
from weft.assembly import open_platform
from weft.db.connector import Connector
from weft.db.embedded.server import EmbeddedServer
from weft.sdk import Catalog

_HELD_UP = "SELECT count(*) FROM pg_locks WHERE relation = 'executions'::regclass AND NOT granted"


@pytest.fixture
async def url(postgres: EmbeddedServer) -> AsyncIterator[str]:
    """The address of a database of the test's own."""
    url = await fresh_database(postgres)
    yield url
    await drop_database(postgres, url)


@pytest.fixture
async def load(url: str, tmp_path: Path) -> AsyncIterator[Load]:
    """Clients of that database; nobody works."""
    view = View(url)
    async with open_platform(url, catalog=Catalog.load(testing=True)) as platform:
        load = Load(platform, view, History(tmp_path / "history.jsonl"), tmp_path / "lines.txt")
        await load.save_shapes()
        yield load
    await view.close()


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Have everybody else wait who looks at an execution; lends the connection that holds them up."""
    login = await Connector.to(url).connect()
    try:
        async with login.transaction():
            await login.execute("LOCK TABLE executions IN ACCESS EXCLUSIVE MODE")
            yield login
    finally:
        await login.close()


@pytest.mark.parametrize("operation", ["look", "cancel", "answer", "start"])
async def test_call_that_is_cut_off_is_unknown_and_its_client_goes_on(url: str, load: Load, operation: str) -> None:
    id = await load.start("chain")
    assert id is not None, "the database is there"

    async def call() -> None:
        match operation:
            case "look":
                await load.look(id, client="somebody")
            case "cancel":
                await load.cancel(id, client="somebody")
            case "answer":
                await load.answer(UUID(id), "0:0:1", "yes", client="somebody")
            case _:
                await load.start("chain", client="somebody")

    async with locked(url) as login:
        calling = asyncio.create_task(call())
        while not await login.fetchval(_HELD_UP):
            await asyncio.sleep(0)
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
    await call()

    lines = [line for line in load.history.lines if line.client.startswith("somebody")]
    status = "cancelled" if operation == "cancel" else "queued"
    finals = {one: Final(one, status, answers={"0:0:1": "yes"}) for one in load.started}
    assert [line.outcome for line in lines[:3]] == ["invoke", "info", "invoke"]
    assert [one.sentence for one in check_history(load.history.lines, finals)] == []
