"""`text.combine`: several texts become one."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.values import Text
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class CombineTexts(Block, id="text.combine", categories=[BlockCategory.PROCESSING]):
    """Write texts one after the other, with something between them if you like."""

    class Input(Schema):
        texts: list[Text | None] = Field(
            description="The texts, in order; numbers and other values are written as JSON, null is left out"
        )
        delimiter: str = Field(default="", description="What stands between two texts, e.g. a comma or a line break")

    class Output(Schema):
        output: str = Field(description="The combined text")

    examples: ClassVar = [
        Example(Input(texts=["tea", "bread"], delimiter=", "), emits=[("output", "tea, bread")]),
        Example(Input(texts=["a", "b"]), emits=[("output", "ab")]),
        Example({"texts": ["a", 1, None, True, ""], "delimiter": "-"}, emits=[("output", "a-1-true-")]),
        Example(Input(texts=[]), emits=[("output", "")]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "output", input.delimiter.join(text for text in input.texts if text is not None)
