"""`list.map`: a new list, item by item."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.data.each_item import compute_each
from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Context, Emissions, Example, Placeholder, Schema


class MapList(Block, id="list.map", categories=[BlockCategory.DATA]):
    """Compute a new item for each item of a list, by a Python expression."""

    class Input(Schema):
        list: Items = Field(description="The list")
        expression: Annotated[str, Placeholder('item["name"].upper()')] = Field(
            description="The new item; `item` is the old one, `index` its position from 0"
        )
        values: Annotated[dict[str, Any], Advanced()] = Field(
            default_factory=dict,
            description="Further values by the names that the expression uses; link to values.name",
        )

    class Output(Schema):
        list: Items = Field(description="The new items, in order")

    examples: ClassVar = [
        Example(
            Input(
                list=[{"name": "Ada", "age": 36}], expression='{"name": item["name"].upper(), "old": item["age"] > 30}'
            ),
            emits=[("list", [{"name": "ADA", "old": True}])],
        ),
        Example(
            Input(list=[1, 2, 3], expression="item * factor + index", values={"factor": 10}),
            emits=[("list", [10, 21, 32])],
        ),
        Example(Input(list=[], expression="item"), emits=[("list", [])]),
        Example(
            Input(list=[1, 2, 0], expression="6 / item"),
            raises=BlockError(
                "at index 2: the expression failed: ZeroDivisionError: division by zero (line 1)", "EXPRESSION_ERROR"
            ),
        ),
        Example(
            Input(list=[1], expression="item)\n_items = (2, 3"),
            raises=BlockError("at index 0: the expression closes a bracket that it did not open", "BAD_EXPRESSION"),
        ),
        Example(
            Input(list=[1], expression="item", values={"_x": 1}),
            raises=BlockError("a value cannot be named '_x'", "BAD_NAME"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "list", await compute_each(ctx, input.expression, input.list, input.values)
