"""`text.pad`: a text made longer."""

from itertools import cycle, islice
from typing import ClassVar, Literal

from pydantic import Field

from weft.blocks.text.bounds import LongText, compute
from weft.blocks.text.characters import count_characters
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class PadText(Block, id="text.pad", categories=[BlockCategory.PROCESSING]):
    """Fill a text up to a length; one that is long enough stays as it is.

    Lengths count characters as people see them: an emoji of several parts is one.
    """

    class Input(Schema):
        text: LongText = Field(description="The text")
        length: int = Field(ge=0, le=100_000, description="How many characters it should have")
        side: Literal["start", "end", "both"] = Field(
            default="end", description="Where the filling goes; with `both` the end gets what is left over"
        )
        fill: str = Field(default=" ", min_length=1, max_length=100, description="What to fill with, again and again")

    class Output(Schema):
        output: str = Field(description="The filled text")

    examples: ClassVar = [
        Example(Input(text="7", length=3, side="start", fill="0"), emits=[("output", "007")]),
        Example(Input(text="tea", length=5), emits=[("output", "tea  ")]),
        Example(Input(text="tea", length=8, side="both", fill="-="), emits=[("output", "-=tea-=-")]),
        Example(Input(text="e\u0301te\u0301", length=4, fill="."), emits=[("output", "e\u0301te\u0301.")]),
        Example(Input(text="tea", length=2), emits=[("output", "tea")]),
    ]

    async def run(self, input: Input) -> Emissions:
        missing = input.length - await compute(len(input.text), count_characters, input.text)
        before = {"start": missing, "end": 0, "both": missing // 2}[input.side]
        yield "output", _filling(input.fill, before) + input.text + _filling(input.fill, missing - before)


def _filling(fill: str, count: int) -> str:
    return "".join(islice(cycle(fill), max(count, 0)))
