"""`list.slice`: a stretch of a list."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema


class SliceList(Block, id="list.slice", categories=[BlockCategory.DATA]):
    """Take a stretch of a list; where the list is shorter the stretch is, too."""

    class Input(Schema):
        list: Items = Field(description="The list")
        start: int | None = Field(
            default=None,
            description="The first position to take: 0 is the first item, -1 the last. Empty: from the start",
        )
        stop: int | None = Field(
            default=None, description="The first position not to take any more; -1 is the last item. Empty: to the end"
        )
        step: Annotated[int, Advanced()] = Field(
            default=1, description="2 takes every second item; negative numbers go backwards"
        )

    class Output(Schema):
        list: Items = Field(description="The stretch")

    examples: ClassVar = [
        Example(Input(list=["a", "b", "c", "d"], start=1, stop=3), emits=[("list", ["b", "c"])]),
        Example(Input(list=["a", "b", "c", "d"], start=-2), emits=[("list", ["c", "d"])]),
        Example(Input(list=[1, 2, 3, 4, 5], step=2), emits=[("list", [1, 3, 5])]),
        Example(Input(list=[1, 2, 3], step=-1), emits=[("list", [3, 2, 1])]),
        Example(Input(list=[1, 2], start=5, stop=99), emits=[("list", [])]),
        Example(Input(list=[1, 2], step=0), raises=BlockError("a step of 0 goes nowhere", "BAD_STEP")),
    ]

    async def run(self, input: Input) -> Emissions:
        if input.step == 0:
            raise BlockError("a step of 0 goes nowhere", "BAD_STEP")
        yield "list", input.list[input.start : input.stop : input.step]
