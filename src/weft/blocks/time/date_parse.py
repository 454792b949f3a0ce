"""`date.parse`: a text as a date."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.time.formats import ReadingPattern, in_utc, read_by
from weft.blocks.time.moments import (
    WEEKDAYS,
    Weekday,
    ZoneText,
    datetime_of,
    in_zone,
    shown,
    whole,
    within_the_calendar,
)
from weft.blocks.time.readings import read_written
from weft.blocks.values import Number
from weft.sdk import Block, BlockCategory, BlockError, Choices, Emissions, Example, Schema


class DateParse(Block, id="date.parse", name="Read Date", categories=[BlockCategory.PROCESSING]):
    """Read a date, or a date and time, out of a text, and take it apart.

    Without a format it may be written by ISO 8601, as in mails, as seconds or milliseconds since 1970, with an English
    month, or in numbers whose order can only mean one day. Words like "tomorrow" are no date.
    """

    class Input(Schema):
        text: str = Field(max_length=200, description="The date, e.g. 2026-03-31, March 31, 2026 2:30 PM or 1774967400")
        format: Annotated[ReadingPattern, Choices("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%Y-%m-%d %H:%M:%S")] = Field(
            default="", description="How it is written, like %d/%m/%Y; empty to find out"
        )
        zone: ZoneText = Field(
            default="",
            description="Time zone of the result, like Europe/Berlin; a time without an offset is taken as one of it",
        )

    class Output(Schema):
        iso: str = Field(description="The date as 2026-03-31, or date and time as 2026-03-31T14:30:00+02:00")
        year: int = Field(description="The year")
        month: int = Field(description="The month, from 1 to 12")
        day: int = Field(description="The day of the month")
        hour: int = Field(description="The hour, from 0 to 23")
        minute: int = Field(description="The minute")
        second: int = Field(description="The second")
        weekday: Weekday = Field(description="The day of the week")
        iso_week: int = Field(
            description="The week of the year by ISO 8601, from 1 to 53; January 1 may lie in 52 or 53"
        )
        unix: Number = Field(description="Seconds since 1970; without any zone the time is taken as UTC")

    examples: ClassVar = [
        Example(
            Input(text="2026-03-31T14:30:05+02:00"),
            emits=[
                ("iso", "2026-03-31T14:30:05+02:00"),
                ("year", 2026),
                ("month", 3),
                ("day", 31),
                ("hour", 14),
                ("minute", 30),
                ("second", 5),
                ("weekday", "tuesday"),
                ("iso_week", 14),
                ("unix", 1774960205),
            ],
        ),
        Example(
            Input(text="March 31, 2026 2:30 PM", zone="America/New_York"),
            emits=[
                ("iso", "2026-03-31T14:30:00-04:00"),
                ("year", 2026),
                ("month", 3),
                ("day", 31),
                ("hour", 14),
                ("minute", 30),
                ("second", 0),
                ("weekday", "tuesday"),
                ("iso_week", 14),
                ("unix", 1774981800),
            ],
        ),
        Example(
            Input(text="01/02/27", format="%d/%m/%y"),
            emits=[
                ("iso", "2027-02-01"),
                ("year", 2027),
                ("month", 2),
                ("day", 1),
                ("hour", 0),
                ("minute", 0),
                ("second", 0),
                ("weekday", "monday"),
                ("iso_week", 5),
                ("unix", 1801440000),
            ],
        ),
        Example(
            Input(text="1774960205.5", zone="Asia/Tokyo"),
            emits=[
                ("iso", "2026-03-31T21:30:05.500000+09:00"),
                ("year", 2026),
                ("month", 3),
                ("day", 31),
                ("hour", 21),
                ("minute", 30),
                ("second", 5),
                ("weekday", "tuesday"),
                ("iso_week", 14),
                ("unix", 1774960205.5),
            ],
        ),
        Example(
            Input(text="tomorrow"),
            raises=BlockError("'tomorrow' is no date; say by `format` how it is written", "NOT_A_DATE"),
        ),
        Example(
            Input(text="3/4/2026"),
            raises=BlockError(
                "in 3/4 either number may be the day; say by `format` which: %d/%m/%Y or %m/%d/%Y", "AMBIGUOUS_DATE"
            ),
        ),
        Example(
            Input(text="31/02/2026", format="%d/%m/%Y"),
            raises=BlockError("'31/02/2026' is no date that is written as '%d/%m/%Y'", "NOT_A_DATE"),
        ),
        Example(
            Input(text="9999-12-31T23:00-05:00", zone="UTC"),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            read = _read_by(input.format, input.text) if input.format else read_written(input.text)
            read = in_zone(read, input.zone)
            moment = datetime_of(read, input.zone)
            unix = whole(in_utc(moment).timestamp())
        yield "iso", read.isoformat()
        for part in ("year", "month", "day", "hour", "minute", "second"):
            yield part, getattr(moment, part)
        yield "weekday", WEEKDAYS[moment.weekday()]
        yield "iso_week", moment.isocalendar().week
        yield "unix", unix


def _read_by(format: str, text: str) -> date | datetime:
    try:
        moment, has_time = read_by(format, text)
    except ValueError as error:
        raise BlockError(f"{shown(text)} is no date that is written as {format!r}", "NOT_A_DATE") from error
    return moment if has_time else moment.date()
