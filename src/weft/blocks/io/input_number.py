"""`input.number`: a number that a run is started with."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.blocks.values import Number
from weft.sdk import Example, Schema


class InputNumber(InputBlock, id="input.number", name="Number Input"):
    """Take a number into the graph; whole numbers stay whole."""

    class Input(InputForm):
        value: Number | None = Field(default=None, description="The number if a run gives none")

    class Output(Schema):
        result: Number = Field(description="The number")

    examples: ClassVar = [
        Example(Input(name="count", value=3), emits=[("result", 3)]),
        Example(Input(name="count", value=2.5), emits=[("result", 2.5)]),
        Example({"name": "count", "value": "42"}, emits=[("result", 42)], title="a number written as text"),
        Example(Input(name="count", value=0), emits=[("result", 0)]),
        Example(Input(name="count")),
    ]
