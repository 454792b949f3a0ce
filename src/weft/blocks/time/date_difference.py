"""`date.difference`: how long it is from one date to another."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from weft.blocks.time.moments import (
    DAY,
    WEEK,
    DateText,
    Unit,
    ZoneText,
    instant,
    moved,
    two_moments,
    whole,
    within_the_calendar,
)
from weft.blocks.values import Number
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

_LENGTHS = {"weeks": WEEK, "days": DAY}
_SHORT_LENGTHS = {"hours": timedelta(hours=1), "minutes": timedelta(minutes=1), "seconds": timedelta(seconds=1)}


class Parts(Schema):
    """A length of time in the words that people use; all parts are negative if it goes back."""

    years: int = Field(description="Whole years")
    months: int = Field(description="Whole months besides, up to 11")
    days: int = Field(description="Whole days besides, up to 30")
    hours: int = Field(description="Whole hours besides, up to 24")
    minutes: int = Field(description="Whole minutes besides, up to 59")
    seconds: Number = Field(description="Seconds besides")


class DateDifference(Block, id="date.difference", categories=[BlockCategory.PROCESSING]):
    """Count how long it is from one date to another.

    Years, months, weeks and days are counted on the calendar: from noon to noon is a day, also when clocks change in
    between. Hours, minutes and seconds are time that goes by. Years and months are whole ones, all others may have a
    fraction. The result is negative when the end comes before the start.
    """

    class Input(Schema):
        start: DateText = Field(description="A date, or a date and time, e.g. 2026-03-31 or 2026-03-31T14:30+02:00")
        end: DateText = Field(description="Another; a date alone begins at midnight")
        unit: Unit = Field(default="days", description="What to count")
        zone: ZoneText = Field(
            default="", description="Time zone to count in, like Europe/Berlin; without one that of the start"
        )

    class Output(Schema):
        difference: Number = Field(description="How many units it is")
        parts: Parts = Field(description="The same as years, months, days, hours, minutes and seconds together")

    examples: ClassVar = [
        Example(
            Input(start="2026-01-31", end="2026-03-31"),
            emits=[
                ("difference", 59),
                ("parts", {"years": 0, "months": 2, "days": 0, "hours": 0, "minutes": 0, "seconds": 0}),
            ],
        ),
        Example(
            Input(start="2026-03-31T12:00", end="2024-02-29T06:30:00.5", unit="months"),
            emits=[
                ("difference", -25),
                ("parts", {"years": -2, "months": -1, "days": -2, "hours": -5, "minutes": -29, "seconds": -59.5}),
            ],
        ),
        Example(
            Input(start="2026-03-28T12:00", end="2026-03-29T12:00", zone="Europe/Berlin"),
            emits=[
                ("difference", 1),
                ("parts", {"years": 0, "months": 0, "days": 1, "hours": 0, "minutes": 0, "seconds": 0}),
            ],
        ),
        Example(
            Input(start="2026-03-28T12:00", end="2026-03-29T12:00", zone="Europe/Berlin", unit="hours"),
            emits=[
                ("difference", 23),
                ("parts", {"years": 0, "months": 0, "days": 1, "hours": 0, "minutes": 0, "seconds": 0}),
            ],
        ),
        Example(
            Input(start="2026-03-31T14:30+02:00", end="2026-04-01T00:30Z", unit="days"),
            emits=[
                ("difference", 0.5),
                ("parts", {"years": 0, "months": 0, "days": 0, "hours": 12, "minutes": 0, "seconds": 0}),
            ],
        ),
        Example(
            Input(start="2000-05-01", end="2026-03-31", unit="years"),
            emits=[
                ("difference", 25),
                ("parts", {"years": 25, "months": 10, "days": 30, "hours": 0, "minutes": 0, "seconds": 0}),
            ],
        ),
        Example(
            Input(start="2026-03-31T14:30+02:00", end="2026-04-01"),
            raises=BlockError("'2026-04-01' has no offset and the other time has one; give a `zone`", "MIXED_ZONES"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            start, end = two_moments(input.start, input.end, input.zone)
            parts = _parts(start, end)
        yield "difference", _count(start, end, input.unit, parts)
        yield "parts", parts


def _count(start: datetime, end: datetime, unit: Unit, parts: Parts) -> int | float:
    match unit:
        case "years":
            return parts.years
        case "months":
            return parts.years * 12 + parts.months
        case "weeks" | "days":
            return whole((end.replace(tzinfo=None) - start.replace(tzinfo=None)) / _LENGTHS[unit])
        case "hours" | "minutes" | "seconds":
            return whole((instant(end) - instant(start)) / _SHORT_LENGTHS[unit])


def _parts(start: datetime, end: datetime) -> Parts:
    back = instant(end) < instant(start)
    first, last = (end, start) if back else (start, end)
    months = (last.year - first.year) * 12 + last.month - first.month
    months -= _is_after(first, last, months, 0)
    days = (last.date() - moved(first, months=months).date()).days
    days -= _is_after(first, last, months, days)
    rest = instant(last) - instant(moved(first, months=months, days=days))
    minutes, seconds = divmod(rest, timedelta(minutes=1))
    sign = -1 if back else 1
    return Parts(
        years=sign * (months // 12),
        months=sign * (months % 12),
        days=sign * days,
        hours=sign * (minutes // 60),
        minutes=sign * (minutes % 60),
        seconds=whole(sign * seconds.total_seconds()),
    )


def _is_after(first: datetime, last: datetime, months: int, days: int) -> bool:
    return instant(moved(first, months=months, days=days)) > instant(last)
