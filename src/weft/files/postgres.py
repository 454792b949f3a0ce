"""The store of files on PostgreSQL."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from typing import TypeVar
from uuid import UUID

from weft.db.base import new_id
from weft.db.database import Database
from weft.db.transaction import Transaction
from weft.errors import DatabaseError, DatabaseUnreachable, LimitExceeded
from weft.files import repository
from weft.files.errors import ExecutionFilesFull, FileLost, FileNotFound, FilesFull, file_too_large
from weft.files.limits import FileLimits
from weft.files.pieces import pieces, slices
from weft.files.ports import Stored
from weft.files.repository import Draft

T = TypeVar("T")


class PostgresFileStore:
    """`FileStore` on one database: a transaction for each megabyte, none while somebody else sends or computes.

    Args:
        database: As a role that may write files.
        limits: How large they may be.
        patience_s: How long a lost database is waited for.
    """

    def __init__(self, database: Database, limits: FileLimits, *, patience_s: float = 0.0) -> None:
        self._database = database
        self._limits = limits
        self._patience_s = patience_s

    async def put(self, user_id: UUID, chunks: AsyncIterable[bytes], *, execution_id: UUID | None = None) -> Stored:
        """Store what comes; see `FileStore.put`."""
        await self._sweep(user_id)
        draft = Draft(new_id(), user_id, execution_id)
        try:
            stored, is_new = await self._write(draft, chunks)
        except BaseException:
            await self._drop(draft)
            raise
        if not is_new:
            await self._drop(draft)
        return stored

    async def has(self, user_id: UUID, stored: Stored) -> bool:
        """Return whether the user has this content; see `FileStore.has`."""
        return await self._do(user_id, lambda tx: repository.is_known(tx, user_id, stored))

    @asynccontextmanager
    async def open(
        self, user_id: UUID, stored: Stored, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lend the bytes of a file; see `FileStore.open`."""
        file_id = await self._do(user_id, lambda tx: repository.find(tx, user_id, stored))
        if file_id is None:
            raise FileNotFound(stored.sha256, stored.size)
        async with aclosing(self._read(user_id, file_id, stored, start, end)) as chunks:
            yield chunks

    async def sweep(self) -> int:
        """Drop what was abandoned; see `FileStore.sweep`. The role must see the files of all users."""
        return await self._sweep(None)

    async def _sweep(self, user_id: UUID | None) -> int:
        """Drop what the role sees when it acts for this user: all there is, or that user's own."""
        swept = 0
        while await self._do(user_id, repository.sweep_one):
            swept += 1
        return swept

    async def _write(self, draft: Draft, chunks: AsyncIterable[bytes]) -> tuple[Stored, bool]:
        """Write all pieces and give them their name; False if the user had this content already.

        What a limit refuses is read on to its end, unwritten: if the user has it already it takes no room, so that a
        firing that runs again gets what it got before.
        """
        digest, size, count = hashlib.sha256(), 0, 0
        refusal: LimitExceeded | None = None
        async with aclosing(pieces(chunks)) as cut:
            async for piece in cut:
                size += len(piece)
                if size > self._limits.file_bytes:
                    raise file_too_large(self._limits.file_bytes)
                digest.update(piece)
                if refusal is None:
                    try:
                        await self._do(draft.user_id, partial(self._append, draft, count, piece, size))
                    except LimitExceeded as error:
                        refusal = error
                        await self._drop(draft)
                count += 1
        stored = Stored(digest.hexdigest(), size)
        if refusal is not None:
            if await self.has(draft.user_id, stored):
                return stored, False
            raise refusal
        try:
            return stored, await self._do(draft.user_id, partial(self._finish, draft, stored, count))
        except DatabaseError as error:
            if error.details.get("constraint") != repository.UNIQUE_CONTENT:
                raise
            return stored, False  # somebody else finished the same content just now

    async def _append(self, draft: Draft, number: int, piece: bytes, size: int, tx: Transaction) -> None:
        used = await repository.append(tx, draft, number, piece, size=size)
        if used is None:
            raise FileLost
        if used.of_user > self._limits.user_bytes:
            raise FilesFull(self._limits.user_bytes)
        if used.of_execution > self._limits.execution_bytes:
            raise ExecutionFilesFull(self._limits.execution_bytes)

    @staticmethod
    async def _finish(draft: Draft, stored: Stored, count: int, tx: Transaction) -> bool:
        if await repository.is_known(tx, draft.user_id, stored):
            return False
        if count == 0:
            await repository.begin(tx, draft)
        if not await repository.finish(tx, draft, stored, count=count):
            raise FileLost
        return True

    async def _drop(self, draft: Draft) -> None:
        """Remove what was written, if it can be done now; else the sweep will."""
        with suppress(DatabaseError):
            async with self._database.transaction(draft.user_id) as tx:
                await repository.drop(tx, draft)

    async def _read(
        self, user_id: UUID, file_id: UUID, stored: Stored, start: int, end: int | None
    ) -> AsyncGenerator[bytes]:
        for number, first, last in slices(stored.size, start, end):
            read = partial(repository.read, file_id=file_id, number=number, first=first, last=last)
            piece = await self._do(user_id, read)
            if piece is None:
                raise FileNotFound(stored.sha256, stored.size)
            yield piece

    async def _do(self, user_id: UUID | None, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do the work in a transaction, again from its beginning whenever the database is lost on the way."""
        clock = asyncio.get_running_loop().time
        give_up = clock() + self._patience_s
        while True:
            try:
                async with self._database.transaction(user_id) as tx:
                    return await work(tx)
            except DatabaseUnreachable:
                left = give_up - clock()
                if left <= 0:
                    raise
                await self._database.wait_until_reachable(left)
