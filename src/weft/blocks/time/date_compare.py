"""`date.compare`: which of two dates comes first."""

from typing import ClassVar, Literal

from pydantic import Field

from weft.blocks.time.moments import DateText, ZoneText, instant, two_moments, within_the_calendar
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

_PARTS = {"day": 3, "month": 2, "year": 1}


class DateCompare(Block, id="date.compare", name="Compare Dates", categories=[BlockCategory.UTILITY]):
    """Tell whether a date comes before another one, after it, or is the same.

    Times with different offsets are compared as moments. A date alone begins at midnight.
    """

    class Input(Schema):
        date: DateText = Field(description="A date, or a date and time, e.g. 2026-03-31 or 2026-03-31T14:30+02:00")
        other: DateText = Field(description="What to compare it with")
        precision: Literal["moment", "day", "month", "year"] = Field(
            default="moment", description="How exactly; `day` asks whether both are on the same day"
        )
        zone: ZoneText = Field(
            default="", description="Time zone in which days begin, and of times without an offset, like Europe/Berlin"
        )

    class Output(Schema):
        order: int = Field(description="-1 if the date comes before the other one, 0 if both are the same, 1 if after")
        is_before: bool = Field(description="Whether it comes before")
        is_same: bool = Field(description="Whether both are the same")
        is_after: bool = Field(description="Whether it comes after")

    examples: ClassVar = [
        Example(
            Input(date="2026-03-31", other="2026-04-01T08:00"),
            emits=[("order", -1), ("is_before", True), ("is_same", False), ("is_after", False)],
        ),
        Example(
            Input(date="2026-03-31T14:30+02:00", other="2026-03-31T12:30Z"),
            emits=[("order", 0), ("is_before", False), ("is_same", True), ("is_after", False)],
        ),
        Example(
            Input(date="2026-04-01", other="2026-03-31", precision="month"),
            emits=[("order", 1), ("is_before", False), ("is_same", False), ("is_after", True)],
        ),
        Example(
            Input(date="2026-03-31T23:30Z", other="2026-04-01T12:00Z", precision="day", zone="Europe/Berlin"),
            emits=[("order", 0), ("is_before", False), ("is_same", True), ("is_after", False)],
        ),
        Example(
            Input(date="2026-03-31", other="2026-03-31T14:30Z"),
            raises=BlockError("'2026-03-31' has no offset and the other time has one; give a `zone`", "MIXED_ZONES"),
        ),
        Example(
            Input(date="9999-12-31T23:00Z", other="2026-03-31", zone="Asia/Tokyo"),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            pair = two_moments(input.date, input.other, input.zone)
            if input.precision == "moment":
                one, other = (instant(moment) for moment in pair)
                order = (one > other) - (one < other)
            else:
                size = _PARTS[input.precision]
                first, second = (moment.timetuple()[:size] for moment in pair)
                order = (first > second) - (first < second)
        yield "order", order
        yield "is_before", order < 0
        yield "is_same", order == 0
        yield "is_after", order > 0
