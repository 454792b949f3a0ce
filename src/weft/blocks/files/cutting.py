"""Cutting a text that comes bit by bit into rows and pieces."""

from collections.abc import Iterator
from dataclasses import dataclass

from weft.blocks.files.contents import MOST_AT_ONCE, octet_length
from weft.blocks.text.bounds import LARGEST_TEXT
from weft.sdk import BlockError


@dataclass(frozen=True, slots=True)
class Cuts:
    """How a text is cut: `skip_size` characters are left out, then it is cut into rows, some left out, and those in pieces.

    Attributes:
        delimiter: What ends a row; empty: there are no rows, only pieces of `size_limit` characters, or one.
        size_limit: Most characters of a piece; 0 for any number.
        row_limit: Most rows; 0 for all.
    """

    delimiter: str
    size_limit: int
    row_limit: int
    skip_size: int
    skip_rows: int

    @property
    def in_pieces(self) -> bool:
        """Return whether there may be more than one piece."""
        return bool(self.delimiter or self.size_limit)


class Cutter:
    """Gives the pieces as they become complete, and at the end all of them as one text if that is not too large."""

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._to_skip = cuts.skip_size
        self._rows_to_skip = cuts.skip_rows
        self._rows = 0
        self._waiting = ""
        self._whole: list[str] | None = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        """Return whether there are as many rows as were asked for."""
        return 0 < self._cuts.row_limit <= self._rows

    @property
    def whole(self) -> str | None:
        """Return all that was taken as one text; None if it is too large for a value."""
        return None if self._whole is None else self._cuts.delimiter.join(self._whole)

    def take(self, text: str, *, final: bool = False) -> list[str]:
        """Return the pieces that this text completes; with `final` also what is left.

        Raises:
            BlockError: A row, or a text that is not cut at all, is too long.
        """
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        self._waiting += text[skipped:]
        pieces = [piece for row in self._complete(final=final) for piece in self._cut(row)]
        if len(self._waiting) > LARGEST_TEXT:
            self._refuse()
        return pieces

    def _complete(self, *, final: bool) -> Iterator[str]:
        """Yield the rows that are complete, without what ends them; where there are none, as much as can be cut."""
        delimiter, size = self._cuts.delimiter, self._cuts.size_limit
        if delimiter:
            *rows, rest = self._waiting.split(delimiter)
            self._waiting = "" if final else rest
            rows = [row.removesuffix("\r") for row in rows] if delimiter == "\n" else rows
            for row in [*rows, rest] if final and rest else rows:
                if self._rows_to_skip:
                    self._rows_to_skip -= 1
                elif not self.is_full:
                    self._rows += 1
                    self._keep(row)
                    yield row
            return
        whole = len(self._waiting) if final else len(self._waiting) // size * size if size else 0
        text, self._waiting = self._waiting[:whole], self._waiting[whole:]
        if text:
            self._keep(text)
            yield text

    def _cut(self, row: str) -> Iterator[str]:
        size = self._cuts.size_limit
        if not size or len(row) <= size:
            yield row
        else:
            yield from (row[at : at + size] for at in range(0, len(row), size))

    def _keep(self, row: str) -> None:
        if self._whole is None:
            return
        self._whole.append(row)
        self._size += octet_length(row) + octet_length(self._cuts.delimiter)
        if self._size > MOST_AT_ONCE + octet_length(self._cuts.delimiter):
            if not self._cuts.in_pieces:
                self._refuse()
            self._whole = None

    def _refuse(self) -> None:
        what = "a row of the file" if self._cuts.delimiter else "the text of the file"
        hint = "" if self._cuts.in_pieces else "; give a delimiter or a size limit to read it in pieces"
        raise BlockError(f"{what} is too large for one value{hint}", "TOO_LARGE")
