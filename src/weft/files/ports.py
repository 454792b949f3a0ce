"""The port to the store of files."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

PIECE_BYTES = 1_048_576
"""The store takes and gives files in pieces of so many bytes, the last one shorter."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The name of a stored file: its content's checksum in hexadecimal digits, and how many bytes it has."""

    sha256: str
    size: int


class FileStore(Protocol):
    """Keeps each content of a user once, under its checksum; nobody else's name opens it."""

    async def put(self, user_id: UUID, chunks: AsyncIterable[bytes], *, execution_id: UUID | None = None) -> Stored:
        """Store what comes, of whatever length, and return its name; it can be opened from then on, not before.

        Args:
            user_id: Whose file it is.
            chunks: Pieces of any size; at most one megabyte of them is held.
            execution_id: Which execution stores it; None for somebody outside.

        Raises:
            FileTooLarge: It is larger than a file may be.
            FilesFull: The user has no room for it.
            ExecutionFilesFull: The execution has stored too much.
            FileLost: Nothing came for an hour, or the store crashed meanwhile.
            DatabaseError: The store failed. After any of these, and whatever `chunks` raises, nothing is kept.
        """
        ...

    async def has(self, user_id: UUID, stored: Stored) -> bool:
        """Return whether the user has this content; it then counts as put just now.

        Raises:
            DatabaseError: The store failed.
        """
        ...

    def open(
        self, user_id: UUID, stored: Stored, *, start: int = 0, end: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Lend the bytes from `start` to before `end`, in pieces of at most `PIECE_BYTES`; nothing is held meanwhile.

        Raises:
            FileNotFound: The user has no such file, or it went away while it was read.
            DatabaseError: The store failed.
        """
        ...

    async def sweep(self) -> int:
        """Drop what was begun and abandoned more than an hour ago; return how many files that were."""
        ...
