"""`input.dropdown`: one of some texts, chosen when a run is started."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.blocks.values import Text
from weft.sdk import BlockError, Emissions, Example, Schema


class InputDropdown(InputBlock, id="input.dropdown", name="Dropdown Input"):
    """Take one text out of a list into the graph."""

    class Input(InputForm):
        value: Text | None = Field(default=None, description="The choice if a run makes none; one of the options")
        options: list[Text] = Field(min_length=1, description="What can be chosen")

    class Output(Schema):
        result: str = Field(description="What was chosen")

    examples: ClassVar = [
        Example(Input(name="size", value="S", options=["S", "M", "L"]), emits=[("result", "S")]),
        Example(Input(name="size", options=["S", "M"])),
        Example(
            Input(name="size", value="XL", options=["S", "M"]),
            raises=BlockError("'XL' is not one of the options of input 'size': S, M", "NOT_AN_OPTION"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        """Emit the choice, if there is one."""
        if input.value is None:
            return
        if input.value not in input.options:
            options = ", ".join(input.options)
            raise BlockError(
                f"{input.value!r} is not one of the options of input {input.name!r}: {options}", "NOT_AN_OPTION"
            )
        yield "result", input.value
