"""`input.date`: a day that a run is started with."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, Schema


class InputDate(InputBlock, id="input.date", name="Date Input"):
    """Take a date into the graph, as year-month-day."""

    class Input(InputForm):
        value: date | None = Field(default=None, description="The date if a run gives none, e.g. 2026-03-31")

    class Output(Schema):
        result: date = Field(description="The date, e.g. 2026-03-31")

    examples: ClassVar = [
        Example({"name": "due", "value": "2026-03-31"}, emits=[("result", "2026-03-31")]),
        Example(Input(name="due")),
    ]
