"""A migrated database with two users, each with a way to open transactions."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.support.postgres import drop_database, fresh_database, open_database
from weft.db.database import Database
from weft.db.embedded.server import EmbeddedServer
from weft.users.types import LOCAL_OWNER


@pytest.fixture
async def url(postgres: EmbeddedServer) -> AsyncIterator[str]:
    address = await fresh_database(postgres)
    yield address
    await drop_database(postgres, address)


@pytest.fixture
async def stranger(url: str) -> UUID:
    """Another user than the local owner."""
    user_id = UUID("00000000-0000-7000-8000-0000000000ff")
    async with await open_database(url) as opened, opened.transaction() as tx:
        await tx.execute("INSERT INTO users (id, email) VALUES (:id, 'stranger@example.com')", {"id": user_id})
    return user_id


@pytest.fixture
async def database(url: str, stranger: UUID) -> AsyncIterator[Database]:
    """The migrated database, entered as the role of the API, which row-level security binds."""
    async with await open_database(url, role="weft_api") as opened:
        yield opened


@pytest.fixture
def owner() -> UUID:
    return LOCAL_OWNER
