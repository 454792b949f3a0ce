"""What an execution says and what is measured of it, until a flush takes it: lines of the log, and numbers."""

from collections.abc import Callable
from typing import Any

from weft.executions.ports import LogLine
from weft.executions.types import LogLevel

WHOLE = -1
"""The node of numbers that are measured of the execution as a whole."""
FIRINGS, EMISSIONS, RETRIES = "firings", "emissions", "retries"

_PENDING_BYTES = 8 * 2**20


class Notes:
    """Lines and numbers that are not durable yet.

    Args:
        number: Returns the number of the next record of the journal, which is a line of so many bytes; None when it takes
            no more.

    Attributes:
        count: How many lines the log of the execution has, those of earlier claims included.
    """

    __slots__ = ("_bytes", "_lines", "_next", "_numbers", "count")

    def __init__(self, number: Callable[[int], int | None]) -> None:
        self.count = 0
        self._next = number
        self._bytes = 0
        self._lines: list[tuple[Any, ...]] = []
        self._numbers: dict[tuple[int, str, str], float] = {}

    def say(self, line: LogLine, *, most: int) -> None:
        """Record a line of the log, of which an execution has at most `most`.

        The one after `most` says that more was dropped. So does the one with which 8 MB wait for one flush: a block that
        writes without a pause must not fill the memory.
        """
        if self.count > most or self._bytes > _PENDING_BYTES:
            return
        size = len(line.message) + len(line.metadata or "") + 64
        if self.count == most:
            line = _dropped(line, f"{most} lines are kept of an execution; those that follow are dropped")
        elif self._bytes + size > _PENDING_BYTES:
            line = _dropped(line, "lines come faster than they can be written; some that follow are dropped")
        seq = self._next(size)
        if seq is not None:
            self._bytes += size
            self.count += 1
            self._lines.append((seq, self.count, *line))

    def measure(self, node: int, name: str, value: float, unit: str) -> None:
        """Add to a number of a node, or of the execution (`WHOLE`)."""
        key = node, name, unit
        self._numbers[key] = self._numbers.get(key, 0.0) + value

    def take(self) -> tuple[list[tuple[Any, ...]], list[tuple[int, str, float, str]]]:
        """Return the columns of all lines, and all numbers, for a flush."""
        lines: list[tuple[Any, ...]] = []
        numbers: list[tuple[int, str, float, str]] = []
        if self._lines:
            lines, self._lines, self._bytes = self._lines, [], 0
        if self._numbers:
            numbers = [(node, name, value, unit) for (node, name, unit), value in self._numbers.items()]
            self._numbers.clear()
        return lines, numbers


def _dropped(line: LogLine, message: str) -> LogLine:
    return LogLine(LogLevel.WARNING, message, line.at)
