"""What the blocks that leave a line in a file have in common."""

import asyncio
import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, BlockError, Context, Emissions, Example, Schema


class AppendingBlock(Block, abstract=True, categories=[BlockCategory.UTILITY]):
    """Waits, appends the line `node:index key` to a file, and passes the value on.

    A line is one write to a file opened for appending, so lines of several processes never mix.
    """

    class Input(Schema):
        path: str = Field(description="The file to append to; it is made if it is not there")
        value: Any = Field(default=None, description="Any value")
        wait_ms: int = Field(default=0, ge=0, le=3_600_000, description="Milliseconds to wait before")

    class Output(Schema):
        value: Any = Field(description="The same value")

    examples: ClassVar = [
        Example({"path": os.devnull, "value": [1], "wait_ms": 2}, emits=[("value", [1])]),
        Example({"path": f"{os.devnull}/below"}, raises=BlockError),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        """Append the line of this firing and emit the value."""
        if input.wait_ms:
            await ctx.sleep(input.wait_ms / 1000)
        line = f"{ctx.node_id}:{ctx.index} {ctx.idempotency_key}\n"
        await asyncio.to_thread(_append, Path(input.path), line.encode())
        yield "value", input.value


def _append(path: Path, line: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise BlockError(f"cannot write to {path}: {error.strerror}", "CANNOT_WRITE") from error
    try:
        os.write(file, line)
    finally:
        os.close(file)
