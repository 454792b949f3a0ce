"""`list.concatenate`: lists one after the other."""

from itertools import chain
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data.comparing import first_of_each
from weft.blocks.data.items import Items, Lists
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema


class ConcatenateLists(Block, id="list.concatenate", categories=[BlockCategory.DATA]):
    """Put the items of several lists into one, list after list."""

    class Input(Schema):
        lists: Lists = Field(description="The lists; link to lists[0], lists[1] …")
        deduplicate: Annotated[bool, Advanced()] = Field(
            default=False,
            description="Of equal items keep the first one; 1 equals 1.0, but neither true nor the text 1",
        )
        remove_none: Annotated[bool, Advanced()] = Field(default=False, description="Leave out items that are null")

    class Output(Schema):
        concatenated_list: Items = Field(description="The list of all items")
        length: int = Field(description="How many items it has")

    examples: ClassVar = [
        Example(Input(lists=[[1, 2], [], ["a"]]), emits=[("concatenated_list", [1, 2, "a"]), ("length", 3)]),
        Example(
            Input(lists=[[1, True, [1]], [1.0, [1], "1"]], deduplicate=True),
            emits=[("concatenated_list", [1, True, [1], "1"]), ("length", 4)],
        ),
        Example(
            Input(lists=[[None, 0], ["", None]], remove_none=True),
            emits=[("concatenated_list", [0, ""]), ("length", 2)],
        ),
        Example(Input(lists=[]), emits=[("concatenated_list", []), ("length", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        items = [*chain.from_iterable(input.lists)]
        if input.remove_none:
            items = [item for item in items if item is not None]
        if input.deduplicate:
            items = first_of_each(items, items)
        yield "concatenated_list", items
        yield "length", len(items)
