"""`list.remove`: a list without one of its items."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.data.comparing import index_of
from weft.blocks.data.items import Items, item_at
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema


class RemoveFromList(Block, id="list.remove", categories=[BlockCategory.DATA]):
    """Take one item out of a list, by its position or its value; the list that came stays as it was.

    If both are given, the position counts. Of several items that equal the value the first one goes.
    """

    class Input(Schema):
        list: Items = Field(description="The list to start from")
        value: Any = Field(default=None, description="The item to take out; nothing if null")
        index: int | None = Field(default=None, description="Its position: 0 is the first, -1 the last")
        return_item: Annotated[bool, Advanced()] = Field(default=False, description="Emit the item taken out, too")

    class Output(Schema):
        updated_list: Items = Field(description="The new list")
        removed_item: Any = Field(description="The item taken out, if asked for")

    examples: ClassVar = [
        Example(Input(list=["a", "b", "a"], value="a"), emits=[("updated_list", ["b", "a"])]),
        Example(
            Input(list=["a", "b", "c"], index=-1, return_item=True),
            emits=[("updated_list", ["a", "b"]), ("removed_item", "c")],
        ),
        Example(Input(list=[True, 1], value=1), emits=[("updated_list", [True])]),
        Example(Input(list=["a", "b"], value="b", index=0), emits=[("updated_list", ["b"])]),
        Example(Input(list=["a"], value="b"), raises=BlockError("the list does not hold the value", "NOT_IN_LIST")),
        Example(
            Input(list=["a"], index=1),
            raises=BlockError("the list has no item at index 1, its length is 1", "NO_SUCH_ITEM"),
        ),
        Example(
            Input(list=["a"]),
            raises=BlockError("there is neither an index nor a value to say what to remove", "NOTHING_TO_REMOVE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        index = _index(input.list, input.index, input.value)
        removed = item_at(input.list, index)
        place = index % len(input.list)
        yield "updated_list", input.list[:place] + input.list[place + 1 :]
        if input.return_item:
            yield "removed_item", removed


def _index(items: Items, index: int | None, value: Any) -> int:
    if index is not None:
        return index
    if value is None:
        raise BlockError("there is neither an index nor a value to say what to remove", "NOTHING_TO_REMOVE")
    found = index_of(value, items)
    if found is None:
        raise BlockError("the list does not hold the value", "NOT_IN_LIST")
    return found
