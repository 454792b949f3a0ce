"""`list.intersection`: what two lists have in common."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.data.comparing import split_by
from weft.blocks.data.items import Items
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class ListIntersection(Block, id="list.intersection", categories=[BlockCategory.DATA]):
    """Keep the items of one list that equal some item of another, in their order and as often as they stand there.

    Numbers are equal by what they are worth, so 1 is 1.0; a text never equals a number, nor true a 1.
    """

    class Input(Schema):
        list_a: Items = Field(description="The list to take items from")
        list_b: Items = Field(description="The items to look for in it")

    class Output(Schema):
        intersection: Items = Field(description="The items kept")
        length: int = Field(description="How many there are")

    examples: ClassVar = [
        Example(Input(list_a=[3, 1, 2, 3], list_b=[2, 3.0, 4]), emits=[("intersection", [3, 2, 3]), ("length", 3)]),
        Example(Input(list_a=[True, [1]], list_b=[1, [1.0]]), emits=[("intersection", [[1]]), ("length", 1)]),
        Example(Input(list_a=["a"], list_b=[]), emits=[("intersection", []), ("length", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        intersection, _ = split_by(input.list_a, input.list_b)
        yield "intersection", intersection
        yield "length", len(intersection)
