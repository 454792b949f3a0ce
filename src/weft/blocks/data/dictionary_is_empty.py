"""`dict.is_empty`: whether a dictionary holds nothing."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class DictionaryIsEmpty(Block, id="dict.is_empty", categories=[BlockCategory.DATA]):
    """Tell whether a dictionary has no entries."""

    class Input(Schema):
        dictionary: dict[str, Any] = Field(description="The dictionary")

    class Output(Schema):
        is_empty: bool = Field(description="Whether it has no entries")

    examples: ClassVar = [
        Example(Input(dictionary={}), emits=[("is_empty", True)]),
        Example(Input(dictionary={"a": None}), emits=[("is_empty", False)]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "is_empty", not input.dictionary
