"""`list.create`: values become a list."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Many, Schema


class CreateList(Block, id="list.create", categories=[BlockCategory.DATA]):
    """Make a list of values, or several lists of limited length."""

    class Input(Schema):
        values: Items = Field(description="The values; link to values[0], values[1] … to fill single places")
        max_size: Annotated[int | None, Advanced()] = Field(
            default=None, ge=1, description="Longest list; more values make more lists. Empty: one list for all"
        )

    class Output(Schema):
        list: Annotated[Items, Many()] = Field(description="The list, or each list in order")

    examples: ClassVar = [
        Example(Input(values=[1, "a"]), emits=[("list", [1, "a"])]),
        Example(Input(values=[1, 2, 3], max_size=2), emits=[("list", [1, 2]), ("list", [3])]),
        Example(Input(values=[], max_size=2), emits=[("list", [])]),
    ]

    async def run(self, input: Input) -> Emissions:
        size = input.max_size or max(len(input.values), 1)
        for start in range(0, max(len(input.values), 1), size):
            yield "list", input.values[start : start + size]
