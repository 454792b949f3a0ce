"""`flow.for_each`: a list becomes a stream."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Many, Schema


class ForEach(Block, id="flow.for_each", categories=[BlockCategory.UTILITY]):
    """Emit the items of a list one by one, then how many there were.

    What stands behind runs once for each item. For dictionaries and JSON texts there is Step Through Items.
    """

    class Input(Schema):
        items: list[Any] = Field(description="The list")

    class Output(Schema):
        item: Annotated[Any, Many()] = Field(description="Each item, in order")
        index: Annotated[int, Many()] = Field(description="The position of each item, from 0")
        count: int = Field(description="How many items there were; emitted last, zero for an empty list")

    examples: ClassVar = [
        Example(
            Input(items=["a", None]),
            emits=[("item", "a"), ("index", 0), ("item", None), ("index", 1), ("count", 2)],
        ),
        Example(Input(items=[]), emits=[("count", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        for index, item in enumerate(input.items):
            yield "item", item
            yield "index", index
        yield "count", len(input.items)
