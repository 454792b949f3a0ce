"""`dict.replace`: another value under a key."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import value_under
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class ReplaceInDictionary(Block, id="dict.replace", name="Replace Dictionary Value", categories=[BlockCategory.DATA]):
    """Put another value under a key that a dictionary has, or fail if it has none; the dictionary that came stays as it was."""

    class Input(Schema):
        dictionary: dict[str, Any] = Field(description="The dictionary to start from")
        key: str = Field(description="A key that it has")
        value: Any = Field(description="The value to put there")

    class Output(Schema):
        updated_dictionary: dict[str, Any] = Field(description="The new dictionary, its keys in the same order")
        old_value: Any = Field(description="The value that was there before")

    examples: ClassVar = [
        Example(
            Input(dictionary={"a": 1, "b": 2}, key="a", value=[3]),
            emits=[("updated_dictionary", {"a": [3], "b": 2}), ("old_value", 1)],
        ),
        Example(
            Input(dictionary={}, key="a", value=1), raises=BlockError("the dictionary has no key 'a'", "NO_SUCH_KEY")
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        old = value_under(input.dictionary, input.key)
        yield "updated_dictionary", input.dictionary | {input.key: input.value}
        yield "old_value", old
