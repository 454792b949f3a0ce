"""`list.sample`: some items of a list."""

from random import Random
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from weft.blocks.data.items import Items
from weft.sdk import Advanced, Block, BlockCategory, Context, Emissions, Example, Schema

Method = Literal["random", "first", "last", "every_nth"]


class SampleList(Block, id="list.sample", categories=[BlockCategory.DATA]):
    """Take some items of a list, in their order: by chance, from an end, or at equal distances.

    A list that is shorter than the sample is taken whole. A firing that runs again, after a crash or a failure, takes the
    same items.
    """

    class Input(Schema):
        list: Items = Field(description="The list")
        size: int = Field(default=10, ge=0, description="How many items to take")
        method: Method = Field(
            default="random",
            description="Which ones: by chance, all equally likely; the first; the last; or, for every_nth, at equal "
            "distances from the first on",
        )
        seed: Annotated[int | None, Advanced()] = Field(
            default=None,
            description="With equal seeds chance takes equal positions, in every run. Empty: each time others",
        )

    class Output(Schema):
        sample: Items = Field(description="The items")
        indices: list[int] = Field(description="Their positions in the list, from 0")

    examples: ClassVar = [
        Example(
            Input(list=["a", "b", "c", "d", "e"], size=2, seed=7),
            emits=[("sample", ["b", "c"]), ("indices", [1, 2])],
        ),
        Example(Input(list=["a", "b"], size=5), emits=[("sample", ["a", "b"]), ("indices", [0, 1])]),
        Example(
            Input(list=["a", "b", "c"], size=2, method="first"), emits=[("sample", ["a", "b"]), ("indices", [0, 1])]
        ),
        Example(
            Input(list=["a", "b", "c"], size=2, method="last"), emits=[("sample", ["b", "c"]), ("indices", [1, 2])]
        ),
        Example(
            Input(list=["a", "b", "c", "d", "e"], size=2, method="every_nth"),
            emits=[("sample", ["a", "c"]), ("indices", [0, 2])],
        ),
        Example(Input(list=[], size=0), emits=[("sample", []), ("indices", [])]),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        indices = _indices(input, ctx)
        yield "sample", [input.list[index] for index in indices]
        yield "indices", indices


def _indices(input: SampleList.Input, ctx: Context) -> list[int]:
    length = len(input.list)
    size = min(input.size, length)
    match input.method:
        case "random":
            chance = ctx.random if input.seed is None else Random(input.seed)
            return sorted(chance.sample(range(length), size))
        case "first":
            return [*range(size)]
        case "last":
            return [*range(length - size, length)]
        case "every_nth":
            return [place * length // size for place in range(size)]
