"""Files as a firing is lent them: what the store refuses becomes an outcome of the block."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from weft.errors import DatabaseError, LimitExceeded
from weft.files.errors import FileLost, FileNotFound
from weft.files.service import UserFiles
from weft.sdk import BlockError, File, RetryLater
from weft.sdk.context import READ_LIMIT


@dataclass(frozen=True, slots=True)
class Files:
    """The files of the user whose execution it is; nobody else's can be opened."""

    files: UserFiles

    @asynccontextmanager
    async def open(self, file: File, *, start: int = 0, end: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lend the bytes of a file, piece by piece."""
        with _told():
            async with self.files.open(file, start=start, end=end) as chunks:
                yield chunks

    async def read(self, file: File, *, limit: int = READ_LIMIT) -> bytes:
        """Return the whole content of a file of at most `limit` bytes."""
        with _told():
            return await self.files.read(file, limit=limit)

    async def put(self, name: str, media_type: str, chunks: bytes | AsyncIterable[bytes]) -> File:
        """Return a file of these bytes, stored if it is large."""
        with _told():
            return await self.files.put(name, media_type, chunks)


@contextmanager
def _told() -> Iterator[None]:
    """Let a refusal of the store be the block's error, and a store that fails be tried again."""
    try:
        yield
    except (FileNotFound, LimitExceeded) as error:
        raise BlockError(error.message, error.error_code) from error
    except (DatabaseError, FileLost) as error:
        raise RetryLater(error.message) from error
