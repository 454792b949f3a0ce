"""`dict.keys`: a dictionary as two lists."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class DictionaryKeys(Block, id="dict.keys", name="Dictionary Keys and Values", categories=[BlockCategory.DATA]):
    """List the keys of a dictionary, and its values in the same order."""

    class Input(Schema):
        dictionary: dict[str, Any] = Field(description="The dictionary")

    class Output(Schema):
        keys: list[str] = Field(description="The keys, in the dictionary's order")
        values: list[Any] = Field(description="The values, each at the position of its key")

    examples: ClassVar = [
        Example(Input(dictionary={"b": 1, "a": None}), emits=[("keys", ["b", "a"]), ("values", [1, None])]),
        Example(Input(dictionary={}), emits=[("keys", []), ("values", [])]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "keys", [*input.dictionary]
        yield "values", [*input.dictionary.values()]
