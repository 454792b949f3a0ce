"""`time.current_date`: the date of today, or of some days ago."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from weft.blocks.time.clock import HOW, ClockInput, FormatType, local_now, write_now
from weft.blocks.time.moments import moved, within_the_calendar
from weft.sdk import Block, BlockCategory, BlockError, Context, Effect, Emissions, Example, Schema

_PATTERN = "%Y-%m-%d"


class CurrentDate(Block, id="time.current_date", categories=[BlockCategory.UTILITY]):
    """Tell the date of today, or of some days before it, in the user's time zone or any other."""

    class Input(ClockInput):
        offset: int = Field(default=0, description="How many days to go back; negative to go forward")
        format_type: FormatType = Field(default=_PATTERN, description=HOW)

    class Output(Schema):
        date: str = Field(description="The date, e.g. 2026-03-31")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(Input(), emits=[("date", "2026-01-02")]),
        Example(Input(trigger="go", offset=2), emits=[("date", "2025-12-31")]),
        Example(Input(offset=-1, format_type="%A, %-d %B"), emits=[("date", "Saturday, 3 January")]),
        Example(Input(timezone="America/New_York", format_type="iso8601"), emits=[("date", "2026-01-01")]),
        Example(
            {"format_type": {"discriminator": "strftime", "timezone": "UTC", "format": "%d.%m.%Y"}, "offset": 1},
            emits=[("date", "01.01.2026")],
        ),
        Example(
            Input(offset=10_000_000),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        with within_the_calendar():
            moment = moved(local_now(ctx, input), days=-input.offset)
        yield "date", write_now(moment, input, pattern=_PATTERN, iso=_iso)


def _iso(moment: datetime, fineness: str) -> str:  # noqa: ARG001  (a date is never finer than a day)
    return moment.date().isoformat()
