"""`list.sort`: a list in order."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data.comparing import places_in_order, without_case
from weft.blocks.data.items import MISSING, Items, part_reader
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Placeholder, Schema


class SortList(Block, id="list.sort", categories=[BlockCategory.DATA]):
    """Put a list in order; items that are equal stay in the order they had.

    Values of different kinds stand so: null, false, true, numbers, texts, lists, dictionaries. Texts stand letter by
    letter, so "10" before "9"; lists item by item; dictionaries entry by entry, in the order of their keys. Items that lack
    what they are sorted by come last.
    """

    class Input(Schema):
        list: Items = Field(description="The list")
        by: Annotated[str, Placeholder("address.city")] = Field(
            default="",
            description="What of each item to sort by: a key, or a path such as address.city or scores[0]. "
            "Empty: the item itself",
        )
        descending: bool = Field(default=False, description="The largest first")
        case_sensitive: Annotated[bool, Advanced()] = Field(
            default=True,
            description="Upper case stands before lower case; else texts are sorted without regard to case",
        )

    class Output(Schema):
        sorted_list: Items = Field(description="The same items in order")

    examples: ClassVar = [
        Example(Input(list=[10, 9.5, -1]), emits=[("sorted_list", [-1, 9.5, 10])]),
        Example(
            Input(list=[{"name": "Bob", "age": 36}, {"name": "Ada", "age": 36}, {"name": "Cy", "age": 41}], by="age"),
            emits=[
                (
                    "sorted_list",
                    [{"name": "Bob", "age": 36}, {"name": "Ada", "age": 36}, {"name": "Cy", "age": 41}],
                )
            ],
        ),
        Example(
            Input(list=[{}, {"at": {"x": 1}}, {"at": {"x": 2}}, 7], by="at.x", descending=True),
            emits=[("sorted_list", [{"at": {"x": 2}}, {"at": {"x": 1}}, {}, 7])],
        ),
        Example(Input(list=[["a", 2], ["b", 1]], by="[1]"), emits=[("sorted_list", [["b", 1], ["a", 2]])]),
        Example(
            Input(list=[{"a": 1}, [1, 0], [1], "a", "B", 2, True, False, None]),
            emits=[("sorted_list", [None, False, True, 2, "B", "a", [1], [1, 0], {"a": 1}])],
        ),
        Example(Input(list=["b", "B", "a"], case_sensitive=False), emits=[("sorted_list", ["a", "b", "B"])]),
        Example(Input(list=[], by="age"), emits=[("sorted_list", [])]),
        Example(
            Input(list=[{"age": 1}, {"age": 2}], by="aeg"),
            raises=BlockError("no item of the list has 'aeg'", "NO_SUCH_KEY"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        read = part_reader(input.by)
        parts = [(item, read(item)) for item in input.list]
        present = [(item, part) for item, part in parts if part is not MISSING]
        if parts and not present:
            raise BlockError(f"no item of the list has {input.by[:80]!r}", "NO_SUCH_KEY")
        order = places_in_order(
            (part if input.case_sensitive else without_case(part) for _, part in present), descending=input.descending
        )
        absent = [item for item, part in parts if part is MISSING]
        yield "sorted_list", [present[place][0] for place in order] + absent
