"""Runs of one block that needs nothing, or nothing but files."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from weft.files.memory import MemoryFileStore
from weft.files.service import UserFiles
from weft.sdk import Block


@dataclass(frozen=True)
class FilesOnly:
    """As much of a context as blocks need that only handle files."""

    files: UserFiles = field(default_factory=lambda: UserFiles(MemoryFileStore(), UUID(int=0)))


async def emitted(block: Block, **values: Any) -> dict[str, Any]:
    """Return what the block emits on each pin; of a stream the last item."""
    return dict([pair async for pair in block.execute(values, ctx=FilesOnly())])


async def only(block: Block, **values: Any) -> Any:
    """Return the one value that the block emits."""
    ((_, value),) = [pair async for pair in block.execute(values, ctx=FilesOnly())]
    return value
