"""`flow.stop`: the end of a run."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema, Stop


class StopRun(Block, id="flow.stop", name="Stop", categories=[BlockCategory.UTILITY]):
    """End the whole run as completed; nothing new is started, and what was shown so far stays."""

    class Input(Schema):
        value: Any = Field(description="Whatever comes here ends the run")
        when: bool = Field(default=True, description="If false the run goes on, and the value is passed on")
        reason: Annotated[str, Advanced()] = Field(default="", description="Why the run ends; shown with the run")

    class Output(Schema):
        value: Any = Field(description="The same value, if the run goes on")

    examples: ClassVar = [
        Example(Input(value=1, reason="enough found"), raises=Stop),
        Example(Input(value=1, when=False), emits=[("value", 1)]),
    ]

    async def run(self, input: Input) -> Emissions:
        if input.when:
            raise Stop(input.reason)
        yield "value", input.value
