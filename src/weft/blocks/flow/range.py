"""`flow.range`: a stream of whole numbers."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Many, Schema

_MOST = 1_000_000


class Range(Block, id="flow.range", categories=[BlockCategory.UTILITY]):
    """Count from one number to another and emit each number on the way."""

    class Input(Schema):
        start: int = Field(default=0, description="The first number")
        stop: int = Field(description="Where counting ends; this number itself is not emitted")
        step: int = Field(default=1, description="What is added each time; negative to count down")
        limit: Annotated[int, Advanced()] = Field(
            default=_MOST, ge=1, le=_MOST, description="More numbers than this are an error"
        )

    class Output(Schema):
        number: Annotated[int, Many()] = Field(description="Each number, in order")

    examples: ClassVar = [
        Example(Input(stop=3), emits=[("number", 0), ("number", 1), ("number", 2)]),
        Example(Input(start=5, stop=0, step=-2), emits=[("number", 5), ("number", 3), ("number", 1)]),
        Example(Input(stop=0)),
        Example(Input(stop=3, step=0), raises=BlockError("with a step of zero counting never ends", "STEP_IS_ZERO")),
        Example(
            Input(stop=3, limit=2), raises=BlockError("there are more than 2 numbers from 0 to 3", "TOO_MANY_ITEMS")
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if input.step == 0:
            raise BlockError("with a step of zero counting never ends", "STEP_IS_ZERO")
        numbers = range(input.start, input.stop, input.step)
        if numbers[input.limit : input.limit + 1]:
            raise BlockError(
                f"there are more than {input.limit} numbers from {input.start} to {input.stop}", "TOO_MANY_ITEMS"
            )
        for number in numbers:
            yield "number", number
