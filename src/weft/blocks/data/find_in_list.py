"""`list.find`: where a value stands in a list."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.data.comparing import index_of
from weft.blocks.data.items import Items
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class FindInList(Block, id="list.find", categories=[BlockCategory.DATA]):
    """Find the first item of a list that equals a value.

    Numbers are equal by what they are worth, so 1 is 1.0; a text never equals a number, nor true a 1.
    """

    class Input(Schema):
        list: Items = Field(description="Where to look")
        value: Any = Field(description="What to look for")

    class Output(Schema):
        index: int = Field(description="The item's position, from 0; emitted only if it was found")
        found: bool = Field(description="Whether it was found")
        not_found_value: Any = Field(description="The value; emitted only if it was not found")

    examples: ClassVar = [
        Example(Input(list=["a", "b", "b"], value="b"), emits=[("index", 1), ("found", True)]),
        Example(Input(list=[True, "1", 1.0], value=1), emits=[("index", 2), ("found", True)]),
        Example(
            Input(list=[{"id": 1, "tags": [1]}], value={"tags": [1.0], "id": 1}), emits=[("index", 0), ("found", True)]
        ),
        Example(Input(list=["a"], value="A"), emits=[("found", False), ("not_found_value", "A")]),
        Example(Input(list=[], value=None), emits=[("found", False), ("not_found_value", None)]),
    ]

    async def run(self, input: Input) -> Emissions:
        index = index_of(input.value, input.list)
        if index is None:
            yield "found", False
            yield "not_found_value", input.value
        else:
            yield "index", index
            yield "found", True
