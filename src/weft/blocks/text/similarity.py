"""`text.similarity`: how much two texts have in common."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import compute
from weft.blocks.text.lcs import common_length
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema

Comparable = Annotated[str, Field(max_length=100_000)]


class TextSimilarity(Block, id="text.similarity", categories=[BlockCategory.PROCESSING]):
    """Say how similar two texts are as a number: 1 if they are equal, 0 if no letter is common.

    It is twice the length of their longest common subsequence, divided by the sum of their lengths; so it looks at
    letters and their order, not at the meaning.
    """

    class Input(Schema):
        first: Comparable = Field(description="One text")
        second: Comparable = Field(description="The other text")
        ignore_case: Annotated[bool, Advanced()] = Field(
            default=False, description="Take upper and lower case for the same"
        )

    class Output(Schema):
        ratio: float = Field(description="From 0 to 1")

    examples: ClassVar = [
        Example(Input(first="abcd", second="bcde"), emits=[("ratio", 0.75)]),
        Example(Input(first="Straße", second="STRASSE", ignore_case=True), emits=[("ratio", 1.0)]),
        Example(Input(first="Tea", second="tEA"), emits=[("ratio", 0.0)]),
        Example(Input(first="", second=""), emits=[("ratio", 1.0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        first, second = input.first, input.second
        if input.ignore_case:
            first, second = first.casefold(), second.casefold()
        work = len(first) * len(second) // 100
        yield "ratio", 1.0 if first == second else await compute(work, _ratio, first, second)


def _ratio(first: str, second: str) -> float:
    return 2 * common_length(first, second) / (len(first) + len(second))
