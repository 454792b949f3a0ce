"""`list.difference`: what one list holds and another does not."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data.comparing import split_by
from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema


class ListDifference(Block, id="list.difference", categories=[BlockCategory.DATA]):
    """Keep the items of one list that equal none of another, in their order and as often as they stand there.

    Numbers are equal by what they are worth, so 1 is 1.0; a text never equals a number, nor true a 1.
    """

    class Input(Schema):
        list_a: Items = Field(description="The list to take items from")
        list_b: Items = Field(description="The items to leave out")
        symmetric: Annotated[bool, Advanced()] = Field(
            default=False, description="Then add the items of the second list that equal none of the first"
        )

    class Output(Schema):
        difference: Items = Field(description="The items kept")
        length: int = Field(description="How many there are")

    examples: ClassVar = [
        Example(Input(list_a=[3, 1, 2, 3], list_b=[2.0, 4]), emits=[("difference", [3, 1, 3]), ("length", 3)]),
        Example(
            Input(list_a=[True, {"a": 1, "b": 2}, "1"], list_b=[{"b": 2, "a": 1}, 1]),
            emits=[("difference", [True, "1"]), ("length", 2)],
        ),
        Example(
            Input(list_a=["a", "b"], list_b=["c", "b"], symmetric=True),
            emits=[("difference", ["a", "c"]), ("length", 2)],
        ),
        Example(Input(list_a=[], list_b=[1]), emits=[("difference", []), ("length", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        _, difference = split_by(input.list_a, input.list_b)
        if input.symmetric:
            difference += split_by(input.list_b, input.list_a)[1]
        yield "difference", difference
        yield "length", len(difference)
