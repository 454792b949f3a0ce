"""`input.any`: any value that a run is started with."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, Schema


class InputAny(InputBlock, id="input.any", name="Input"):
    """Take a value of any kind into the graph."""

    class Input(InputForm):
        value: Any = Field(default=None, description="The value if a run gives none")

    class Output(Schema):
        result: Any = Field(description="The value")

    examples: ClassVar = [
        Example(Input(name="order", value={"id": 7}), emits=[("result", {"id": 7})]),
        Example(Input(name="order", value=0), emits=[("result", 0)]),
        Example(Input(name="order"), title="without a value nothing is emitted"),
    ]
