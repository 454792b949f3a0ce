"""`time.current_time`: the time of day."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from weft.blocks.time.clock import HOW, ClockInput, FormatType, local_now, write_now
from weft.sdk import Block, BlockCategory, Context, Effect, Emissions, Example, Schema

_PATTERN = "%H:%M:%S"


class CurrentTime(Block, id="time.current_time", categories=[BlockCategory.UTILITY]):
    """Tell the time of day, in the user's time zone or any other."""

    class Input(ClockInput):
        format_type: FormatType = Field(default=_PATTERN, description=HOW)

    class Output(Schema):
        time: str = Field(description="The time of day, e.g. 14:30:00")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(Input(), emits=[("time", "03:04:00")]),
        Example(Input(trigger="go", timezone="Asia/Kolkata", format_type="%-I:%M %p"), emits=[("time", "8:34 AM")]),
        Example(Input(timezone="America/New_York", format_type="iso8601"), emits=[("time", "22:04:00-05:00")]),
        Example(
            {"format_type": {"discriminator": "strftime", "format": "%H:%M", "timezone": "Asia/Tokyo"}},
            emits=[("time", "12:04")],
        ),
        Example(
            {"format_type": {"discriminator": "iso8601", "use_user_timezone": True, "include_microseconds": True}},
            emits=[("time", "03:04:00.000000+00:00")],
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "time", write_now(local_now(ctx, input), input, pattern=_PATTERN, iso=_iso)


def _iso(moment: datetime, fineness: str) -> str:
    return moment.isoformat(timespec=fineness).partition("T")[2]
