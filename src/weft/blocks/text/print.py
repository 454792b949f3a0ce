"""`text.print`: a line in the log."""

import re
from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.values import as_text
from weft.sdk import Block, BlockCategory, Context, Emissions, Example, Schema

_LONGEST = 10_000
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Print(Block, id="text.print", categories=[BlockCategory.UTILITY]):
    """Write a value into the log of the run, and pass it on.

    The log shows the first 10000 characters. Never print a secret.
    """

    class Input(Schema):
        text: Any = Field(description="What to write; anything but a text is written as JSON")

    class Output(Schema):
        output: Any = Field(description="The value as it came")
        status: str = Field(description="Always `printed`")

    examples: ClassVar = [
        Example(Input(text="half way"), emits=[("output", "half way"), ("status", "printed")]),
        Example(Input(text={"n": [1]}), emits=[("output", {"n": [1]}), ("status", "printed")]),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        ctx.log.info("print", text=_printable(as_text(input.text)))
        yield "output", input.text
        yield "status", "printed"


def _printable(text: str) -> str:
    """Return the beginning of a text, with signs that would steer a terminal written as escape sequences."""
    shown = _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown}…"
