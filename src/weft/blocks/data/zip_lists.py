"""`list.zip`: several lists side by side."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import Lists, characters, refuse_if_too_large
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class ZipLists(Block, id="list.zip", categories=[BlockCategory.DATA]):
    """Put items that stand at the same position of several lists together, as lists.

    Ends with the shortest list, or fills the others up to the longest.
    """

    class Input(Schema):
        lists: Lists = Field(description="The lists; link to lists[0], lists[1] …")
        pad_to_longest: bool = Field(default=False, description="Go on to the end of the longest list")
        fill_value: Any = Field(default=None, description="What stands in place of the items that short lists lack")

    class Output(Schema):
        zipped_list: Lists = Field(description="One list for each position: an item of each list")
        length: int = Field(description="How many positions there are")

    examples: ClassVar = [
        Example(
            Input(lists=[["Ada", "Bob", "Cy"], [36, 41]]),
            emits=[("zipped_list", [["Ada", 36], ["Bob", 41]]), ("length", 2)],
        ),
        Example(
            Input(lists=[[1, 2], [], ["a"]], pad_to_longest=True, fill_value="-"),
            emits=[("zipped_list", [[1, "-", "a"], [2, "-", "-"]]), ("length", 2)],
        ),
        Example(
            Input(lists=[[1], [2, 3]], pad_to_longest=True), emits=[("zipped_list", [[1, 2], [None, 3]]), ("length", 2)]
        ),
        Example(Input(lists=[]), emits=[("zipped_list", []), ("length", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        zipped = _pad(input.lists, input.fill_value) if input.pad_to_longest else zip(*input.lists, strict=False)
        rows = [[*row] for row in zipped]
        yield "zipped_list", rows
        yield "length", len(rows)


def _pad(lists: Lists, fill: Any) -> Iterator[tuple[Any, ...]]:
    lengths = [len(some) for some in lists]
    missing = max(lengths, default=0) * len(lists) - sum(lengths)
    refuse_if_too_large(missing * characters(fill))
    return zip_longest(*lists, fillvalue=fill)
