"""`file.to_text`: a file as a text."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data_address import AnyFile
from weft.blocks.files.contents import Encoding, text_of
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Context, Emissions, Example, File, Schema


class FileToText(Block, id="file.to_text", name="File to Text", categories=[BlockCategory.DATA]):
    """Take the text out of a file, unchanged. Read File takes one that is too large for this apart."""

    class Input(Schema):
        file: AnyFile = Field(description="A file with text, or a data address")
        encoding: Annotated[Encoding, Advanced()] = Field(
            default="utf-8", description="How the text is stored, unless a mark at its beginning says it"
        )

    class Output(Schema):
        text: str = Field(description="The text")

    examples: ClassVar = [
        Example(Input(file=File(content=b"one\r\ntwo\n")), emits=[("text", "one\r\ntwo\n")]),
        Example(Input(file=File(content=b"\xff\xfeh\x00i\x00")), emits=[("text", "hi")], title="a mark says UTF-16"),
        Example({"file": "data:text/plain;base64,5Lit", "encoding": "utf-8"}, emits=[("text", "中")]),
        Example(Input(file=File(content=b"\xd6\xd0"), encoding="gb18030"), emits=[("text", "中")]),
        Example(
            Input(file=File(name="dot.png", content=b"\x89PNG")),
            raises=BlockError("'dot.png' is no text in utf-8: invalid start byte at byte 0", "NOT_TEXT"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "text", await text_of(input.file, input.encoding, ctx)
