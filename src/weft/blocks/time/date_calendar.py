"""`date.calendar`: a month as a grid of weeks."""

from calendar import monthrange
from datetime import date
from typing import ClassVar

from pydantic import Field

from weft.blocks.time.moments import WEEKDAYS, Weekday
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema


class DateCalendar(Block, id="date.calendar", name="Month Calendar", categories=[BlockCategory.DATA]):
    """Lay a month out as weeks of seven days."""

    class Input(Schema):
        year: int = Field(ge=1, le=9999, description="The year")
        month: int = Field(ge=1, le=12, description="The month, from 1 for January")
        first_weekday: Weekday = Field(default="monday", description="The day on which weeks begin")

    class Output(Schema):
        weeks: list[list[int | None]] = Field(
            description="One list of seven for each week: days of the month, and null for those of other months"
        )
        days: list[str] = Field(description="All dates of the month, in order")
        weekdays: list[Weekday] = Field(description="The days of the week, in the order of the grid")

    examples: ClassVar = [
        Example(
            Input(year=2027, month=2),
            emits=[
                ("weeks", [[1 + 7 * week + day for day in range(7)] for week in range(4)]),
                ("days", [f"2027-02-{day:02}" for day in range(1, 29)]),
                ("weekdays", list(WEEKDAYS)),
            ],
        ),
        Example(
            Input(year=2026, month=5, first_weekday="sunday"),
            emits=[
                (
                    "weeks",
                    [
                        [None, None, None, None, None, 1, 2],
                        [3, 4, 5, 6, 7, 8, 9],
                        [10, 11, 12, 13, 14, 15, 16],
                        [17, 18, 19, 20, 21, 22, 23],
                        [24, 25, 26, 27, 28, 29, 30],
                        [31, None, None, None, None, None, None],
                    ],
                ),
                ("days", [f"2026-05-{day:02}" for day in range(1, 32)]),
                ("weekdays", ["sunday", *WEEKDAYS[:-1]]),
            ],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        first = WEEKDAYS.index(input.first_weekday)
        begins, length = monthrange(input.year, input.month)
        before = (begins - first) % 7
        cells = [*[None] * before, *range(1, length + 1), *[None] * (-(before + length) % 7)]
        yield "weeks", [cells[at : at + 7] for at in range(0, len(cells), 7)]
        yield "days", [date(input.year, input.month, day).isoformat() for day in range(1, length + 1)]
        yield "weekdays", [*WEEKDAYS[first:], *WEEKDAYS[:first]]
