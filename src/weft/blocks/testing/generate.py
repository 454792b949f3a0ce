"""`testing.generate`: a stream that takes its time."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Context, Emissions, Example, Many, Schema


class Generate(Block, id="testing.generate", categories=[BlockCategory.UTILITY]):
    """Emit whole numbers from zero, with a pause before each."""

    class Input(Schema):
        count: int = Field(ge=0, le=10_000_000, description="How many numbers to emit")
        wait_ms: int = Field(default=0, ge=0, le=3_600_000, description="Milliseconds to wait before each number")

    class Output(Schema):
        item: Annotated[int, Many()] = Field(description="Each number, in order")

    examples: ClassVar = [
        Example(Input(count=3, wait_ms=1), emits=[("item", 0), ("item", 1), ("item", 2)]),
        Example(Input(count=0)),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        for number in range(input.count):
            if input.wait_ms:
                await ctx.sleep(input.wait_ms / 1000)
            yield "item", number
