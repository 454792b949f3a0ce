"""`list.interleave`: the items of several lists by turns."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from pydantic import Field

from weft.blocks.data.items import Items, Lists
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

_NO_MORE: Final = object()


class InterleaveLists(Block, id="list.interleave", categories=[BlockCategory.DATA]):
    """Take the items of several lists by turns: all first ones, all second ones, and so on; short lists end earlier."""

    class Input(Schema):
        lists: Lists = Field(description="The lists; link to lists[0], lists[1] …")

    class Output(Schema):
        interleaved_list: Items = Field(description="The list of all items")
        length: int = Field(description="How many items it has")

    examples: ClassVar = [
        Example(
            Input(lists=[[1, 2, 3], ["a"], [None, True]]),
            emits=[("interleaved_list", [1, "a", None, 2, True, 3]), ("length", 6)],
        ),
        Example(Input(lists=[]), emits=[("interleaved_list", []), ("length", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        items = _interleave(input.lists)
        yield "interleaved_list", items
        yield "length", len(items)


def _interleave(lists: Lists) -> Items:
    items: Items = []
    going: list[Iterator[Any]] = [iter(some) for some in lists]
    while going:
        turn = [(items_left, next(items_left, _NO_MORE)) for items_left in going]
        items += [item for _, item in turn if item is not _NO_MORE]
        # Lists that have ended are left out of further turns, or one long list beside many short ones takes forever.
        going = [items_left for items_left, item in turn if item is not _NO_MORE]
    return items
