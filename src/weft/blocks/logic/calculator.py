"""`logic.calculator`: arithmetic with two numbers."""

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from weft.blocks.values import Number, stored_number
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema

Operation = Literal["add", "subtract", "multiply", "divide", "power"]

_EXACT_BITS = 4096


class Calculator(Block, id="logic.calculator", categories=[BlockCategory.PROCESSING]):
    """Add, subtract, multiply, divide two numbers, or raise one to the power of the other.

    Whole numbers give whole results where the result is whole and fits into 64 bits; all others are floating
    point.
    """

    class Input(Schema):
        operation: Operation = Field(description="What to do with a and b")
        a: Number = Field(description="First number")
        b: Number = Field(description="Second number: what is added, taken away, the divisor or the exponent")
        round_result: Annotated[bool, Advanced()] = Field(
            default=False, description="Round the result to the nearest whole number, a half to the even one"
        )

    class Output(Schema):
        result: Number = Field(description="The result")

    examples: ClassVar = [
        Example(Input(operation="add", a=2, b=3), emits=[("result", 5)]),
        Example(Input(operation="subtract", a=0.5, b=1), emits=[("result", -0.5)]),
        Example(Input(operation="multiply", a=2**62, b=4), emits=[("result", float(2**64))]),
        Example(Input(operation="divide", a=6, b=3), emits=[("result", 2)]),
        Example(Input(operation="divide", a=7, b=2), emits=[("result", 3.5)]),
        Example(Input(operation="divide", a=7, b=2, round_result=True), emits=[("result", 4)]),
        Example(Input(operation="power", a=2, b=10), emits=[("result", 1024)]),
        Example(Input(operation="power", a=2, b=-1), emits=[("result", 0.5)]),
        Example(Input(operation="power", a=10, b=300), emits=[("result", 1e300)]),
        Example(
            Input(operation="divide", a=1, b=0), raises=BlockError("1 cannot be divided by zero", "DIVISION_BY_ZERO")
        ),
        Example(Input(operation="power", a=0, b=-1), raises=BlockError("zero has no power of -1", "DIVISION_BY_ZERO")),
        Example(
            Input(operation="power", a=-2, b=0.5),
            raises=BlockError("-2 to the power of 0.5 is no real number", "NO_RESULT"),
        ),
        Example(
            Input(operation="multiply", a=1e300, b=1e300),
            raises=BlockError("the result of multiply with 1e+300 and 1e+300 is too large for a number", "TOO_LARGE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        try:
            result = stored_number(_compute(input.operation, input.a, input.b))
        except OverflowError:
            result = math.inf
        if not math.isfinite(result):
            raise BlockError(
                f"the result of {input.operation} with {input.a} and {input.b} is too large for a number", "TOO_LARGE"
            )
        yield "result", stored_number(round(result)) if input.round_result else result


def _compute(operation: Operation, a: int | float, b: int | float) -> int | float:
    match operation:
        case "add":
            return a + b
        case "subtract":
            return a - b
        case "multiply":
            return a * b
        case "divide":
            return _divide(a, b)
        case "power":
            return _power(a, b)


def _divide(a: int | float, b: int | float) -> int | float:
    if b == 0:
        raise BlockError(f"{a} cannot be divided by zero", "DIVISION_BY_ZERO")
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return a / b


def _power(a: int | float, b: int | float) -> int | float:
    if a == 0 and b < 0:
        raise BlockError(f"zero has no power of {b}", "DIVISION_BY_ZERO")
    if isinstance(a, int) and isinstance(b, int) and b >= 0 and _is_short(a, b):
        return int(a**b)
    result: Any = float(a) ** b
    if isinstance(result, complex):
        raise BlockError(f"{a} to the power of {b} is no real number", "NO_RESULT")
    return float(result)


def _is_short(a: int, b: int) -> bool:
    return abs(a) <= 1 or a.bit_length() * b <= _EXACT_BITS
