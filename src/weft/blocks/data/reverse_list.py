"""`list.reverse`: a list from its end to its start."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class ReverseList(Block, id="list.reverse", categories=[BlockCategory.DATA]):
    """Turn the order of a list around; the list that came stays as it was."""

    class Input(Schema):
        list: Items = Field(description="The list")

    class Output(Schema):
        reversed_list: Items = Field(description="The same items, the last one first")

    examples: ClassVar = [
        Example(Input(list=[1, [2, 3], None]), emits=[("reversed_list", [None, [2, 3], 1])]),
        Example(Input(list=[]), emits=[("reversed_list", [])]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "reversed_list", input.list[::-1]
