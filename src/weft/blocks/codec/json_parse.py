"""`json.parse`: the value that a JSON text says."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import LongText, compute
from weft.blocks.text.fences import without_fence
from weft.blocks.values import read_json
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Multiline, Schema


class ParseJson(Block, id="json.parse", name="Parse JSON", categories=[BlockCategory.DATA]):
    """Read a text in JSON.

    A fence of Markdown around the JSON, as language models write it, is left out. Where a name stands twice in an
    object the last one counts.
    """

    class Input(Schema):
        text: Annotated[LongText, Multiline()] = Field(description="The text, nothing but JSON")

    class Output(Schema):
        value: Any = Field(description="What it says: a dictionary, a list, a text, a number, true, false or null")

    examples: ClassVar = [
        Example(
            Input(text='{"name": "Ada", "tags": [1, null]}'), emits=[("value", {"name": "Ada", "tags": [1, None]})]
        ),
        Example(Input(text="```json\n[true]\n```"), emits=[("value", [True])]),
        Example(Input(text=" 7 "), emits=[("value", 7)]),
        Example(
            Input(text="{'name': 'Ada'}"),
            raises=BlockError(
                "the text is no JSON: Expecting property name enclosed in double quotes at character 2", "NOT_JSON"
            ),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "value", await compute(len(input.text), _parse, input.text)


def _parse(text: str) -> Any:
    try:
        return read_json(without_fence(text.removeprefix("\ufeff")))
    except ValueError as error:
        raise BlockError(f"the text is no JSON: {error}", "NOT_JSON") from error
