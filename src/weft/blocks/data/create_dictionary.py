"""`dict.create`: named values become a dictionary."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class CreateDictionary(Block, id="dict.create", categories=[BlockCategory.DATA]):
    """Make a dictionary of named values."""

    class Input(Schema):
        values: dict[str, Any] = Field(description="The values by name; link to values.Name to fill single entries")

    class Output(Schema):
        dictionary: dict[str, Any] = Field(description="The dictionary")

    examples: ClassVar = [
        Example(Input(values={"name": "Ada", "age": 36}), emits=[("dictionary", {"name": "Ada", "age": 36})]),
        Example(Input(values={}), emits=[("dictionary", {})]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "dictionary", input.values
