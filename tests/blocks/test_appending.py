"""Each firing leaves one line, whoever else writes to the same file."""

import asyncio
from pathlib import Path

import pytest

from tests.blocks.lending import lending_for
from weft.blocks.testing.append_line import AppendLine
from weft.blocks.testing.append_line_once import AppendLineOnce
from weft.blocks.testing.appending import AppendingBlock
from weft.blocks.testing.record import Record
from weft.blocks.testing.trace import Trace
from weft.cli.example_context import ExampleContext
from weft.files.memory import MemoryFileStore
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox


@pytest.mark.parametrize(
    ("block", "key"), [(AppendLine(), "key"), (AppendLineOnce(), "key"), (Record(), "key"), (Trace(), "")]
)
async def test_a_firing_leaves_its_id_and_its_key(block: AppendingBlock, key: str, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    async with GuardedClient() as client, await Sandbox.start() as sandbox:

        async def fire(index: int) -> list[tuple[str, object]]:
            context = ExampleContext(lending_for(block, index=index), client, sandbox, MemoryFileStore())
            given = AppendingBlock.Input(path=str(path), value=index)
            return [pair async for pair in block.run(given, ctx=context)]

        emitted = await asyncio.gather(*map(fire, range(20)))

    assert emitted == [[("value", index)] for index in range(20)]
    assert sorted(path.read_text().splitlines()) == sorted(f"node:{index} {key}" for index in range(20))
