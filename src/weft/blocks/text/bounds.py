"""How much the blocks for texts and formats take and give, and where long work is done."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Annotated, Any, ParamSpec, TypeVar

from pydantic import Field

from weft.sdk import BlockError

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_TEXT = 10_000_000
"""Characters that a text may have, on its way in and on its way out."""

MOST_ITEMS = 1_000_000
"""Items of a list, cells of a table or elements of a document that one firing may make."""

_MOST_PAIRS = 400_000_000
_SHORT = 100_000

LongText = Annotated[str, Field(max_length=LARGEST_TEXT)]
"""A text of at most `LARGEST_TEXT` characters."""


async def compute(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `work` returns; it runs in a thread if `size`, in characters, would keep others waiting."""
    if size <= _SHORT:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


def weight(value: Any) -> int:
    """Return about how many characters a value has as JSON; once there are enough for a thread it stops counting."""
    waiting, total = [value], 0
    while waiting and total <= _SHORT:
        part = waiting.pop()
        total += 8 + (len(part) if isinstance(part, str) else 0)
        if isinstance(part, dict | list):
            waiting.extend(part.values() if isinstance(part, dict) else part)
    return total


def check_length(length: int) -> None:
    """Refuse a result before it is made.

    Raises:
        BlockError: It would have more than `LARGEST_TEXT` characters.
    """
    if length > LARGEST_TEXT:
        raise BlockError(f"the result would have more than {LARGEST_TEXT} characters", "TOO_LARGE")


def check_count(count: int, what: str) -> None:
    """Refuse more parts than one firing may make.

    Args:
        count: How many there are so far.
        what: What is counted, in the plural.

    Raises:
        BlockError: There are more than `MOST_ITEMS`.
    """
    if count > MOST_ITEMS:
        raise BlockError(f"there are more than {MOST_ITEMS} {what}", "TOO_LARGE")


def check_pairs(old: int, new: int) -> None:
    """Refuse to compare more lines than memory allows.

    Raises:
        BlockError: There are more than 400 million pairs of lines.
    """
    if old * new > _MOST_PAIRS:
        raise BlockError(f"{old} lines differ from {new} lines, too many to compare", "TOO_LARGE")


class GrowingText:
    """A text made piece by piece; it never holds more than `LARGEST_TEXT` characters."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        """Put a piece to the end.

        Raises:
            BlockError: The text would become too long.
        """
        self._length += len(piece)
        check_length(self._length)
        self._pieces.append(piece)

    def text(self) -> str:
        """Return all pieces as one text."""
        return "".join(self._pieces)


def join(pieces: Iterable[str]) -> str:
    """Return the pieces as one text; takes none after the first one too many.

    Raises:
        BlockError: The text would have more than `LARGEST_TEXT` characters.
    """
    growing = GrowingText()
    for piece in pieces:
        growing.add(piece)
    return growing.text()
