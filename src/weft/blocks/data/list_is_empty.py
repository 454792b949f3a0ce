"""`list.is_empty`: whether a list holds nothing."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class ListIsEmpty(Block, id="list.is_empty", categories=[BlockCategory.DATA]):
    """Tell whether a list has no items."""

    class Input(Schema):
        list: Items = Field(description="The list")

    class Output(Schema):
        is_empty: bool = Field(description="Whether it has no items")

    examples: ClassVar = [
        Example(Input(list=[]), emits=[("is_empty", True)]),
        Example(Input(list=[None]), emits=[("is_empty", False)]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "is_empty", not input.list
