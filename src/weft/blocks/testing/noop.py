"""`testing.noop`: the cheapest block there is."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class Noop(Block, id="testing.noop", categories=[BlockCategory.UTILITY]):
    """Pass a value on, and do nothing else."""

    class Input(Schema):
        value: Any = Field(default=None, description="Any value")

    class Output(Schema):
        value: Any = Field(description="The same value")

    examples: ClassVar = [
        Example(Input(value=[1, "a"]), emits=[("value", [1, "a"])]),
        Example(Input(), emits=[("value", None)]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value
