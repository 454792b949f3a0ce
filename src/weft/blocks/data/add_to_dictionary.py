"""`dict.add`: a dictionary grows."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class AddToDictionary(Block, id="dict.add", categories=[BlockCategory.DATA]):
    """Add entries to a dictionary; what it held under the same keys is replaced, and the dictionary that came stays as it was."""

    class Input(Schema):
        dictionary: dict[str, Any] = Field(default_factory=dict, description="The dictionary to start from")
        key: str = Field(default="", description="The key of one entry, added after the entries; nothing if empty")
        value: Any = Field(default=None, description="The value of this entry")
        entries: dict[str, Any] = Field(default_factory=dict, description="Entries to add")

    class Output(Schema):
        updated_dictionary: dict[str, Any] = Field(description="The new dictionary")

    examples: ClassVar = [
        Example(
            Input(dictionary={"name": "Ada"}, key="age", value=36),
            emits=[("updated_dictionary", {"name": "Ada", "age": 36})],
        ),
        Example(
            Input(dictionary={"a": 0, "b": 1}, entries={"b": 2, "c": 3}, key="c", value=None),
            emits=[("updated_dictionary", {"a": 0, "b": 2, "c": None})],
        ),
        Example(Input(), emits=[("updated_dictionary", {})]),
        Example(Input(value=36), raises=BlockError("there is a value to add, but no key for it", "NO_KEY")),
    ]

    async def run(self, input: Input) -> Emissions:
        if not input.key and input.value is not None:
            raise BlockError("there is a value to add, but no key for it", "NO_KEY")
        added = input.entries | {input.key: input.value} if input.key else input.entries
        yield "updated_dictionary", input.dictionary | added
