"""`testing.noop_effect`: the cheapest block with an effect."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, Effect, Emissions, Example, Schema


class NoopEffect(Block, id="testing.noop_effect", categories=[BlockCategory.UTILITY]):
    """Pass a value on, and claim to have changed something outside."""

    class Input(Schema):
        value: Any = Field(default=None, description="Any value")

    class Output(Schema):
        value: Any = Field(description="The same value")

    effect = Effect.AT_LEAST_ONCE
    examples: ClassVar = [Example(Input(value=[1, "a"]), emits=[("value", [1, "a"])])]

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value
