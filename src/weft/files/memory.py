"""A store of files in memory, for the examples of blocks."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from weft.files.errors import ExecutionFilesFull, FileNotFound, FilesFull, file_too_large
from weft.files.limits import FileLimits
from weft.files.pieces import ranged
from weft.files.ports import Stored


@dataclass(frozen=True, slots=True)
class MemoryFileStore:
    """`FileStore` for as long as the object lives."""

    limits: FileLimits = field(default_factory=FileLimits)
    _contents: dict[tuple[UUID, Stored], bytes] = field(default_factory=dict)
    _added: dict[UUID | None, int] = field(default_factory=dict)

    async def put(self, user_id: UUID, chunks: AsyncIterable[bytes], *, execution_id: UUID | None = None) -> Stored:
        """Store what comes; see `FileStore.put`."""
        content = bytearray()
        async for chunk in chunks:
            content += chunk
            if len(content) > self.limits.file_bytes:
                raise file_too_large(self.limits.file_bytes)
        stored = Stored(hashlib.sha256(content).hexdigest(), len(content))
        if (user_id, stored) not in self._contents:
            self._check_room(user_id, execution_id, stored.size)
            self._contents[user_id, stored] = bytes(content)
            self._added[execution_id] = self._added.get(execution_id, 0) + stored.size
        return stored

    def _check_room(self, user_id: UUID, execution_id: UUID | None, size: int) -> None:
        used = sum(stored.size for owner, stored in self._contents if owner == user_id)
        if used + size > self.limits.user_bytes:
            raise FilesFull(self.limits.user_bytes)
        if execution_id is not None and self._added.get(execution_id, 0) + size > self.limits.execution_bytes:
            raise ExecutionFilesFull(self.limits.execution_bytes)

    async def has(self, user_id: UUID, stored: Stored) -> bool:
        """Return whether the user has this content; see `FileStore.has`."""
        return (user_id, stored) in self._contents

    @asynccontextmanager
    async def open(
        self, user_id: UUID, stored: Stored, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lend the bytes of a file; see `FileStore.open`."""
        content = self._contents.get((user_id, stored))
        if content is None:
            raise FileNotFound(stored.sha256, stored.size)
        yield ranged(content, start=start, end=end)

    async def sweep(self) -> int:
        """Do nothing: what was abandoned was never kept."""
        return 0
