"""`flow.merge`: several ways become one."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class Merge(Block, id="flow.merge", categories=[BlockCategory.UTILITY]):
    """Pass on whatever comes over any of its links, value by value, as it comes."""

    class Input(Schema):
        value: Any = Field(description="A value; link as many sources to this pin as you like")

    class Output(Schema):
        value: Any = Field(description="The same value")

    examples: ClassVar = [
        Example(Input(value="a"), emits=[("value", "a")]),
        Example(Input(value=None), emits=[("value", None)]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value
