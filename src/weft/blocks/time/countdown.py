"""`time.countdown`: a message when the time is up."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.time.pause import Pause
from weft.sdk import Block, BlockCategory, Context, Effect, Emissions, Example, Many, Schema, Wait


class Countdown(Block, id="time.countdown", name="Countdown Timer", categories=[BlockCategory.UTILITY]):
    """Send a message when the time is up, once or again and again.

    A waiting run uses no worker, and goes on at the right time after a restart. Each further countdown begins when
    the message before it was sent.
    """

    class Input(Pause):
        input_message: Any = Field(default="timer finished", description="What to send")
        repeat: int = Field(default=1, ge=1, le=10_000, description="How often to count down and send it")

    class Output(Schema):
        output_message: Annotated[Any, Many()] = Field(description="The message, each time the time is up")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            Input(input_message="tea is ready", minutes=4, seconds=30),
            waits=Wait("time", until=datetime(2026, 1, 2, 3, 8, 30, tzinfo=UTC), state={"left": 1}),
            answer=None,
            emits=[("output_message", "tea is ready")],
        ),
        Example(
            Input(input_message="stand up", hours=1, repeat=8),
            waits=Wait("time", until=datetime(2026, 1, 2, 4, 4, tzinfo=UTC), state={"left": 8}),
            title="the first of eight times",
        ),
        Example(
            Input(repeat=2),
            emits=[("output_message", "timer finished"), ("output_message", "timer finished")],
            title="no time is up at once",
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if input.length:
            raise _wait(input, ctx, left=input.repeat)
        for _ in range(input.repeat):
            yield "output_message", input.input_message

    async def on_answer(self, input: Input, state: Any, answer: Any, *, ctx: Context) -> Emissions:  # noqa: ARG002  (the clock says nothing)
        """Send the message, and count down once more if it is to be sent again."""
        yield "output_message", input.input_message
        if state["left"] > 1:
            raise _wait(input, ctx, left=state["left"] - 1)


def _wait(input: Pause, ctx: Context, *, left: int) -> Wait:
    return Wait("time", until=ctx.now() + input.length, state={"left": left})
