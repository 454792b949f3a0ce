"""`list.unique`: a list without repetitions."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data.comparing import first_of_each
from weft.blocks.data.items import Items, part_reader
from weft.sdk import Block, BlockCategory, Emissions, Example, Placeholder, Schema


class UniqueItems(Block, id="list.unique", categories=[BlockCategory.DATA]):
    """Keep the first of equal items, in their order.

    Numbers are equal by what they are worth, so 1 is 1.0; a text never equals a number, nor true a 1. Items that lack what
    they are compared by are all kept.
    """

    class Input(Schema):
        list: Items = Field(description="The list")
        by: Annotated[str, Placeholder("address.city")] = Field(
            default="",
            description="What of each item to compare: a key, or a path such as address.city or scores[0]. "
            "Empty: the item itself",
        )

    class Output(Schema):
        list: Items = Field(description="The items kept")

    examples: ClassVar = [
        Example(
            Input(list=[1, True, "1", 1.0, None, None, 0, False]), emits=[("list", [1, True, "1", None, 0, False])]
        ),
        Example(Input(list=[{"a": 1, "b": []}, {"b": [], "a": 1.0}, []]), emits=[("list", [{"a": 1, "b": []}, []])]),
        Example(
            Input(list=[{"id": 1, "n": "a"}, {"id": 1, "n": "b"}, {"n": "c"}, {"n": "c"}, {"id": 2}], by="id"),
            emits=[("list", [{"id": 1, "n": "a"}, {"n": "c"}, {"n": "c"}, {"id": 2}])],
        ),
        Example(Input(list=[]), emits=[("list", [])]),
    ]

    async def run(self, input: Input) -> Emissions:
        read = part_reader(input.by)
        yield "list", first_of_each(input.list, [read(item) for item in input.list])
