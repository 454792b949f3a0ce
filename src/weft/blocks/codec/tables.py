"""Tables as text: rows of cells with delimiters between them."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from weft.blocks.text.bounds import LARGEST_TEXT, check_count
from weft.sdk import BlockError

Row = dict[str, str] | list[str]

_DELIMITERS = ",;\t|"
_HEAD = 100_000


@dataclass(frozen=True, slots=True)
class Layout:
    r"""How a table is written.

    Attributes:
        delimiter: What stands between cells; `\t` is a tab, and empty is to be found out.
        has_header: The first row names the columns.
        strip: Leave out blanks and line ends around each cell.
        skip_rows: How many rows at the start to leave out, empty ones too.
        skip_columns: Columns to leave out, by name or by position from 0.
        quotechar: What stands around a cell that holds delimiters or line ends; empty for nothing.
        escapechar: What makes the sign behind it part of the cell; empty for nothing.
    """

    delimiter: str = ""
    has_header: bool = True
    strip: bool = True
    skip_rows: int = 0
    skip_columns: Sequence[int | str] = ()
    quotechar: str = '"'
    escapechar: str = ""


def read_table(text: str, layout: Layout) -> list[Row]:
    """Return the rows of the table; `TableReader` says which.

    Raises:
        BlockError: It is not written so, or has too many cells; nothing was returned.
    """
    return TableReader(layout).take(text, final=True)


class TableReader:
    """Reads a table as its text comes: dictionaries by column if it has a header, else lists of cells.

    Columns of one name become `a`, `a_2`, `a_3`; the third column is `column_3` if it has no name, and so are cells
    beyond the header. Cells that a row lacks are empty. Empty rows are left out.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._dialect: dict[str, Any] | None = None
        self._names: Sequence[str] | None = None
        self._skipped: frozenset[int] = frozenset()
        self._records = 0
        self._lines = 0
        self._waiting = ""

    def take(self, text: str, *, final: bool = False) -> list[Row]:
        """Return the rows that this text completes.

        Raises:
            BlockError: It is not written as the layout says, or makes too many cells at once; or one row is too long.
        """
        self._waiting += text
        if self._dialect is None:
            enough = 1 if self._layout.delimiter else _HEAD
            if len(self._waiting) < enough and not final:
                return []
            self._waiting = self._waiting.removeprefix("\ufeff")
            self._dialect = _dialect(self._waiting, self._layout)
        whole = len(self._waiting) if final else self._waiting.rfind("\n") + 1
        text, self._waiting = self._waiting[:whole], self._waiting[whole:]
        rows: list[Row] = []
        cells = 0
        for record in self._read(text, final=final):
            if self._names is None:
                self._names = _names(record) if self._layout.has_header else ()
                self._skipped = frozenset(_position(column, self._names) for column in self._layout.skip_columns)
                if self._layout.has_header:
                    continue
            cells += max(len(record), len(self._names))
            check_count(cells, "cells")
            rows.append(self._row(record, self._names))
        if len(self._waiting) > LARGEST_TEXT:
            raise BlockError(
                f"the row that begins in line {self._lines + 1} has more than {LARGEST_TEXT} characters", "TOO_LARGE"
            )
        return rows

    def _row(self, record: list[str], names: Sequence[str]) -> Row:
        if not self._layout.has_header:
            return [cell for place, cell in enumerate(record) if place not in self._skipped]
        columns = _widened(names, len(record))
        padded = record + [""] * (len(columns) - len(record))
        named = enumerate(zip(columns, padded, strict=True))
        return {name: cell for place, (name, cell) in named if place not in self._skipped}

    def _read(self, text: str, *, final: bool) -> Iterator[list[str]]:
        """Yield the cells of each row that is neither empty nor to be left out; what is cut off waits for more text."""
        lines = list(io.StringIO(text, newline=""))
        left = iter(lines)
        reader = csv.reader(left, strict=True, **(self._dialect or {}))
        complete = 0
        try:
            for record in reader:
                complete = reader.line_num
                check_count(len(record), "cells")
                cells = [cell.strip() for cell in record] if self._layout.strip else record
                self._records += 1
                if self._records > self._layout.skip_rows and cells not in ([], [""]):
                    yield cells
        except csv.Error as error:
            if final or next(left, None) is not None:
                begins = self._lines + complete + 1
                raise BlockError(f"the row that begins in line {begins} cannot be read: {error}", "NOT_CSV") from error
        self._lines += complete
        self._waiting = "".join(lines[complete:]) + self._waiting


def _dialect(text: str, layout: Layout) -> dict[str, Any]:
    delimiter = {"": _delimiter(text, layout), "\\t": "\t"}.get(layout.delimiter, layout.delimiter)
    signs = [sign for sign in (delimiter, layout.quotechar, layout.escapechar) if sign]
    if len(set(signs)) < len(signs):
        raise BlockError("delimiter, quote and escape character must be three different signs", "SAME_SIGNS")
    return {
        "delimiter": delimiter,
        "quotechar": layout.quotechar or None,
        "quoting": csv.QUOTE_MINIMAL if layout.quotechar else csv.QUOTE_NONE,
        "escapechar": layout.escapechar or None,
        "skipinitialspace": layout.strip and not delimiter.isspace(),
    }


def _delimiter(text: str, layout: Layout) -> str:
    """Return the usual delimiter that the first row that counts has most of, quoted cells aside."""
    quote = re.escape(layout.quotechar or '"')
    head = re.sub(f"{quote}[^{quote}]*{quote}", "", text[:_HEAD])
    first = next((line for line in head.splitlines()[layout.skip_rows :] if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def _names(header: Sequence[str]) -> list[str]:
    """Return a name for each column, no two the same."""
    names: dict[str, None] = {}
    numbers: dict[str, Iterator[int]] = {}
    for place, cell in enumerate(header, start=1):
        name = base = cell.strip() or f"column_{place}"
        while name in names:
            name = f"{base}_{next(numbers.setdefault(base, count(2)))}"
        names[name] = None
    return list(names)


def _widened(names: Sequence[str], width: int) -> Sequence[str]:
    if width <= len(names):
        return names
    return _names([*names, *[""] * (width - len(names))])


def _position(column: int | str, names: Sequence[str]) -> int:
    if isinstance(column, int):
        return column
    if column not in names:
        raise BlockError(f"there is no column {column!r} to leave out", "NO_SUCH_COLUMN")
    return names.index(column)
