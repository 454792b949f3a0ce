"""`text.trim`: a text without what stands around it."""

from collections.abc import Callable
from typing import ClassVar, Literal

from pydantic import Field

from weft.blocks.text.bounds import LongText
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

Sides = Literal["both", "start", "end"]

_STRIPPERS: dict[Sides, Callable[[str, str | None], str]] = {
    "both": str.strip,
    "start": str.lstrip,
    "end": str.rstrip,
}


class TrimText(Block, id="text.trim", categories=[BlockCategory.PROCESSING]):
    """Take blanks, or other characters, away from the ends of a text."""

    class Input(Schema):
        text: LongText = Field(description="The text")
        sides: Sides = Field(default="both", description="At which ends")
        characters: str = Field(
            default="",
            max_length=1000,
            description="The characters to take away, in any order; blanks and line breaks if empty",
        )

    class Output(Schema):
        output: str = Field(description="What is left")

    examples: ClassVar = [
        Example(Input(text=" \n tea\u3000"), emits=[("output", "tea")]),
        Example(Input(text="--tea-", sides="start", characters="-"), emits=[("output", "tea-")]),
        Example(Input(text="tea?!", sides="end", characters="!?"), emits=[("output", "tea")]),
        Example(Input(text="   "), emits=[("output", "")]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "output", _STRIPPERS[input.sides](input.text, input.characters or None)
