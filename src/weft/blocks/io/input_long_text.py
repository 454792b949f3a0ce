"""`input.long_text`: a text of several lines that a run is started with."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, Multiline, Schema


class InputLongText(InputBlock, id="input.long_text", name="Long Text Input"):
    """Take a text of several lines into the graph."""

    class Input(InputForm):
        value: Annotated[str | None, Multiline(rows=8)] = Field(
            default=None, description="The text if a run gives none"
        )

    class Output(Schema):
        result: str = Field(description="The text")

    examples: ClassVar = [
        Example(Input(name="letter", value="Dear Ada,\nall is well."), emits=[("result", "Dear Ada,\nall is well.")]),
        Example(Input(name="letter")),
    ]
