"""`random.number`: a number by chance."""

import math
from typing import ClassVar

from pydantic import Field

from weft.blocks.values import Number, stored_number
from weft.sdk import Block, BlockCategory, BlockError, Context, Emissions, Example, Schema


class RandomNumber(Block, id="random.number", categories=[BlockCategory.UTILITY]):
    """Draw a number between two others, all equally likely.

    A firing that runs again, after a crash or a failure, draws the same number.
    """

    class Input(Schema):
        low: Number = Field(default=0, description="The lowest number that may come")
        high: Number = Field(default=1, description="The highest number that may come")
        whole: bool = Field(default=False, description="Draw whole numbers only")

    class Output(Schema):
        number: Number = Field(description="The number")

    examples: ClassVar = [
        Example(Input(low=3, high=3, whole=True), emits=[("number", 3)]),
        Example(Input(low=2.5, high=2.5), emits=[("number", 2.5)]),
        Example(Input(low=1.5, high=2.5, whole=True), emits=[("number", 2)]),
        Example(
            Input(low=2, high=1), raises=BlockError("the lowest number, 2, is above the highest, 1", "EMPTY_RANGE")
        ),
        Example(
            Input(low=1.2, high=1.8, whole=True),
            raises=BlockError("there is no whole number from 1.2 to 1.8", "EMPTY_RANGE"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if input.low > input.high:
            raise BlockError(f"the lowest number, {input.low}, is above the highest, {input.high}", "EMPTY_RANGE")
        if not input.whole:
            # Halves, because the whole distance of two finite numbers may be infinite.
            half = (input.high / 2 - input.low / 2) * ctx.random.random()
            yield "number", input.low + half + half
            return
        first, last = math.ceil(input.low), math.floor(input.high)
        if first > last:
            raise BlockError(f"there is no whole number from {input.low} to {input.high}", "EMPTY_RANGE")
        yield "number", stored_number(ctx.random.randint(first, last))
