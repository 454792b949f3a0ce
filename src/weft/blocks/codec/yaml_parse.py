"""`yaml.parse`: the value that a YAML text says."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.codec.yaml_text import read_yaml
from weft.blocks.text.bounds import LongText, compute
from weft.blocks.text.fences import without_fence
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Many, Multiline, Schema


class ParseYaml(Block, id="yaml.parse", name="Parse YAML", categories=[BlockCategory.DATA]):
    """Read a text in YAML 1.2, as far as JSON can hold it.

    So `no`, `on` and dates are texts, keys are texts as they are written, and aliases, tags and keys that stand twice are
    refused. A fence of Markdown around the YAML is left out.
    """

    class Input(Schema):
        text: Annotated[LongText, Multiline()] = Field(description="The text, nothing but YAML")

    class Output(Schema):
        value: Annotated[Any, Many()] = Field(
            description="What it says; of several documents each one, and null if there is none"
        )

    examples: ClassVar = [
        Example(
            Input(text="name: Ada # first\ntags: [1, 2.5, yes, true, ~]\nborn: 1815-12-10\n7: |\n  a\n  b\n"),
            emits=[
                ("value", {"name": "Ada", "tags": [1, 2.5, "yes", True, None], "born": "1815-12-10", "7": "a\nb\n"})
            ],
        ),
        Example(Input(text="```yaml\n- 0x1F\n- '7'\n```"), emits=[("value", [31, "7"])]),
        Example(Input(text="--- 1\n--- 2\n"), emits=[("value", 1), ("value", 2)]),
        Example(Input(text=""), emits=[("value", None)]),
        Example(
            Input(text="a: 1\nb: 'c"),
            raises=BlockError("the YAML cannot be read: found unexpected end of stream, in line 2", "NOT_YAML"),
        ),
        Example(
            Input(text="a: &x [1]\nb: *x"),
            raises=BlockError("the YAML cannot be read: the alias *x is not supported, in line 2", "NOT_YAML"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        documents = await compute(len(input.text), read_yaml, without_fence(input.text))
        for document in documents or [None]:
            yield "value", document
