"""`file.from_text`: a text as a file."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.files.contents import Encoding
from weft.blocks.text.bounds import compute
from weft.blocks.values import Text
from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockError,
    Context,
    Emissions,
    Example,
    File,
    Multiline,
    Placeholder,
    Schema,
)


class FileFromText(Block, id="file.from_text", name="Text to File", categories=[BlockCategory.DATA]):
    """Write a text into a file."""

    class Input(Schema):
        text: Annotated[Text, Multiline()] = Field(description="What the file holds; other values are written as JSON")
        name: Annotated[str, Placeholder("report.md")] = Field(
            default="file.txt", min_length=1, description="Name of the file; what a name must not hold becomes _"
        )
        media_type: Annotated[str, Advanced()] = Field(
            default="", max_length=255, description="Kind of the file, e.g. text/markdown; empty to tell by its name"
        )
        encoding: Annotated[Encoding, Advanced()] = Field(default="utf-8", description="How the text is stored")

    class Output(Schema):
        file: File = Field(description="The file")

    examples: ClassVar = [
        Example(
            Input(text="hello"),
            emits=[("file", {"name": "file.txt", "media_type": "text/plain", "content": "aGVsbG8="})],
        ),
        Example(
            {"text": {"a": 1}, "name": "out/data.json"},
            emits=[("file", {"name": "out_data.json", "media_type": "application/json", "content": "eyJhIjoxfQ=="})],
        ),
        Example(
            Input(text="é", name="accent", media_type="text/plain", encoding="latin-1"),
            emits=[("file", {"name": "accent", "media_type": "text/plain", "content": "6Q=="})],
        ),
        Example(
            Input(text="price: 5 €", encoding="latin-1"),
            raises=BlockError("'€', character 10 of the text, cannot be stored in latin-1", "NOT_ENCODABLE"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        try:
            content = await compute(len(input.text), input.text.encode, input.encoding)
        except UnicodeEncodeError as error:
            raise BlockError(
                f"{input.text[error.start]!r}, character {error.start + 1} of the text, cannot be stored in {input.encoding}",
                "NOT_ENCODABLE",
            ) from error
        yield "file", await ctx.files.put(input.name, input.media_type, content)
