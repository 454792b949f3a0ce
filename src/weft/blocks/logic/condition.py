"""`logic.condition`: two ways out, by a comparison."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from weft.blocks.values import read_number
from weft.sdk import Block, BlockCategory, BlockError, Emissions, Example, Schema

Operator = Literal["==", "!=", ">", "<", ">=", "<="]

_WORDS = {"true": True, "false": False}


class Condition(Block, id="logic.condition", categories=[BlockCategory.UTILITY]):
    """Compare two values and send a value the one way or the other.

    Texts of numbers are compared as numbers, other texts letter by letter. Values of different kinds are not
    equal, and cannot be put in order.
    """

    class Input(Schema):
        value1: Any = Field(description="First value")
        operator: Operator = Field(default="==", description="How the first value is compared with the second one")
        value2: Any = Field(description="Second value")
        yes_value: Any = Field(default=None, description="What to send on if it is true; the first value if null")
        no_value: Any = Field(default=None, description="What to send on if it is false; the first value if null")

    class Output(Schema):
        result: bool = Field(description="Whether it is true")
        yes_output: Any = Field(description="The value to send on, if it is true")
        no_output: Any = Field(description="The value to send on, if it is false")

    examples: ClassVar = [
        Example(Input(value1=10, operator=">", value2=9), emits=[("result", True), ("yes_output", 10)]),
        Example(Input(value1="10", operator="<=", value2="9"), emits=[("result", False), ("no_output", "10")]),
        Example(
            Input(value1="a", operator="==", value2="b", yes_value="same", no_value="other"),
            emits=[("result", False), ("no_output", "other")],
        ),
        Example(Input(value1="1.0", operator="==", value2=1), emits=[("result", True), ("yes_output", "1.0")]),
        Example(Input(value1="true", operator="==", value2=True), emits=[("result", True), ("yes_output", "true")]),
        Example(Input(value1=True, operator="!=", value2=1), emits=[("result", True), ("yes_output", True)]),
        Example(Input(value1=[1], operator="==", value2=[1]), emits=[("result", True), ("yes_output", [1])]),
        Example(
            Input(value1="2026-01-02", operator="<", value2="2026-01-10"),
            emits=[("result", True), ("yes_output", "2026-01-02")],
        ),
        Example(Input(value1=None, operator="==", value2=None), emits=[("result", True), ("yes_output", None)]),
        Example(
            Input(value1="ten", operator=">", value2=9),
            raises=BlockError("a text and a number cannot be put in order with >", "NOT_COMPARABLE"),
        ),
        Example(
            Input(value1=[1], operator="<", value2=[2]),
            raises=BlockError("two values of kind list cannot be put in order with <", "NOT_COMPARABLE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        result = _compare(*_alike(input.value1, input.value2), input.operator)
        yield "result", result
        if result:
            yield "yes_output", input.value1 if input.yes_value is None else input.yes_value
        else:
            yield "no_output", input.value1 if input.no_value is None else input.no_value


def _alike(first: Any, second: Any) -> tuple[Any, Any]:
    """Return both as numbers if both can be, and a text beside yes or no as such; else unchanged."""
    if isinstance(first, bool) or isinstance(second, bool):
        return _as_bool(first), _as_bool(second)
    numbers = _as_number(first), _as_number(second)
    return (first, second) if None in numbers else numbers


def _as_bool(value: Any) -> Any:
    return _WORDS.get(value.strip().lower(), value) if isinstance(value, str) else value


def _as_number(value: Any) -> int | float | None:
    if isinstance(value, str):
        return read_number(value)
    return value if isinstance(value, int | float) else None


def _compare(first: Any, second: Any, operator: Operator) -> bool:
    kinds = _kind(first), _kind(second)
    if operator in {"==", "!="}:
        return (kinds[0] == kinds[1] and first == second) is (operator == "==")
    if kinds[0] != kinds[1]:
        raise BlockError(f"a {kinds[0]} and a {kinds[1]} cannot be put in order with {operator}", "NOT_COMPARABLE")
    if kinds[0] not in {"text", "number"}:
        raise BlockError(f"two values of kind {kinds[0]} cannot be put in order with {operator}", "NOT_COMPARABLE")
    if operator in {">", "<="}:
        return bool(first > second) is (operator == ">")
    return bool(first < second) is (operator == "<")


def _kind(value: Any) -> str:
    kinds: dict[type, str] = {str: "text", bool: "boolean", list: "list", dict: "dictionary", type(None): "null"}
    return kinds.get(type(value), "number")
