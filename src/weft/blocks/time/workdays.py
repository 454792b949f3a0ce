"""Counting days on which people work."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Workdays:
    """All days but some days of each week and some single days.

    Attributes:
        worked: For each day of the week, Monday first, whether it is one; at least one is.
        holidays: Ordinals of the single days, in order; only such as would otherwise be workdays.
    """

    worked: tuple[bool, ...]
    holidays: tuple[int, ...]

    @classmethod
    def of(cls, weekend: Iterable[int], holidays: Iterable[date]) -> "Workdays":
        """Return the workdays besides these days of the week, from 0 for Monday, and these holidays."""
        free = set(weekend)
        worked = tuple(day not in free for day in range(7))
        return cls(worked, tuple(sorted({day.toordinal() for day in holidays if worked[day.weekday()]})))

    def before(self, ordinal: int) -> int:
        """Return how many workdays come before this day, counted from the first day of the year 1, a Monday."""
        weeks, days = divmod(ordinal - 1, 7)
        return weeks * sum(self.worked) + sum(self.worked[:days]) - bisect_left(self.holidays, ordinal)

    def find(self, number: int) -> date:
        """Return the workday before which `number` workdays come.

        Raises:
            OverflowError: The calendar ends before it, or begins after it.
        """
        last = date.max.toordinal()
        if number < 0 or number >= self.before(last + 1):
            raise OverflowError
        # The day before which so many come and one that is a workday: the last of all days with this count.
        return date.fromordinal(bisect_right(range(1, last + 1), number, key=self.before))
