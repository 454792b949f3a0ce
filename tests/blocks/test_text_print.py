"""What is printed stands in the log, and steers no terminal."""

from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from tests.blocks.lending import lending_for
from weft.blocks.text.print import Print
from weft.cli.example_context import ExampleContext
from weft.files.memory import MemoryFileStore
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("a\n\tä", "a\n\tä"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ("\x1b[31m\r\x00\u202e", "\\u001b[31m\\u000d\\u0000\\u202e"),
        ("a" * 10_001, "a" * 10_000 + "…"),
    ],
)
async def test_a_value_is_written_so_that_it_can_be_read(value: Any, line: str) -> None:
    structlog.reset_defaults()  # another test may have set a level
    async with GuardedClient() as client, await Sandbox.start() as sandbox:
        context = ExampleContext(lending_for(Print()), client, sandbox, MemoryFileStore())
        with capture_logs() as lines:
            emitted = [pair async for pair in Print().run(Print.Input(text=value), ctx=context)]

    assert [(entry["event"], entry["text"], entry["node_id"]) for entry in lines] == [("print", line, "node")]
    assert emitted == [("output", value), ("status", "printed")]
