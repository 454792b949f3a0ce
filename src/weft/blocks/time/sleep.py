"""`time.sleep`: a pause that survives a restart."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from weft.blocks.time.pause import Pause
from weft.sdk import Block, BlockCategory, Context, Effect, Emissions, Example, Schema, Wait

_SHORT = timedelta(seconds=1)


class Sleep(Block, id="time.sleep", categories=[BlockCategory.UTILITY]):
    """Wait for a while, then pass the value on.

    A waiting run uses no worker, and goes on at the right time after a restart. Several values wait side by
    side, and come out in the order in which their time is over.
    """

    class Input(Pause):
        value: Any = Field(default=None, description="What to pass on afterwards")

    class Output(Schema):
        value: Any = Field(description="The same value")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            Input(value="tea", minutes=4, seconds=30),
            waits=Wait("time", until=datetime(2026, 1, 2, 3, 8, 30, tzinfo=UTC)),
            answer=None,
            emits=[("value", "tea")],
        ),
        Example(Input(value="now", seconds=0.2), emits=[("value", "now")], title="less than a second is no wait"),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if input.length >= _SHORT:
            raise Wait("time", until=ctx.now() + input.length)
        await ctx.sleep(input.length.total_seconds())
        yield "value", input.value

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:  # noqa: ARG002  (the clock says nothing)
        """Pass the value on."""
        yield "value", input.value
