"""`input.time`: a time of day that a run is started with."""

from datetime import time
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, Schema


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no time zone")
    return value


TimeOfDay = Annotated[time, AfterValidator(_without_zone)]


class InputTime(InputBlock, id="input.time", name="Time Input"):
    """Take a time of day into the graph, without a time zone."""

    class Input(InputForm):
        value: TimeOfDay | None = Field(default=None, description="The time if a run gives none, e.g. 14:30")

    class Output(Schema):
        result: TimeOfDay = Field(description="The time, e.g. 14:30:00")

    examples: ClassVar = [
        Example({"name": "start", "value": "14:30"}, emits=[("result", "14:30:00")]),
        Example(Input(name="start")),
    ]
