"""`flow.collect`: a stream becomes a list."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Collecting, Emissions, Example, Schema

Items = list[Any]


class Collect(Block, id="flow.collect", categories=[BlockCategory.UTILITY]):
    """Gather everything that comes into one list, once nothing more can come.

    The order is that of the links, and on each link that of the values. A stream without values gives an
    empty list.
    """

    class Input(Schema):
        values: Annotated[list[Any], Collecting()] = Field(description="Whatever comes, over any number of links")
        start: list[Any] = Field(default_factory=list, description="What the list begins with")

    class Output(Schema):
        list: Items = Field(description="The start, then all values in order")
        count: int = Field(description="How many values there are in the list")

    examples: ClassVar = [
        Example(Input(values=[1, "a"]), emits=[("list", [1, "a"]), ("count", 2)]),
        Example(Input(values=["b"], start=["a"]), emits=[("list", ["a", "b"]), ("count", 2)]),
        Example(Input(values=[]), emits=[("list", []), ("count", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        gathered = [*input.start, *input.values]
        yield "list", gathered
        yield "count", len(gathered)
