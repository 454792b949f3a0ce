"""The store of files on a database of its own, and what stands in its tables."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.migrations.rows import insert_user
from tests.support.postgres import open_database
from weft.db.database import Database
from weft.files.limits import FileLimits
from weft.files.ports import PIECE_BYTES, FileStore, Stored
from weft.files.postgres import PostgresFileStore
from weft.users.types import LOCAL_OWNER

MB = PIECE_BYTES
LIMITS = FileLimits(file_bytes=4 * MB, execution_bytes=6 * MB, user_bytes=9 * MB)
ADA: UUID = LOCAL_OWNER


@dataclass(frozen=True)
class Scene:
    """Two stores on one database, a second user, and the database as its owner."""

    engine: PostgresFileStore
    api: PostgresFileStore
    owner: Database
    engine_database: Database
    bob: UUID
    url: str

    async def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows as the owner of the tables sees them: of all users."""
        async with self.owner.transaction() as tx:
            return [tuple(row) for row in await tx.rows(query)]

    async def do(self, statement: str) -> None:
        """Change something behind the store's back."""
        async with self.owner.transaction() as tx:
            await tx.execute(statement)

    async def counts(self) -> tuple[int, int]:
        """Return how many files and pieces there are, unfinished ones too; their bytes are what the usage says."""
        ((files, pieces),) = await self.fetch("SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM file_pieces)")
        by_pieces = await self.fetch("SELECT user_id, sum(octet_length(bytes)) FROM file_pieces GROUP BY 1 ORDER BY 1")
        by_usage = await self.fetch("SELECT user_id, bytes FROM file_usage WHERE bytes > 0 ORDER BY 1")
        assert by_pieces == by_usage
        return files, pieces


@asynccontextmanager
async def open_scene(url: str) -> AsyncIterator[Scene]:
    """Open the scene on a migrated database."""
    async with AsyncExitStack() as stack:
        owner, engine, api = [
            await stack.enter_async_context(await open_database(url, role=role))
            for role in ("weft_owner", "weft_worker", "weft_api")
        ]
        async with owner.transaction() as tx:
            bob = await insert_user(tx, "bob@example.com")
        yield Scene(PostgresFileStore(engine, LIMITS), PostgresFileStore(api, LIMITS), owner, engine, bob, url)


async def chunks_of(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    """Yield the bytes in chunks of some size."""
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def put(store: FileStore, content: bytes, user_id: UUID = ADA, *, execution_id: UUID | None = None) -> Stored:
    """Store some bytes."""
    return await store.put(user_id, chunks_of(content), execution_id=execution_id)


async def read(store: FileStore, stored: Stored, user_id: UUID = ADA, **bounds: int) -> bytes:
    """Return the bytes of a stored file, or some of them."""
    async with store.open(user_id, stored, **bounds) as chunks:
        return b"".join([chunk async for chunk in chunks])


def content_of(size: int, seed: int = 0) -> bytes:
    """Return bytes in which each place of each piece is another one."""
    return b"".join((seed + at).to_bytes(8) for at in range(0, size + 8, 8))[:size]
