"""Numbers and JSON texts are read so that whatever comes out can be stored."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.blocks.lending import lending_for
from weft.blocks.data.convert import Convert
from weft.blocks.logic.calculator import Calculator, Operation
from weft.blocks.logic.condition import Condition, Operator
from weft.blocks.values import Number, as_text, read_json, read_number
from weft.executions.conversion import read_input
from weft.executions.values import encode
from weft.sdk import BlockError

NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (" -7.50\n", -7.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("+2", 2),
        (str(2**63), float(2**63)),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("9" * 399, None),
        ("9" * 100_000, None),
        ("٣", None),
        ("", None),
        ("1.", 1.0),
        (".", None),
        ("e5", None),
    ],
)
def test_a_number_is_what_people_write_as_one(text: str, number: float | None) -> None:
    assert repr(read_number(text)) == repr(number)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1, NaN]", "it holds NaN, which is no number"),
        ("[" * 100_000, "it is nested too deeply"),
        ("[1,", "Expecting value at character 4"),
        ("9" * 10_000, "a number in it is too large"),
        ("9" * 350, "a number in it is too large"),
    ],
)
def test_json_that_cannot_be_kept_is_told(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="^" + problem + "$"):
        read_json(text)


def test_whole_numbers_of_json_fit_into_64_bits() -> None:
    encode(read_json(f"[{2**63}, {-(2**70)}]"))

    assert read_json(f"[{2**63 - 1}]") == [2**63 - 1]


@pytest.mark.parametrize("value", ["nan", math.inf, 10**400, "x"])
def test_a_number_pin_refuses_what_is_no_finite_number(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Number).validate_python(value)


def test_other_values_are_written_as_json() -> None:
    assert [as_text(value) for value in ("ä", None, True, 1.5, ["ä"])] == ["ä", "", "true", "1.5", '["ä"]']


@given(st.sampled_from(Operation.__args__), NUMBERS, NUMBERS, st.booleans())  # type: ignore[attr-defined]
async def test_a_calculation_gives_a_number_that_can_be_stored_or_says_why(
    operation: Operation, a: float, b: float, round_result: bool
) -> None:
    given = Calculator.Input(operation=operation, a=a, b=b, round_result=round_result)
    said, kept = "", b""
    try:
        kept = encode([TypeAdapter(Number).validate_python(value) async for _, value in Calculator().run(given)])
    except BlockError as error:
        said = error.error_code

    assert bool(kept) != (said in {"DIVISION_BY_ZERO", "NO_RESULT", "TOO_LARGE"})


@given(st.sampled_from(Operator.__args__), NUMBERS, NUMBERS)  # type: ignore[attr-defined]
async def test_numbers_compare_the_same_when_written_as_texts(operator: Operator, a: float, b: float) -> None:
    async def result(first: Any, second: Any) -> Any:
        given = Condition.Input(value1=first, operator=operator, value2=second)
        return dict([pair async for pair in Condition().run(given)])["result"]

    expected = await result(a, b)

    assert [await result(repr(a), b), await result(a, repr(b)), await result(repr(a), repr(b))] == [expected] * 3


@given(st.recursive(st.none() | st.booleans() | NUMBERS | st.text(), st.lists, max_leaves=4))
async def test_everything_becomes_a_list_and_a_text(value: Any) -> None:
    for kind, type_ in (("list", list), ("string", str)):
        emitted = [pair async for pair in Convert().run(Convert.Input.model_validate({"value": value, "type": kind}))]

        assert isinstance(emitted[0][1], type_)


def test_the_engine_gives_sloppy_values_to_typed_pins() -> None:
    program = lending_for(Calculator()).program

    read = read_input(program, {"operation": "add", "a": "2", "b": "2.5"})

    assert (read.a, read.b) == (2, 2.5)  # type: ignore[attr-defined]
