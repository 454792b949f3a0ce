"""`time.current_datetime`: the present."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from weft.blocks.time.clock import HOW, ClockInput, FormatType, local_now, write_now
from weft.sdk import Block, BlockCategory, Context, Effect, Emissions, Example, Schema

_PATTERN = "%Y-%m-%d %H:%M:%S"


class CurrentDatetime(
    Block, id="time.current_datetime", name="Current Date and Time", categories=[BlockCategory.UTILITY]
):
    """Tell the date and the time of day, in the user's time zone or any other."""

    class Input(ClockInput):
        format_type: FormatType = Field(default=_PATTERN, description=HOW)

    class Output(Schema):
        date_time: str = Field(description="Date and time, e.g. 2026-03-31 14:30:00")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(Input(), emits=[("date_time", "2026-01-02 03:04:00")]),
        Example(Input(trigger="go", format_type="iso8601"), emits=[("date_time", "2026-01-02T03:04:00+00:00")]),
        Example(
            Input(timezone="Asia/Shanghai", format_type="%d.%m.%Y %H:%M %Z"),
            emits=[("date_time", "02.01.2026 11:04 CST")],
        ),
        Example(
            {"timezone": "UTC", "format_type": {"discriminator": "iso8601", "timezone": "-03:00"}},
            emits=[("date_time", "2026-01-02T00:04:00-03:00")],
        ),
        Example({"format_type": {"discriminator": "strftime"}}, emits=[("date_time", "2026-01-02 03:04:00")]),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "date_time", write_now(local_now(ctx, input), input, pattern=_PATTERN, iso=_iso)


def _iso(moment: datetime, fineness: str) -> str:
    return moment.isoformat(timespec=fineness)
