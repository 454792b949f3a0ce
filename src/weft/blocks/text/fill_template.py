"""`text.fill_template`: a text with blanks, filled."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.sdk import (
    Advanced,
    Block,
    BlockCategory,
    Context,
    Emissions,
    Example,
    Multiline,
    Placeholder,
    Schema,
)


class FillTemplate(Block, id="text.fill_template", categories=[BlockCategory.PROCESSING]):
    """Fill a template with values; the template is written in Jinja."""

    class Input(Schema):
        values: dict[str, Any] = Field(default_factory=dict, description="Values by the names that the template uses")
        format: Annotated[str, Multiline(), Placeholder("Dear {{ name }}, …")] = Field(
            description="The template, e.g. Dear {{ name }}"
        )
        escape_html: Annotated[bool, Advanced()] = Field(
            default=False, description="Write <, > and & of the values so that HTML shows them as they are"
        )

    class Output(Schema):
        output: str = Field(description="The filled template")

    examples: ClassVar = [
        Example(
            Input(values={"name": "Ada", "items": ["tea", "bread"]}, format="{{ name }}: {{ items | join(', ') }}"),
            emits=[("output", "Ada: tea, bread")],
        ),
        Example(
            Input(values={"name": "<b>"}, format="<i>{{ name }}</i>", escape_html=True),
            emits=[("output", "<i>&lt;b&gt;</i>")],
        ),
    ]

    async def run(self, input: Input, *, ctx: Context) -> Emissions:
        yield "output", await ctx.render(input.format, input.values, escape_html=input.escape_html)
