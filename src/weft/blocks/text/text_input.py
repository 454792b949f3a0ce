"""`text-input`: a fixed text."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Multiline, Schema


class TextInput(Block, id="text-input", name="Text", categories=[BlockCategory.INPUT]):
    """Hold a text and give it to the blocks behind."""

    class Input(Schema):
        text: Annotated[str, Multiline()] = Field(description="The text")

    class Output(Schema):
        text: str = Field(description="The same text")

    examples: ClassVar = [
        Example(Input(text="Hello, World!"), emits=[("text", "Hello, World!")]),
        Example(Input(text=""), emits=[("text", "")]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "text", input.text
