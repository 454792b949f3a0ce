"""Blocks of a package of somebody else's: one waits for a person, one has an effect that lasts until it is told."""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, Effect, Emissions, Example, Schema, Wait


class AskName(Block, id="acme.ask_name"):
    """Ask a person for a name."""

    class Input(Schema):
        greeting: str = Field(default="Hello", description="How to greet")

    class Output(Schema):
        text: str = Field(description="The greeting with the name")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [Example({}, waits=Wait("person"), answer="Ada", emits=[("text", "Hello, Ada")])]

    async def run(self, input: Input) -> Emissions:
        if input.greeting:
            raise Wait("person", state={"greeting": input.greeting}, title="What is your name?")
        yield "text", ""

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:
        yield "text", f"{state['greeting']}, {answer}"


class Hold(Block, id="acme.hold"):
    """Say "begun" on stderr, and end once something is written into a pipe."""

    class Input(Schema):
        pipe: str = Field(description="Path of the pipe")

    class Output(Schema):
        text: str = Field(description="What was written")

    effect = Effect.AT_LEAST_ONCE
    examples: ClassVar = [Example({"pipe": "/dev/null"}, emits=[("text", "")])]

    async def run(self, input: Input) -> Emissions:
        sys.stderr.write("begun\n")
        sys.stderr.flush()
        yield "text", await asyncio.to_thread(Path(input.pipe).read_text)


def install(folder: Path) -> None:
    """Put this package into a folder, as an installer would; a program that is started there finds its blocks."""
    shutil.copy(__file__, folder / "acme_blocks.py")
    about = folder / "acme_blocks-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-blocks\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[weft.blocks]\nacme = acme_blocks\n")
