"""Files as values: small ones with their content, large ones as references to the store."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from weft.files.errors import FileTooLarge
from weft.files.pieces import ranged
from weft.files.ports import FileStore, Stored
from weft.sdk.context import READ_LIMIT
from weft.sdk.file import INLINE_BYTES, File


@dataclass(frozen=True, slots=True)
class UserFiles:
    """The files of one user, as blocks see them by `ctx.files`; errors are those of the store.

    Attributes:
        execution_id: What is put counts as put by this execution; None for somebody outside.
    """

    store: FileStore
    user_id: UUID
    execution_id: UUID | None = None

    @asynccontextmanager
    async def open(self, file: File, *, start: int = 0, end: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lend the bytes of a file of either kind, piece by piece; see `FileStore.open`."""
        if file.content is not None:
            yield ranged(file.content, start=start, end=end)
            return
        async with self.store.open(self.user_id, Stored(file.sha256, file.size), start=start, end=end) as chunks:
            yield chunks

    async def read(self, file: File, *, limit: int = READ_LIMIT) -> bytes:
        """Return the whole content of a file of either kind.

        Raises:
            FileTooLarge: It has more than `limit` bytes; nothing was read.
            FileNotFound: The user has no such file.
            DatabaseError: The store failed.
        """
        if file.size > limit:
            raise FileTooLarge(
                f"{file.name!r} has {file.size:,} bytes, and at most {limit:,} can be read here", limit=limit
            )
        if file.content is not None:
            return file.content
        async with self.open(file) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def put(self, name: str, media_type: str, chunks: bytes | AsyncIterable[bytes]) -> File:
        """Return a file of these bytes: by reference if it has more than `INLINE_BYTES`, else with its content.

        Args:
            name: What a name must not hold becomes `_`.
            media_type: Kind of the file; empty to tell by its name.
            chunks: The bytes, or pieces of any size.

        Raises:
            LimitExceeded: Some limit of the store refuses it; nothing was kept.
            DatabaseError: The store failed; nothing was kept.
        """
        name = File.name_from(name)
        kind = media_type[:255] or File.kind_of_name(name)
        source = aiter(ranged(chunks) if isinstance(chunks, bytes) else chunks)
        head: list[bytes] = []
        size = 0
        async for chunk in source:
            head.append(bytes(chunk))
            size += len(chunk)
            if size > INLINE_BYTES:
                break
        if size <= INLINE_BYTES:
            return File(name=name, media_type=kind, content=b"".join(head))
        stored = await self.store.put(self.user_id, _continued(head, source), execution_id=self.execution_id)
        return File(name=name, media_type=kind, size=stored.size, sha256=stored.sha256)


async def _continued(head: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while head:
        yield head.pop(0)
    async for chunk in rest:
        yield chunk
