"""`testing.ask`: a question that somebody has to answer."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Effect, Emissions, Example, Schema, Wait


class Ask(Block, id="testing.ask", categories=[BlockCategory.UTILITY]):
    """Say what it asks, wait until a person answers, then pass the value and the answer on."""

    class Input(Schema):
        value: Any = Field(default=None, description="Any value")
        title: str = Field(default="Go on?", description="What the person is asked")

    class Output(Schema):
        asked: str = Field(description="The question")
        value: Any = Field(description="`{value, answer}`: the value, and what the person said")

    effect = Effect.IDEMPOTENT
    examples: ClassVar = [
        Example(
            Input(value=1, title="Well?"),
            waits=Wait("person", title="Well?"),
            answer="yes",
            emits=[("asked", "Well?"), ("value", {"value": 1, "answer": "yes"})],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "asked", input.title
        raise Wait("person", title=input.title)

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:  # noqa: ARG002  (nothing was kept)
        """Pass on what was asked about, and the answer."""
        yield "value", {"value": input.value, "answer": answer}
