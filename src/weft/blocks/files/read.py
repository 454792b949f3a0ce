"""`file.read`: the text of a file, whole and piece by piece."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.data_address import AnyFile
from weft.blocks.files.contents import Encoding, text_pieces
from weft.blocks.files.cutting import Cuts, Cutter
from weft.blocks.text.bounds import check_count, compute
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Context, Emissions, Example, File, Many, Schema

_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r"}
_LIST = File(name="list.txt", media_type="text/plain", content=b"name\r\nAda\r\nBob\r\nCleo\r\n")


class ReadFile(Block, id="file.read", categories=[BlockCategory.DATA]):
    """Read a text file, whole and in pieces: rows, or parts of a given length.

    First the characters to skip are left out, then the text is cut into rows, and of these some may be left out too.
    Rows that are longer than the size limit are cut once more. Without delimiter and size limit there is one piece. A
    file of any size can be read in pieces, a million of them at most; each is given while the rest is still to be read.
    """

    class Input(Schema):
        file_input: AnyFile = Field(description="A file with text, or a data address")
        delimiter: str = Field(
            default="", max_length=100, description="What ends a row; \\n for a line end, \\t for a tab. Empty: no rows"
        )
        size_limit: int = Field(default=0, ge=0, description="Most characters of a piece; 0 for any number")
        row_limit: int = Field(
            default=0, ge=0, description="Most rows to read; 0 for all. Rows are lines if no delimiter is given"
        )
        skip_size: int = Field(default=0, ge=0, description="How many characters to leave out at the beginning")
        skip_rows: int = Field(
            default=0, ge=0, description="How many rows to leave out after that, e.g. 1 for a heading"
        )
        encoding: Annotated[Encoding, Advanced()] = Field(default="utf-8", description="How the text is stored")

    class Output(Schema):
        chunk: Annotated[str, Many()] = Field(description="Each piece, in order; none of an empty text")
        content: str = Field(
            description="All that was read, as one text; nothing if it has more than 15 MB and was read in pieces"
        )

    examples: ClassVar = [
        Example(
            {"file_input": _LIST.model_dump(mode="json"), "delimiter": "\\n", "skip_rows": 1},
            emits=[("chunk", "Ada"), ("chunk", "Bob"), ("chunk", "Cleo"), ("content", "Ada\nBob\nCleo")],
        ),
        Example(
            Input(file_input=_LIST, row_limit=2, size_limit=3),
            emits=[("chunk", "nam"), ("chunk", "e"), ("chunk", "Ada"), ("content", "name\nAda")],
        ),
        Example(
            {"file_input": "data:text/plain,one;two", "skip_size": 1},
            emits=[("chunk", "ne;two"), ("content", "ne;two")],
        ),
        Example(
            Input(file_input=File(content=b"abcdefg"), size_limit=3),
            emits=[("chunk", "abc"), ("chunk", "def"), ("chunk", "g"), ("content", "abcdefg")],
        ),
        Example(
            Input(file_input=File(content=b"caf\xe9"), encoding="latin-1"),
            emits=[("chunk", "café"), ("content", "café")],
        ),
        Example(Input(file_input=File(content=b"")), emits=[("content", "")]),
        Example(
            Input(file_input=File(name="dot.png", content=b"\x89PNG")),
            raises=BlockError("'dot.png' is no text in utf-8: invalid start byte at byte 0", "NOT_TEXT"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        cutter = Cutter(_cuts(input))
        number = 0
        async with aclosing(_chunks(input, cutter, ctx)) as chunks:
            async for chunk in chunks:
                number += 1
                check_count(number, "pieces")
                yield "chunk", chunk
        if cutter.whole is not None:
            yield "content", cutter.whole


async def _chunks(input: ReadFile.Input, cutter: Cutter, ctx: Context) -> AsyncGenerator[str]:
    async with aclosing(text_pieces(input.file_input, input.encoding, ctx)) as texts:
        async for text in texts:
            for chunk in await compute(len(text), cutter.take, text):
                yield chunk
            if cutter.is_full:
                return
    for chunk in cutter.take("", final=True):
        yield chunk


def _cuts(input: ReadFile.Input) -> Cuts:
    delimiter = input.delimiter
    for escape, meant in _ESCAPES.items():
        delimiter = delimiter.replace(escape, meant)
    if not delimiter and (input.skip_rows or input.row_limit):
        delimiter = "\n"
    return Cuts(delimiter, input.size_limit, input.row_limit, input.skip_size, input.skip_rows)
