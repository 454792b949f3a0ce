"""What may travel between blocks, and how it is converted."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from weft.executions.values import BadValue, decode, encode
from weft.graphs.conversion import convert


@pytest.mark.parametrize("value", [None, True, 0, -0.0, 1.5, 2**63, "a\u2028ü", [1, [2]], {"b": 1, "a": {"c": None}}])
def test_json_comes_back_as_it_went(value: Any) -> None:
    back = decode(encode(value))

    assert repr(back) == repr(value)


def test_order_of_keys_is_kept() -> None:
    assert encode({"b": 1, "a": 2}) == b'{"b":1,"a":2}'


def test_models_sets_and_decimals_become_plain() -> None:
    class Point(BaseModel):
        x: int

    assert decode(encode({"p": Point(x=1), "s": {3}, "d": Decimal("1.5")})) == {"p": {"x": 1}, "s": [3], "d": 1.5}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "not finite"),
        ([1, {"a": float("inf")}], "not finite"),
        ("a\x00b", "NUL"),
        ({"a\x00": 1}, "NUL"),
        ("\ud800", "surrogate"),
        (2**70, "64 bits"),
        (object(), "type object"),
        (SecretStr("x"), "secret"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_reason(value: Any, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        encode(value)


def test_deep_nesting_is_refused() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]

    with pytest.raises(BadValue, match="nested"):
        encode(value)


def test_null_and_escaped_backslash_u0000_are_fine() -> None:
    assert decode(encode([None, "\\u0000"])) == [None, "\\u0000"]


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        (5, "string", "5"),
        (True, "string", "true"),
        ({"a": 1}, "string", '{"a":1}'),
        (" 5 ", "number", 5),
        ("2.5", "number", 2.5),
        ("2.0", "integer", 2),
        (2.5, "integer", 2.5),
        ("Yes", "boolean", True),
        ("maybe", "boolean", "maybe"),
        ("[1,2]", "array", [1, 2]),
        (1, "array", [1]),
        ('{"a":1}', "object", {"a": 1}),
        (1, "object", 1),
    ],
)
def test_values_convert_where_nothing_is_lost(value: Any, kind: str, result: Any) -> None:
    converted = convert(value, {"type": kind})

    assert (converted, type(converted)) == (result, type(result))


def test_items_of_a_list_convert_one_by_one() -> None:
    assert convert([1, "a"], {"type": "array", "items": {"type": "string"}}) == ["1", "a"]


def test_null_stays_null_where_that_is_allowed() -> None:
    assert convert(None, {"anyOf": [{"type": "string"}, {"type": "null"}]}) is None


def test_optional_types_convert_too() -> None:
    assert convert("5", {"anyOf": [{"type": "integer"}, {"type": "null"}]}) == 5
