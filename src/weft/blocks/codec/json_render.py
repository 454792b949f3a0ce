"""`json.render`: a value as JSON."""

import json
from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import check_length, compute, join, weight
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema


class RenderJson(Block, id="json.render", name="Render JSON", categories=[BlockCategory.DATA]):
    """Write a value as JSON. A text is written as a JSON string, in quotes."""

    class Input(Schema):
        value: Any = Field(description="The value")
        indent: int = Field(
            default=2,
            ge=0,
            le=8,
            description="By how many blanks each level is moved to the right; 0 is all in one line",
        )
        sort_keys: bool = Field(default=False, description="Put the names of each object into alphabetical order")
        ascii_only: Annotated[bool, Advanced()] = Field(
            default=False, description="Write everything but ASCII as escape sequences"
        )

    class Output(Schema):
        text: str = Field(description="The JSON")

    examples: ClassVar = [
        Example(
            Input(value={"b": [1, "ä"], "a": {}}), emits=[("text", '{\n  "b": [\n    1,\n    "ä"\n  ],\n  "a": {}\n}')]
        ),
        Example(
            Input(value={"b": [1, "ä"], "a": None}, indent=0, sort_keys=True, ascii_only=True),
            emits=[("text", '{"a":null,"b":[1,"\\u00e4"]}')],
        ),
        Example(Input(value='say "hi"'), emits=[("text", '"say \\"hi\\""')]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "text", await compute(weight(input.value), _write, input)


def _write(input: RenderJson.Input) -> str:
    encoder = json.JSONEncoder(
        ensure_ascii=input.ascii_only,
        sort_keys=input.sort_keys,
        indent=input.indent or None,
        separators=(",", ": " if input.indent else ":"),
    )
    if input.indent:
        # Piece by piece: in a deeply nested value the blanks may be many times as long as the value.
        return join(encoder.iterencode(input.value))
    text = encoder.encode(input.value)
    check_length(len(text))
    return text
