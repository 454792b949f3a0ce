"""`logic.compare_text`: two ways out, by what a text holds."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

Operator = Literal["contains", "equals", "starts_with", "ends_with"]


class CompareText(Block, id="logic.compare_text", categories=[BlockCategory.UTILITY]):
    """Look whether a text contains another one, equals it, or begins or ends with it, and send a value the one way or the other.

    Blanks count. An empty text is contained in every text.
    """

    class Input(Schema):
        text: str = Field(description="The text to look at")
        operator: Operator = Field(default="contains", description="What to find out about it")
        compare_with: str = Field(description="The text to compare it with")
        case_sensitive: bool = Field(default=True, description="Tell upper case from lower case")
        yes_value: Any = Field(default=None, description="What to send on if it is true; the text if null")
        no_value: Any = Field(default=None, description="What to send on if it is false; the text if null")

    class Output(Schema):
        result: bool = Field(description="Whether it is true")
        yes_output: Any = Field(description="The value to send on, if it is true")
        no_output: Any = Field(description="The value to send on, if it is false")

    examples: ClassVar = [
        Example(
            Input(text="your invoice 7", compare_with="invoice"),
            emits=[("result", True), ("yes_output", "your invoice 7")],
        ),
        Example(
            Input(text="INVOICE", compare_with="invoice", yes_value=1, no_value=0),
            emits=[("result", False), ("no_output", 0)],
        ),
        Example(
            Input(text="STRASSE 1", compare_with="Straße", case_sensitive=False),
            emits=[("result", True), ("yes_output", "STRASSE 1")],
        ),
        Example(
            Input(text="yes ", operator="equals", compare_with="yes"), emits=[("result", False), ("no_output", "yes ")]
        ),
        Example(
            Input(
                text="Re: tea", operator="starts_with", compare_with="re:", case_sensitive=False, yes_value={"id": 1}
            ),
            emits=[("result", True), ("yes_output", {"id": 1})],
        ),
        Example(
            Input(text="plan.pdf", operator="ends_with", compare_with=".pdf"),
            emits=[("result", True), ("yes_output", "plan.pdf")],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if input.case_sensitive:
            result = _compare(input.text, input.operator, input.compare_with)
        else:
            result = _compare(input.text.casefold(), input.operator, input.compare_with.casefold())
        yield "result", result
        if result:
            yield "yes_output", input.text if input.yes_value is None else input.yes_value
        else:
            yield "no_output", input.text if input.no_value is None else input.no_value


def _compare(text: str, operator: Operator, other: str) -> bool:
    match operator:
        case "contains":
            return other in text
        case "equals":
            return text == other
        case "starts_with":
            return text.startswith(other)
        case "ends_with":
            return text.endswith(other)
