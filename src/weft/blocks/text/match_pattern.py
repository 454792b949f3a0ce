"""`text.match`: two ways out, by a pattern."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.sdk import Advanced, Block, BlockCategory, Context, Emissions, Example, Placeholder, Schema


class MatchPattern(Block, id="text.match", categories=[BlockCategory.PROCESSING]):
    """Look whether a pattern is found anywhere in a text, and send data the one way or the other."""

    class Input(Schema):
        text: str = Field(description="Where to look")
        pattern: Annotated[str, Placeholder("invoice|receipt")] = Field(
            description="A regular expression; begin it with ^ to look at the start only"
        )
        data: Any = Field(default=None, description="What to send on; the text if null")
        case_sensitive: Annotated[bool, Advanced()] = Field(default=True, description="Tell upper case from lower case")
        dot_all: Annotated[bool, Advanced()] = Field(default=True, description="The dot matches line ends too")

    class Output(Schema):
        positive: Any = Field(description="The data, if the pattern was found")
        negative: Any = Field(description="The data, if it was not found")

    examples: ClassVar = [
        Example(Input(text="your invoice 7", pattern="invoice"), emits=[("positive", "your invoice 7")]),
        Example(Input(text="hello", pattern="invoice", data={"id": 1}), emits=[("negative", {"id": 1})]),
        Example(Input(text="INVOICE", pattern="invoice", case_sensitive=False), emits=[("positive", "INVOICE")]),
        Example(Input(text="a\nb", pattern="a.b"), emits=[("positive", "a\nb")]),
        Example(Input(text="a\nb", pattern="a.b", dot_all=False), emits=[("negative", "a\nb")]),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        flags = ("" if input.case_sensitive else "i") + ("s" if input.dot_all else "")
        found = await ctx.match(input.pattern, input.text, flags=flags, limit=1)
        data = input.text if input.data is None else input.data
        if found:
            yield "positive", data
        else:
            yield "negative", data
