"""`file.read_spreadsheet`: the rows of a table that a file holds."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.codec.csv_parse import ParseCsv
from weft.blocks.codec.tables import Layout, Row, TableReader
from weft.blocks.data_address import AnyFile
from weft.blocks.files.contents import MOST_AT_ONCE, Encoding, octet_length, text_pieces
from weft.blocks.text.bounds import LongText, check_count, compute
from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockError,
    Context,
    Emissions,
    Example,
    File,
    Many,
    Multiline,
    Schema,
)

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_LONGEST_MARK = max(map(len, _WORKBOOKS))
_ADA = {"name": "Ada", "born": "1815"}


class ReadSpreadsheet(Block, id="file.read_spreadsheet", categories=[BlockCategory.DATA]):
    """Read the table in a CSV file, row by row; each cell is a text.

    Columns and cells are as in Parse CSV. Workbooks of Excel must be saved as CSV first. A file may have any size, and a
    million rows: each is given while the rest is still to be read.
    """

    class Input(ParseCsv.Input):
        contents: Annotated[LongText, Multiline()] = Field(
            default="", description="The table as text, where there is no file"
        )
        file_input: AnyFile | None = Field(default=None, description="A CSV file, or a data address")
        encoding: Annotated[Encoding, Advanced()] = Field(default="utf-8", description="How the file is stored")

    class Output(Schema):
        row: Annotated[Row, Many()] = Field(
            description="Each row: a dictionary by column, or a list of cells if there is no header"
        )
        rows: list[Row] = Field(description="All rows; nothing if they have more than 15 MB together")

    examples: ClassVar = [
        Example(
            Input(file_input=File(name="a.csv", content=b"name;born\nAda;1815\n")),
            emits=[("row", _ADA), ("rows", [_ADA])],
        ),
        Example(
            Input(contents='people\nname,born,"a, b"\nAda,1815', skip_rows=1, skip_columns=["a, b"]),
            emits=[("row", _ADA), ("rows", [_ADA])],
        ),
        Example(
            Input(file_input=File(content="Zoë\t5".encode("latin-1")), encoding="latin-1", has_header=False),
            emits=[("row", ["Zoë", "5"]), ("rows", [["Zoë", "5"]])],
        ),
        Example({"file_input": "data:text/csv,name"}, emits=[("rows", [])]),
        Example(Input(), raises=BlockError("there is no table: neither a file nor a text was given", "NO_TABLE")),
        Example(
            Input(file_input=File(name="a.xlsx", content=b"PK\x03\x04")),
            raises=BlockError("'a.xlsx' is a workbook; save it as CSV", "NOT_CSV"),
        ),
        Example(
            Input(file_input=File(name="dot.png", content=b"\x89PNG")),
            raises=BlockError("'dot.png' is no text in utf-8: invalid start byte at byte 0", "NOT_TEXT"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        rows: list[Row] | None = []
        number = size = 0
        async with aclosing(_rows(input, ctx)) as found:
            async for row in found:
                number += 1
                check_count(number, "rows")
                yield "row", row
                if rows is not None:
                    rows.append(row)
                    size += _size(row)
                    rows = rows if size <= MOST_AT_ONCE else None
        if rows is not None:
            yield "rows", rows


async def _rows(input: ReadSpreadsheet.Input, ctx: Context) -> AsyncGenerator[Row]:
    reader = TableReader(Layout(**input.model_dump(exclude={"contents", "file_input", "encoding"})))
    async with aclosing(_texts(input, ctx)) as texts:
        async for text in texts:
            for row in await compute(len(text), reader.take, text):
                yield row
    for row in reader.take("", final=True):
        yield row


async def _texts(input: ReadSpreadsheet.Input, ctx: Context) -> AsyncGenerator[str]:
    file = input.file_input
    if file is None:
        if not input.contents:
            raise BlockError("there is no table: neither a file nor a text was given", "NO_TABLE")
        yield input.contents
        return
    async with ctx.files.open(file, end=_LONGEST_MARK) as chunks:
        head = b"".join([chunk async for chunk in chunks])
    if head.startswith(_WORKBOOKS):
        raise BlockError(f"{file.name!r} is a workbook; save it as CSV", "NOT_CSV")
    async with aclosing(text_pieces(file, input.encoding, ctx)) as texts:
        async for text in texts:
            yield text


def _size(row: Row) -> int:
    """Return about how many bytes the row has as JSON."""
    texts = [*row, *row.values()] if isinstance(row, dict) else row
    return sum(octet_length(text) + 3 for text in texts) + 3
