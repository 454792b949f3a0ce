"""`list.filter`: the items of a list for which a condition holds."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.data.each_item import compute_each
from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Context, Emissions, Example, Placeholder, Schema


class FilterList(Block, id="list.filter", categories=[BlockCategory.DATA]):
    """Part the items of a list by a condition, a Python expression.

    As always in Python, null, false, 0 and what is empty count as not true.
    """

    class Input(Schema):
        list: Items = Field(description="The list")
        expression: Annotated[str, Placeholder('item["price"] <= limit')] = Field(
            description="The condition; `item` is the item, `index` its position from 0"
        )
        values: Annotated[dict[str, Any], Advanced()] = Field(
            default_factory=dict, description="Further values by the names that the condition uses; link to values.name"
        )

    class Output(Schema):
        kept: Items = Field(description="The items for which it holds, in order")
        rejected: Items = Field(description="The others, in order")

    examples: ClassVar = [
        Example(
            Input(list=[{"price": 5}, {"price": 12}], expression='item["price"] <= limit', values={"limit": 10}),
            emits=[("kept", [{"price": 5}]), ("rejected", [{"price": 12}])],
        ),
        Example(
            Input(list=["a", "", None, 0, [1]], expression="item"),
            emits=[("kept", ["a", [1]]), ("rejected", ["", None, 0])],
        ),
        Example(
            Input(list=["a", "b", "c"], expression="index % 2 == 0"), emits=[("kept", ["a", "c"]), ("rejected", ["b"])]
        ),
        Example(Input(list=[], expression="item"), emits=[("kept", []), ("rejected", [])]),
        Example(
            Input(list=[{"price": 5}, {}], expression='item["price"] > 9'),
            raises=BlockError("at index 1: the expression failed: KeyError: price (line 1)", "EXPRESSION_ERROR"),
        ),
        Example(Input(list=[1], expression=" "), raises=BlockError("the expression is empty", "NO_EXPRESSION")),
        Example(
            Input(list=[1], expression="item", values={"item": 1}),
            raises=BlockError("a value cannot be named 'item'", "BAD_NAME"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        holds = await compute_each(ctx, input.expression, input.list, input.values, as_truth=True)
        pairs = [*zip(input.list, holds, strict=True)]
        yield "kept", [item for item, is_true in pairs if is_true]
        yield "rejected", [item for item, is_true in pairs if not is_true]
