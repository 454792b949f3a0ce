"""`testing.fail`: a failure on purpose."""

from typing import Any, ClassVar

from pydantic import Field

from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema


class Fail(Block, id="testing.fail", categories=[BlockCategory.UTILITY]):
    """Fail with a message; with `when` false, pass the value on."""

    class Input(Schema):
        value: Any = Field(default=None, description="Any value")
        message: str = Field(default="this block always fails", description="What the error says")
        when: bool = Field(default=True, description="Whether to fail")

    class Output(Schema):
        value: Any = Field(description="The same value, if it did not fail")

    examples: ClassVar = [
        Example(Input(value=1), raises=BlockError("this block always fails", "FAILED_ON_PURPOSE")),
        Example(Input(value=1, message="no"), raises=BlockError("no", "FAILED_ON_PURPOSE")),
        Example(Input(value=1, when=False), emits=[("value", 1)]),
    ]

    async def run(self, input: Input) -> Emissions:
        if input.when:
            raise BlockError(input.message, "FAILED_ON_PURPOSE")
        yield "value", input.value
