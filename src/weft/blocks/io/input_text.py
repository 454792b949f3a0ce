"""`input.text`: a line of text that a run is started with."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, Schema


class InputText(InputBlock, id="input.text", name="Text Input"):
    """Take a short text into the graph."""

    class Input(InputForm):
        value: str | None = Field(default=None, description="The text if a run gives none")

    class Output(Schema):
        result: str = Field(description="The text")

    examples: ClassVar = [
        Example(Input(name="city", value="Paris"), emits=[("result", "Paris")]),
        Example(Input(name="city", value=""), emits=[("result", "")]),
        Example(Input(name="city")),
    ]
