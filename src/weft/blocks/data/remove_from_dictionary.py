"""`dict.remove`: a dictionary without one of its entries."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.data.items import value_under
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema


class RemoveFromDictionary(Block, id="dict.remove", categories=[BlockCategory.DATA]):
    """Take an entry out of a dictionary, or fail if it has none under the key; the dictionary that came stays as it was."""

    class Input(Schema):
        dictionary: dict[str, Any] = Field(description="The dictionary to start from")
        key: str = Field(description="The key of the entry to take out")
        return_value: Annotated[bool, Advanced()] = Field(default=False, description="Emit the value taken out, too")

    class Output(Schema):
        updated_dictionary: dict[str, Any] = Field(description="The new dictionary")
        removed_value: Any = Field(description="The value taken out, if asked for")

    examples: ClassVar = [
        Example(Input(dictionary={"a": 1, "b": 2}, key="a"), emits=[("updated_dictionary", {"b": 2})]),
        Example(
            Input(dictionary={"a": None}, key="a", return_value=True),
            emits=[("updated_dictionary", {}), ("removed_value", None)],
        ),
        Example(Input(dictionary={"a": 1}, key="A"), raises=BlockError("the dictionary has no key 'A'", "NO_SUCH_KEY")),
    ]

    async def run(self, input: Input) -> Emissions:
        removed = value_under(input.dictionary, input.key)
        yield "updated_dictionary", {key: value for key, value in input.dictionary.items() if key != input.key}
        if input.return_value:
            yield "removed_value", removed
