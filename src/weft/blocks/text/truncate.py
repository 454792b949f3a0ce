"""`text.truncate`: a text made shorter."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.text import characters
from weft.blocks.text.bounds import LongText, compute
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema


class TruncateText(Block, id="text.truncate", categories=[BlockCategory.PROCESSING]):
    """Shorten a text to a length, at the end of a word if there is one; a short text stays as it is.

    Lengths count characters as people see them: an emoji of several parts is one, and is never cut apart.
    """

    class Input(Schema):
        text: LongText = Field(description="The text")
        length: int = Field(ge=0, description="The most characters of the result, its suffix included")
        suffix: str = Field(default="…", max_length=1000, description="What a shortened text ends with")
        whole_words: Annotated[bool, Advanced()] = Field(default=True, description="Do not cut inside a word")

    class Output(Schema):
        output: str = Field(description="The text, shortened if it was longer")
        truncated: bool = Field(description="Whether it was longer")

    examples: ClassVar = [
        Example(Input(text="a cup of tea", length=9), emits=[("output", "a cup of…"), ("truncated", True)]),
        Example(
            Input(text="a cup of tea", length=8, suffix=" (more)", whole_words=False),
            emits=[("output", "a (more)"), ("truncated", True)],
        ),
        Example(Input(text="你好世界", length=3), emits=[("output", "你好…"), ("truncated", True)]),
        Example(Input(text="unbelievable", length=5, suffix=""), emits=[("output", "unbel"), ("truncated", True)]),
        Example(
            Input(text="👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", length=2),
            emits=[("output", "👩‍👩‍👧…"), ("truncated", True)],
        ),
        Example(Input(text="tea", length=3), emits=[("output", "tea"), ("truncated", False)]),
        Example(
            Input(text="a cup of tea", length=2, suffix="..."),
            raises=BlockError(
                "the suffix alone has 3 characters, but the result may have 2 at most", "SUFFIX_TOO_LONG"
            ),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        output = await compute(len(input.text), _shorten, input)
        yield "output", output
        yield "truncated", output is not input.text


def _shorten(input: TruncateText.Input) -> str:
    if len(input.text) <= input.length:
        return input.text
    kinds = characters.kinds(input.text)
    if characters.end_of_characters(kinds, input.length) == len(input.text):
        return input.text
    suffix = characters.count_characters(input.suffix)
    if suffix > input.length:
        raise BlockError(
            f"the suffix alone has {suffix} characters, but the result may have {input.length} at most",
            "SUFFIX_TOO_LONG",
        )
    end = characters.end_of_characters(kinds, input.length - suffix)
    if input.whole_words:
        end = characters.end_of_words(kinds, end)
    return input.text[:end].rstrip() + input.suffix
