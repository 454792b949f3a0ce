"""`time.until`: a pause that ends at a given moment."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.time.moments import (
    DateText,
    ZoneText,
    datetime_of,
    instant,
    moment_of,
    settled,
    shown,
    within_the_calendar,
)
from weft.sdk import Block, BlockCategory, BlockError, Context, Effect, Emissions, Example, Schema, Wait

_LONGEST = timedelta(days=3660)


class Until(Block, id="time.until", name="Wait Until", categories=[BlockCategory.UTILITY]):
    """Wait until a date and time, then pass the value on; a moment that has passed is no wait.

    A waiting run uses no worker, and goes on at the right time after a restart. Several values wait side by side, and
    come out in the order in which their time is over.
    """

    class Input(Schema):
        date_time: DateText = Field(description="When to go on, e.g. 2026-03-31T14:30+02:00; a date is its midnight")
        value: Any = Field(default=None, description="What to pass on then")
        zone: ZoneText = Field(
            default="",
            description="Time zone of a time without an offset, like Europe/Berlin; empty for the user's own",
        )

    class Output(Schema):
        value: Any = Field(description="The same value")
        late: bool = Field(description="Whether the moment had passed before the value came")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            Input(date_time="2026-01-02T09:00", value="meeting", zone="Europe/Berlin"),
            waits=Wait("time", until=datetime(2026, 1, 2, 8, tzinfo=UTC)),
            answer=None,
            emits=[("value", "meeting"), ("late", False)],
        ),
        Example(
            Input(date_time="2026-01-03"),
            waits=Wait("time", until=datetime(2026, 1, 3, tzinfo=UTC)),
            answer=None,
            emits=[("value", None), ("late", False)],
        ),
        Example(Input(date_time="2026-01-02T03:04Z", value="meeting"), emits=[("value", "meeting"), ("late", True)]),
        Example(
            Input(date_time="9000-01-01"), raises=BlockError("'9000-01-01' is more than 3660 days away", "TOO_FAR")
        ),
        Example(
            Input(date_time="0001-01-01T00:00Z", zone="-01:00"),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        now = ctx.now()
        with within_the_calendar():
            moment = datetime_of(moment_of(input.date_time, input.zone), input.zone)
            until = instant(moment if moment.tzinfo else settled(moment, ctx.user.get_local_time(now).tzinfo or UTC))
        if until - now > _LONGEST:
            raise BlockError(f"{shown(input.date_time)} is more than {_LONGEST.days} days away", "TOO_FAR")
        if until > now:
            raise Wait("time", until=until)
        yield "value", input.value
        yield "late", True

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:  # noqa: ARG002  (the clock says nothing)
        """Pass the value on."""
        yield "value", input.value
        yield "late", False
