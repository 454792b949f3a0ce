"""`date.is_before`: two ways out, by which date comes first."""

from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.time.moments import DateText, ZoneText, instant, two_moments, within_the_calendar
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class DateIsBefore(Block, id="date.is_before", categories=[BlockCategory.UTILITY]):
    """Send a value the one way if a date comes before another one, and the other way if not.

    Times with different offsets are compared as moments. A date alone begins at midnight.
    """

    class Input(Schema):
        date: DateText = Field(description="A date, or a date and time, e.g. 2026-03-31 or 2026-03-31T14:30+02:00")
        other: DateText = Field(description="What to compare it with")
        or_same: bool = Field(default=False, description="Take the same moment as being before, too")
        yes_value: Any = Field(default=None, description="What to send on if it comes before; the date if null")
        no_value: Any = Field(default=None, description="What to send on if it does not; the date if null")
        zone: ZoneText = Field(default="", description="Time zone of times without an offset, like Europe/Berlin")

    class Output(Schema):
        result: bool = Field(description="Whether the date comes before the other one")
        yes_output: Any = Field(description="The value to send on, if it does")
        no_output: Any = Field(description="The value to send on, if it does not")

    examples: ClassVar = [
        Example(Input(date="2026-03-31", other="2026-04-01"), emits=[("result", True), ("yes_output", "2026-03-31")]),
        Example(
            Input(date="2026-03-31T14:30+02:00", other="2026-03-31T12:30Z", yes_value="early", no_value="late"),
            emits=[("result", False), ("no_output", "late")],
        ),
        Example(
            Input(date="2026-03-31T14:30", other="2026-03-31T12:30Z", or_same=True, zone="Europe/Berlin", yes_value=1),
            emits=[("result", True), ("yes_output", 1)],
        ),
        Example(
            Input(date="2026-03-31", other="2026-03-31T14:30Z"),
            raises=BlockError("'2026-03-31' has no offset and the other time has one; give a `zone`", "MIXED_ZONES"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            one, other = (instant(moment) for moment in two_moments(input.date, input.other, input.zone))
        result = one < other or (input.or_same and one == other)
        yield "result", result
        if result:
            yield "yes_output", input.date if input.yes_value is None else input.yes_value
        else:
            yield "no_output", input.date if input.no_value is None else input.no_value
