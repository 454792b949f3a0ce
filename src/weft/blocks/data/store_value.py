"""`data.store_value`: a value kept until something asks for it."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class StoreValue(Block, id="data.store_value", categories=[BlockCategory.DATA]):
    """Emit a stored value whenever something comes in; without one, emit what came in."""

    class Input(Schema):
        input: Any = Field(description="What asks for the value; it is emitted itself if nothing is stored")
        data: Any = Field(default=None, description="The stored value")

    class Output(Schema):
        output: Any = Field(description="The stored value, else what came in")

    examples: ClassVar = [
        Example(Input(input="go", data=[1, 2]), emits=[("output", [1, 2])]),
        Example(Input(input="go", data=0), emits=[("output", 0)]),
        Example(Input(input="go"), emits=[("output", "go")]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "output", input.input if input.data is None else input.data
