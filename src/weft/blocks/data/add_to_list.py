"""`list.add`: a list grows."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema


class AddToList(Block, id="list.add", categories=[BlockCategory.DATA]):
    """Add entries to a list, at its end or at a position; the list that came stays as it was."""

    class Input(Schema):
        list: Items = Field(default_factory=Items, description="The list to start from")
        entries: Items = Field(default_factory=Items, description="Entries to add")
        entry: Any = Field(default=None, description="One more entry, added after the entries; nothing if null")
        position: Annotated[int | None, Advanced()] = Field(
            default=None, description="Where to add them: 0 is the start, -1 before the last. Empty: at the end"
        )

    class Output(Schema):
        updated_list: Items = Field(description="The new list")

    examples: ClassVar = [
        Example(Input(list=[1], entry=2), emits=[("updated_list", [1, 2])]),
        Example(Input(list=["a"], entries=["b", None], entry="c"), emits=[("updated_list", ["a", "b", None, "c"])]),
        Example(Input(list=[1, 4], entries=[2, 3], position=1), emits=[("updated_list", [1, 2, 3, 4])]),
        Example(Input(entry="only"), emits=[("updated_list", ["only"])]),
    ]

    async def run(self, input: Input) -> Emissions:
        added = input.entries if input.entry is None else [*input.entries, input.entry]
        position = len(input.list) if input.position is None else input.position
        yield "updated_list", [*input.list[:position], *added, *input.list[position:]]
