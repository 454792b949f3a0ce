"""`date.convert_zone`: the same moment on the clocks of another zone."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.time.moments import DateText, ZoneText, datetime_of, moment_of, read_zone, within_the_calendar
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class DateConvertZone(Block, id="date.convert_zone", name="Convert Time Zone", categories=[BlockCategory.PROCESSING]):
    """Tell what the clocks of another time zone show at a moment."""

    class Input(Schema):
        date: DateText = Field(description="A date and time, e.g. 2026-03-31T14:30+02:00; a date alone is its midnight")
        zone: Annotated[ZoneText, Field(min_length=1)] = Field(
            description="Where to, e.g. America/New_York, UTC or +05:30"
        )
        from_zone: ZoneText = Field(default="", description="Where from; only for a date that has no offset itself")

    class Output(Schema):
        result: str = Field(description="The moment in that zone, e.g. 2026-03-31T08:30:00-04:00")
        offset: str = Field(description="How far that zone is from UTC then, e.g. -04:00")
        name: str = Field(description="What that zone is called then, e.g. EDT")

    examples: ClassVar = [
        Example(
            Input(date="2026-03-31T14:30+02:00", zone="America/New_York"),
            emits=[("result", "2026-03-31T08:30:00-04:00"), ("offset", "-04:00"), ("name", "EDT")],
        ),
        Example(
            Input(date="2026-12-31", from_zone="Europe/Berlin", zone="Asia/Kolkata"),
            emits=[("result", "2026-12-31T04:30:00+05:30"), ("offset", "+05:30"), ("name", "IST")],
        ),
        Example(
            Input(date="2026-03-31T14:30Z", from_zone="Europe/Berlin", zone="+01"),
            emits=[("result", "2026-03-31T15:30:00+01:00"), ("offset", "+01:00"), ("name", "UTC+01:00")],
        ),
        Example(
            Input(date="2026-03-31T14:30", zone="UTC"),
            raises=BlockError(
                "'2026-03-31T14:30' has no offset; say by `from_zone` where that time is meant", "NO_ZONE"
            ),
        ),
        Example(
            Input(date="9999-12-31T23:00Z", zone="Asia/Tokyo"),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            moment = datetime_of(moment_of(input.date, input.from_zone), input.from_zone)
            if moment.tzinfo is None:
                raise BlockError(
                    f"{input.date!r} has no offset; say by `from_zone` where that time is meant", "NO_ZONE"
                )
            there = moment.astimezone(read_zone(input.zone))
        yield "result", there.isoformat()
        yield "offset", there.isoformat().removeprefix(there.replace(tzinfo=None).isoformat())
        yield "name", there.tzname() or input.zone
