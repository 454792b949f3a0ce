"""`csv.render`: rows as a table in CSV."""

import csv
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import check_count, compute, join, weight
from weft.blocks.values import as_text
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema

_FORMULA = frozenset("=+-@\t\r\n")


class RenderCsv(Block, id="csv.render", name="Render CSV", categories=[BlockCategory.DATA]):
    """Write rows as a table in CSV, one line for each; cells are put into quotes where needed.

    Null becomes an empty cell, lists and dictionaries become JSON.
    """

    class Input(Schema):
        rows: list[dict[str, Any] | list[Any]] = Field(
            description="The rows: all of them dictionaries by column, or all of them lists of cells"
        )
        columns: list[str] = Field(
            default_factory=list,
            description="The columns in order; if empty, those of the dictionaries as they first come. Lists get them as "
            "a header",
        )
        delimiter: str = Field(
            default=",", pattern=r"^([^\r\n\"]|\\t)$", description="What stands between cells; \\t is a tab"
        )
        header: bool = Field(default=True, description="Begin with a line of the columns' names, if there are some")
        guard_formulas: Annotated[bool, Advanced()] = Field(
            default=False,
            description="Put ' before texts that begin like a formula, for tables of strangers that a spreadsheet will open",
        )

    class Output(Schema):
        text: str = Field(description="The table; each line ends with a line feed")

    examples: ClassVar = [
        Example(
            Input(rows=[{"name": "Ada", "city": "London, UK"}, {"name": 'a "b"', "tags": [1], "city": None}]),
            emits=[("text", 'name,city,tags\nAda,"London, UK",\n"a ""b""",,[1]\n')],
        ),
        Example(
            Input(rows=[{"a": 1, "b": True}], columns=["b", "c"], delimiter=";", header=False),
            emits=[("text", "true;\n")],
        ),
        Example(
            Input(rows=[["=1+1", -2], ["x\ny"]], columns=["a", "b"], delimiter="\\t", guard_formulas=True),
            emits=[("text", 'a\tb\n\'=1+1\t-2\n"x\ny"\n')],
        ),
        Example(Input(rows=[]), emits=[("text", "")]),
        Example(
            Input(rows=[{"a": 1}, [2]]),
            raises=BlockError("row 2 is a list, but row 1 is a dictionary; rows must be of one kind", "MIXED_ROWS"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "text", await compute(weight(input.rows), _write, input)


class _Echo:
    """What the writer of the standard library writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def _write(input: RenderCsv.Input) -> str:
    delimiter = "\t" if input.delimiter == "\\t" else input.delimiter
    # Cells with a lone carriage return are quoted only if it is part of the line end.
    writer = csv.writer(_Echo(), delimiter=delimiter, lineterminator="\r\n")
    return join(f"{writer.writerow(row)[:-2]}\n" for row in _table(input))


def _table(input: RenderCsv.Input) -> Iterator[Sequence[str]]:
    rows = input.rows
    columns = input.columns or list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    check_count(len(rows) * len(columns), "cells")
    for number, row in enumerate(rows, start=1):
        if isinstance(row, dict) is not isinstance(rows[0], dict):
            raise BlockError(
                f"row {number} is {_kind(row)}, but row 1 is {_kind(rows[0])}; rows must be of one kind", "MIXED_ROWS"
            )
    if input.header and columns:
        yield [_cell(name, input.guard_formulas) for name in columns]
    for row in rows:
        cells = [row.get(name) for name in columns] if isinstance(row, dict) else row
        yield [_cell(cell, input.guard_formulas) for cell in cells]


def _cell(value: Any, guard: bool) -> str:
    text = as_text(value)
    return f"'{text}" if guard and isinstance(value, str) and text[:1] in _FORMULA else text


def _kind(row: dict[str, Any] | list[Any]) -> str:
    return "a dictionary" if isinstance(row, dict) else "a list"
