"""`date.range`: a stream of dates."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from weft.blocks.time.moments import (
    DateText,
    ZoneText,
    instant,
    read_moment,
    stepped,
    two_moments,
    within_the_calendar,
)
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Many, Schema

_MOST = 100_000


class DateRange(Block, id="date.range", categories=[BlockCategory.UTILITY]):
    """Go from one date to another and emit each date on the way, the last one too if it is met.

    Months and years are counted from the start, so that from January 31 on each is the last day of its month. Days
    and longer steps keep the time of day when clocks change; hours and minutes are time that goes by.
    """

    class Input(Schema):
        start: DateText = Field(description="The first date, or date and time, e.g. 2026-03-31 or 2026-03-31T14:30")
        end: DateText = Field(description="Where to stop; this date is emitted if a step leads to it")
        step: int = Field(default=1, description="How many units are added each time; negative to go back")
        unit: Literal["years", "months", "weeks", "days", "hours", "minutes"] = Field(
            default="days", description="What a step is counted in"
        )
        zone: ZoneText = Field(default="", description="Time zone to count in, like Europe/Berlin")
        limit: Annotated[int, Advanced()] = Field(
            default=10_000, ge=1, le=_MOST, description="More dates than this are an error"
        )

    class Output(Schema):
        date: Annotated[str, Many()] = Field(description="Each date, in order")

    examples: ClassVar = [
        Example(
            Input(start="2026-03-30", end="2026-04-01"),
            emits=[("date", "2026-03-30"), ("date", "2026-03-31"), ("date", "2026-04-01")],
        ),
        Example(
            Input(start="2026-01-31", end="2026-04-01", unit="months"),
            emits=[("date", "2026-01-31"), ("date", "2026-02-28"), ("date", "2026-03-31")],
        ),
        Example(
            Input(start="2026-03-10", end="2026-03-01", step=-1, unit="weeks"),
            emits=[("date", "2026-03-10"), ("date", "2026-03-03")],
        ),
        Example(
            Input(start="2026-03-28T20:00", end="2026-03-29T08:00", step=6, unit="hours", zone="Europe/Berlin"),
            emits=[("date", "2026-03-28T20:00:00+01:00"), ("date", "2026-03-29T03:00:00+02:00")],
        ),
        Example(Input(start="2026-04-01", end="2026-03-31"), title="the end comes first: nothing is on the way"),
        Example(
            Input(start="2026-03-31", end="2026-04-01", step=0),
            raises=BlockError("with a step of zero the range never ends", "STEP_IS_ZERO"),
        ),
        Example(
            Input(start="2026-03-31", end="2026-04-02", limit=2),
            raises=BlockError("there are more than 2 dates from 2026-03-31 to 2026-04-02", "TOO_MANY_ITEMS"),
        ),
        Example(
            Input(start="2026-03-31", end="2026-03-31T14:30Z"),
            raises=BlockError("'2026-03-31' has no offset and the other time has one; give a `zone`", "MIXED_ZONES"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if input.step == 0:
            raise BlockError("with a step of zero the range never ends", "STEP_IS_ZERO")
        with within_the_calendar():
            start, end = two_moments(input.start, input.end, input.zone)
        if _place(input, start, end, input.limit) is not None:
            raise BlockError(
                f"there are more than {input.limit} dates from {input.start} to {input.end}", "TOO_MANY_ITEMS"
            )
        timed = input.unit in {"hours", "minutes"} or isinstance(read_moment(input.start), datetime)
        for number in range(input.limit):
            moment = _place(input, start, end, number)
            if moment is None:
                return
            yield "date", (moment if timed else moment.date()).isoformat()


def _place(input: DateRange.Input, start: datetime, end: datetime, number: int) -> datetime | None:
    """Return the moment after so many steps; None if that is past the end."""
    try:
        moment = stepped(start, input.unit, number * input.step)
    except OverflowError:
        return None
    past = instant(moment) > instant(end) if input.step > 0 else instant(moment) < instant(end)
    return None if past else moment
