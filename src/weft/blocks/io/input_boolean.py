"""`input.boolean`: yes or no, given when a run is started."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, Schema


class InputBoolean(InputBlock, id="input.boolean", name="Yes or No Input"):
    """Take yes or no into the graph."""

    class Input(InputForm):
        value: bool | None = Field(default=None, description="Yes or no, if a run says neither")

    class Output(Schema):
        result: bool = Field(description="True for yes, false for no")

    examples: ClassVar = [
        Example(Input(name="urgent", value=True), emits=[("result", True)]),
        Example(Input(name="urgent", value=False), emits=[("result", False)]),
        Example(Input(name="urgent")),
    ]
