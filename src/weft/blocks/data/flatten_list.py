"""`list.flatten`: lists inside of a list are opened."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema


class FlattenList(Block, id="list.flatten", categories=[BlockCategory.DATA]):
    """Put the items of lists inside of a list into the list itself, in order."""

    class Input(Schema):
        nested_list: Items = Field(description="A list that holds lists, and these may hold lists")
        max_depth: Annotated[int, Advanced()] = Field(
            default=-1, ge=-1, description="Open lists down to this depth: 1 for those in the list itself. -1: all"
        )

    class Output(Schema):
        flattened_list: Items = Field(description="The flat list")
        length: int = Field(description="How many items it has")
        original_depth: int = Field(description="How deep the list was: 1 if it held no lists, 2 if these held none …")

    examples: ClassVar = [
        Example(
            Input(nested_list=[1, [2, [3, []]], "ab"]),
            emits=[("flattened_list", [1, 2, 3, "ab"]), ("length", 4), ("original_depth", 4)],
        ),
        Example(
            Input(nested_list=[[1, [2]], [{"a": [3]}]], max_depth=1),
            emits=[("flattened_list", [1, [2], {"a": [3]}]), ("length", 3), ("original_depth", 3)],
        ),
        Example(
            Input(nested_list=[[1]], max_depth=0),
            emits=[("flattened_list", [[1]]), ("length", 1), ("original_depth", 2)],
        ),
        Example(Input(nested_list=[]), emits=[("flattened_list", []), ("length", 0), ("original_depth", 1)]),
    ]

    async def run(self, input: Input) -> Emissions:
        flat = _flatten(input.nested_list, sys.maxsize if input.max_depth < 0 else input.max_depth)
        yield "flattened_list", flat
        yield "length", len(flat)
        yield "original_depth", _depth(input.nested_list)


def _flatten(items: Items, levels: int) -> Items:
    flat: Items = []
    unfinished: list[Iterator[Any]] = [iter(items)]
    while unfinished:
        for item in unfinished[-1]:
            if isinstance(item, list) and len(unfinished) <= levels:
                unfinished.append(iter(item))
                break
            flat.append(item)
        else:
            unfinished.pop()
    return flat


def _depth(items: Items) -> int:
    depth, level = 0, [items]
    while level:
        depth += 1
        level = [item for inner in level for item in inner if isinstance(item, list)]
    return depth
