"""`list.get`: one item of a list."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import Items, item_at
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class GetListItem(Block, id="list.get", categories=[BlockCategory.DATA]):
    """Take the item at a position of a list, or fail if the list is shorter."""

    class Input(Schema):
        list: Items = Field(description="The list")
        index: int = Field(description="The position: 0 is the first, -1 the last")

    class Output(Schema):
        item: Any = Field(description="The item")

    examples: ClassVar = [
        Example(Input(list=["a", "b", "c"], index=1), emits=[("item", "b")]),
        Example(Input(list=["a", None], index=-1), emits=[("item", None)]),
        Example(
            Input(list=["a"], index=1),
            raises=BlockError("the list has no item at index 1, its length is 1", "NO_SUCH_ITEM"),
        ),
        Example(
            Input(list=[], index=-1),
            raises=BlockError("the list has no item at index -1, its length is 0", "NO_SUCH_ITEM"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "item", item_at(input.list, input.index)
