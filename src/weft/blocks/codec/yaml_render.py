"""`yaml.render`: a value as YAML."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.codec.yaml_text import write_yaml
from weft.blocks.text.bounds import compute, weight
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class RenderYaml(Block, id="yaml.render", name="Render YAML", categories=[BlockCategory.DATA]):
    """Write a value as YAML, one item or key in a line.

    Texts that a reader of YAML might take for something else, such as `no`, `12:30` or a date, are put into quotes.
    """

    class Input(Schema):
        value: Any = Field(description="The value")
        indent: int = Field(default=2, ge=2, le=8, description="By how many blanks each level is moved to the right")
        sort_keys: bool = Field(default=False, description="Put the keys of each dictionary into alphabetical order")

    class Output(Schema):
        text: str = Field(description="The YAML")

    examples: ClassVar = [
        Example(
            Input(value={"name": "Ärger: no", "on": [1, 2.0, None, "no", "7"], "note": "a\nb\n", "empty": {}}),
            emits=[
                ("text", "name: 'Ärger: no'\n'on':\n- 1\n- 2.0\n- null\n- 'no'\n- '7'\nnote: |\n  a\n  b\nempty: {}\n")
            ],
        ),
        Example(
            Input(value={"b": {"d": 1, "c": 2}, "a": True}, indent=4, sort_keys=True),
            emits=[("text", "a: true\nb:\n    c: 2\n    d: 1\n")],
        ),
        Example(Input(value="tea"), emits=[("text", "tea\n")]),
    ]

    async def run(self, input: Input) -> Emissions:
        yield (
            "text",
            await compute(weight(input.value), write_yaml, input.value, indent=input.indent, sort_keys=input.sort_keys),
        )
