"""`list.replace`: another item at a position."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import Items, item_at
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class ReplaceListItem(Block, id="list.replace", categories=[BlockCategory.DATA]):
    """Put another item at a position of a list, or fail if the list is shorter; the list that came stays as it was."""

    class Input(Schema):
        list: Items = Field(description="The list to start from")
        index: int = Field(description="The position: 0 is the first, -1 the last")
        value: Any = Field(description="The item to put there")

    class Output(Schema):
        updated_list: Items = Field(description="The new list")
        old_item: Any = Field(description="The item that was there before")

    examples: ClassVar = [
        Example(Input(list=[1, 2], index=0, value=[3]), emits=[("updated_list", [[3], 2]), ("old_item", 1)]),
        Example(Input(list=[1, 2], index=-1, value=None), emits=[("updated_list", [1, None]), ("old_item", 2)]),
        Example(
            Input(list=[1, 2], index=-3, value=0),
            raises=BlockError("the list has no item at index -3, its length is 2", "NO_SUCH_ITEM"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        old = item_at(input.list, input.index)
        updated = input.list.copy()
        updated[input.index] = input.value
        yield "updated_list", updated
        yield "old_item", old
