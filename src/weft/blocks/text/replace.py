"""`text.replace`: other words in place of some."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import LongText, check_length
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Multiline, Schema


class ReplaceText(Block, id="text.replace", categories=[BlockCategory.PROCESSING]):
    """Put one text in place of another, wherever it stands.

    The old text is taken letter by letter, upper and lower case told apart; it is no pattern.
    """

    class Input(Schema):
        text: LongText = Field(description="The text to change")
        old: Annotated[str, Multiline(rows=1)] = Field(description="What to replace")
        new: Annotated[LongText, Multiline(rows=1)] = Field(description="What to put there; empty takes it out")

    class Output(Schema):
        output: str = Field(description="The changed text")
        count: int = Field(description="How many places were changed")

    examples: ClassVar = [
        Example(Input(text="tea and tea", old="tea", new="milk"), emits=[("output", "milk and milk"), ("count", 2)]),
        Example(Input(text="a\nb", old="\n", new=""), emits=[("output", "ab"), ("count", 1)]),
        Example(Input(text="Tea", old="tea", new="milk"), emits=[("output", "Tea"), ("count", 0)]),
        Example(Input(text="a.b", old=".", new="$1"), emits=[("output", "a$1b"), ("count", 1)]),
        Example(Input(text="ab", old="", new="-"), raises=BlockError("the text to replace is empty", "NOTHING_OLD")),
    ]

    async def run(self, input: Input) -> Emissions:
        if not input.old:
            raise BlockError("the text to replace is empty", "NOTHING_OLD")
        count = input.text.count(input.old)
        check_length(len(input.text) + count * (len(input.new) - len(input.old)))
        yield "output", input.text.replace(input.old, input.new)
        yield "count", count
