"""`random.choice`: an item by chance."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, BlockError, Context, Emissions, Example, Schema


class RandomChoice(Block, id="random.choice", categories=[BlockCategory.UTILITY]):
    """Draw one item of a list, all equally likely.

    A firing that runs again, after a crash or a failure, draws the same item.
    """

    class Input(Schema):
        items: list[Any] = Field(description="What to draw from")

    class Output(Schema):
        item: Any = Field(description="The item")
        index: int = Field(description="Its position in the list, from 0")

    examples: ClassVar = [
        Example(Input(items=["only"]), emits=[("item", "only"), ("index", 0)]),
        Example(Input(items=[]), raises=BlockError("nothing can be drawn from an empty list", "NO_ITEMS")),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if not input.items:
            raise BlockError("nothing can be drawn from an empty list", "NO_ITEMS")
        index = ctx.random.randrange(len(input.items))
        yield "item", input.items[index]
        yield "index", index
