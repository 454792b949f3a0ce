"""`csv.parse`: the rows of a table in CSV."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.codec.tables import Layout, Row, read_table
from weft.blocks.text.bounds import LongText, compute
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Many, Multiline, Schema

Position = Annotated[int, Field(ge=0)]


class ParseCsv(Block, id="csv.parse", name="Parse CSV", categories=[BlockCategory.DATA]):
    """Read a table in CSV; each cell is a text.

    With a header each row is a dictionary. A second column `a` becomes `a_2`, the third one `column_3` if it has no
    name; so do cells beyond the header. Cells that a row lacks are empty texts. Empty lines are left out. A cell may have
    131072 characters.
    """

    class Input(Schema):
        contents: Annotated[LongText, Multiline()] = Field(description="The table as text")
        delimiter: str = Field(
            default="",
            pattern=r"^([^\r\n]|\\t)?$",
            description="What stands between cells; \\t is a tab. Empty: comma, semicolon, tab or |, whatever the first "
            "row has most of",
        )
        has_header: bool = Field(default=True, description="The first row names the columns")
        strip: bool = Field(default=True, description="Leave out blanks and line breaks around each cell")
        skip_rows: Annotated[int, Advanced()] = Field(
            default=0,
            ge=0,
            description="How many rows at the start to leave out, empty ones too; then comes the header",
        )
        skip_columns: Annotated[list[Position | str], Advanced()] = Field(
            default_factory=list, description="Columns to leave out, by name or by position from 0"
        )
        quotechar: Annotated[str, Advanced()] = Field(
            default='"', pattern=r"^[^\r\n]?$", description="What stands around a cell that holds delimiters or lines"
        )
        escapechar: Annotated[str, Advanced()] = Field(
            default="", pattern=r"^[^\r\n]?$", description="What makes the sign behind it part of the cell; mostly none"
        )

    class Output(Schema):
        row: Annotated[Row, Many()] = Field(
            description="Each row: a dictionary by column, or a list of cells if there is no header"
        )
        rows: list[Row] = Field(description="All rows")

    examples: ClassVar = [
        Example(
            Input(contents='name, city\nAda, "London, UK"\n\nBob\n'),
            emits=[
                ("row", {"name": "Ada", "city": "London, UK"}),
                ("row", {"name": "Bob", "city": ""}),
                ("rows", [{"name": "Ada", "city": "London, UK"}, {"name": "Bob", "city": ""}]),
            ],
        ),
        Example(
            Input(contents='\ufeffa;a;"x,y,z";\r\n1;2;3;4;5\r\n'),
            emits=[
                ("row", {"a": "1", "a_2": "2", "x,y,z": "3", "column_4": "4", "column_5": "5"}),
                ("rows", [{"a": "1", "a_2": "2", "x,y,z": "3", "column_4": "4", "column_5": "5"}]),
            ],
        ),
        Example(
            Input(contents="a report\n\nx\ty\n 1\tit's", delimiter="\\t", has_header=False, strip=False, skip_rows=2),
            emits=[("row", ["x", "y"]), ("row", [" 1", "it's"]), ("rows", [["x", "y"], [" 1", "it's"]])],
        ),
        Example(
            Input(contents="a,b,c\n1,'2,2',x\\,y", skip_columns=["b", 0], quotechar="'", escapechar="\\"),
            emits=[("row", {"c": "x,y"}), ("rows", [{"c": "x,y"}])],
        ),
        Example(Input(contents=""), emits=[("rows", [])]),
        Example(
            Input(contents='a,b\n1,"2\n3'),
            raises=BlockError("the row that begins in line 2 cannot be read: unexpected end of data", "NOT_CSV"),
        ),
        Example(
            Input(contents="a,b\n1,2", skip_columns=["c"]),
            raises=BlockError("there is no column 'c' to leave out", "NO_SUCH_COLUMN"),
        ),
        Example(
            Input(contents="a,b", delimiter=";", quotechar=";"),
            raises=BlockError("delimiter, quote and escape character must be three different signs", "SAME_SIGNS"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        rows = await compute(len(input.contents), read_table, input.contents, _layout(input))
        for row in rows:
            yield "row", row
        yield "rows", rows


def _layout(input: ParseCsv.Input) -> Layout:
    return Layout(**input.model_dump(exclude={"contents"}))
