"""`data.count`: how many."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class CountItems(Block, id="data.count", categories=[BlockCategory.DATA]):
    """Count the items of a list, the entries of a dictionary or the characters of a text."""

    class Input(Schema):
        collection: Any = Field(description="A list, a dictionary or a text")

    class Output(Schema):
        count: int = Field(description="How many there are")

    examples: ClassVar = [
        Example(Input(collection=["a", "b"]), emits=[("count", 2)]),
        Example(Input(collection={"x": 1}), emits=[("count", 1)]),
        Example(Input(collection="naïve"), emits=[("count", 5)]),
        Example(Input(collection=[]), emits=[("count", 0)]),
        Example(
            Input(collection=7),
            raises=BlockError("only lists, dictionaries and texts can be counted, not int", "NOT_A_COLLECTION"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if not isinstance(input.collection, list | dict | str):
            found = type(input.collection).__name__
            raise BlockError(f"only lists, dictionaries and texts can be counted, not {found}", "NOT_A_COLLECTION")
        yield "count", len(input.collection)
