"""`output.value`: a value that a run shows."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    BlockType,
    Context,
    Emissions,
    Example,
    Multiline,
    Schema,
)


class OutputValue(
    Block, id="output.value", name="Output", block_type=BlockType.OUTPUT, categories=[BlockCategory.OUTPUT]
):
    """Show a value as a result of the graph, as it is or written by a template."""

    class Input(Schema):
        name: str = Field(min_length=1, max_length=100, description="Name of the output; results stand under it")
        value: Any = Field(description="What to show")
        format: Annotated[str, Multiline(), Advanced()] = Field(
            default="",
            description="A Jinja template that writes the result; it knows the value as {{ value }} and by the "
            "output's name. Empty: the value as it is",
        )
        escape_html: Annotated[bool, Advanced()] = Field(
            default=False, description="Write <, > and & of the value so that HTML shows them as they are"
        )
        title: Annotated[str, Advanced()] = Field(
            default="", description="What is shown above the result; the name if empty"
        )
        description: Annotated[str, Advanced(), Multiline(2)] = Field(
            default="", description="What is said about the result"
        )
        advanced: Annotated[bool, Advanced()] = Field(default=False, description='Hide the result behind "more"')

    class Output(Schema):
        output: Any = Field(description="The value, or the filled template")
        name: str = Field(description="The output's name; not emitted when there is a template")

    examples: ClassVar = [
        Example(Input(name="total", value=3), emits=[("output", 3), ("name", "total")]),
        Example(Input(name="total", value=None), emits=[("output", None), ("name", "total")]),
        Example(
            Input(name="total", value=[1, 2], format="{{ total | length }} of {{ value | join('+') }}"),
            emits=[("output", "2 of 1+2")],
        ),
        Example(
            Input(name="page", value="<b>", format="<p>{{ page }}</p>", escape_html=True),
            emits=[("output", "<p>&lt;b&gt;</p>")],
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        if not input.format:
            yield "output", input.value
            yield "name", input.name
            return
        values = {"value": input.value, input.name: input.value}
        yield "output", await ctx.render(input.format, values, escape_html=input.escape_html)
