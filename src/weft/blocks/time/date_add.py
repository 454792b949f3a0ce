"""`date.add`: a date some time before or after another."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from weft.blocks.time.moments import DateText, ZoneText, datetime_of, later, moment_of, moved, within_the_calendar
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

_OUT = BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE")


class DateAdd(Block, id="date.add", name="Add to Date", categories=[BlockCategory.PROCESSING]):
    """Add years, months, weeks, days and time to a date, or take them away.

    Years to days move along the calendar, and the time of day stays: a month after January 31 is the last day of
    February, and a day after noon is noon, also when clocks change in between. Hours, minutes and seconds are time
    that goes by. A time of day that clocks skip becomes as much later as they skip.

    A date alone stays a date unless hours, minutes or seconds are added.
    """

    class Input(Schema):
        date: DateText = Field(description="A date, or a date and time, e.g. 2026-03-31 or 2026-03-31T14:30+02:00")
        years: int = Field(default=0, description="How many years to add; negative to take away, as all below")
        months: int = Field(default=0, description="How many months to add")
        weeks: int = Field(default=0, description="How many weeks to add")
        days: int = Field(default=0, description="How many days to add")
        hours: float = Field(default=0, allow_inf_nan=False, description="How many hours to add")
        minutes: float = Field(default=0, allow_inf_nan=False, description="How many minutes to add")
        seconds: float = Field(default=0, allow_inf_nan=False, description="How many seconds to add")
        zone: ZoneText = Field(
            default="", description="Time zone to count in, like Europe/Berlin; a time without an offset is one of it"
        )

    class Output(Schema):
        result: str = Field(description="The new date, or date and time")

    examples: ClassVar = [
        Example(Input(date="2026-01-31", months=1), emits=[("result", "2026-02-28")]),
        Example(Input(date="2024-02-29", years=1, days=1), emits=[("result", "2025-03-01")]),
        Example(Input(date="2026-01-01", weeks=-1), emits=[("result", "2025-12-25")]),
        Example(Input(date="2026-03-31", hours=36), emits=[("result", "2026-04-01T12:00:00")]),
        Example(Input(date="2026-03-31T23:30Z", minutes=45.5), emits=[("result", "2026-04-01T00:15:30+00:00")]),
        Example(
            Input(date="2026-03-28T12:00", days=1, zone="Europe/Berlin"),
            emits=[("result", "2026-03-29T12:00:00+02:00")],
            title="a day later by the clock, though only 23 hours go by",
        ),
        Example(
            Input(date="2026-03-28T12:00", hours=24, zone="Europe/Berlin"),
            emits=[("result", "2026-03-29T13:00:00+02:00")],
            title="24 hours go by",
        ),
        Example(
            Input(date="2026-03-28T02:30", days=1, zone="Europe/Berlin"),
            emits=[("result", "2026-03-29T03:30:00+02:00")],
            title="clocks skip 2:30 that night",
        ),
        Example(Input(date="2026-03-31", years=8000), raises=_OUT),
        Example(Input(date="2026-03-31", seconds=1e300), raises=_OUT),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            moment = moment_of(input.date, input.zone)
            pause = timedelta(hours=input.hours, minutes=input.minutes, seconds=input.seconds)
            start = datetime_of(moment, input.zone if pause else "")
            result = moved(start, months=input.years * 12 + input.months, days=input.weeks * 7 + input.days)
            result = later(result, pause)
        stays_date = not (pause or isinstance(moment, datetime))
        yield "result", (result.date() if stays_date else result).isoformat()
