"""What all inputs of a graph have in common."""

from typing import Annotated, Any

from pydantic import Field

from weft.sdk import Advanced, Block, BlockCategory, BlockType, Emissions, Multiline, Schema


class InputForm(Schema):
    """The pins that say how an input is asked for; each block says of what type `value`, the default, is."""

    name: str = Field(min_length=1, max_length=100, description="Name of the input; callers give values by it")
    value: Any = Field(default=None, description="The value if a run gives none")
    title: Annotated[str, Advanced()] = Field(
        default="", description="What a form shows above the field; the name if empty"
    )
    description: Annotated[str, Advanced(), Multiline(2)] = Field(
        default="", description="What a form says below the field"
    )
    advanced: Annotated[bool, Advanced()] = Field(
        default=False, description='Hide the field behind "more"; only for inputs with a default'
    )
    masked: Annotated[bool, Advanced()] = Field(
        default=False, description="Show the value as dots, and keep it out of lists and exports"
    )


class InputBlock(Block, abstract=True, block_type=BlockType.INPUT, categories=[BlockCategory.INPUT]):
    """A value that a run is started with, else the default; nothing is emitted when there is neither."""

    async def run(self, input: Any) -> Emissions:
        """Emit the value, if there is one."""
        if input.value is not None:
            yield "result", input.value
