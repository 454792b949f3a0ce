"""The walker copies plain values and refuses everything else with bounded work."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.sandbox.walker import ValueLimits, ValueRefused, plain_json

SMALL = ValueLimits(nodes=10, depth=3, size_bytes=200, digits=5)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_plain_json_is_copied_and_shares_nothing(value: Any) -> None:
    copy = plain_json(value)

    assert json.dumps(copy) == json.dumps(value)
    assert not isinstance(value, list | dict) or copy is not value


def test_tuples_become_lists() -> None:
    assert plain_json({"a": (1, (2,))}) == {"a": [1, [2]]}


def test_a_value_met_twice_is_copied_twice() -> None:
    shared = [1]

    copy = plain_json([shared, shared])

    assert copy == [[1], [1]]
    assert isinstance(copy, list)
    assert copy[0] is not copy[1]


class Text(str):
    """A text with a method of its own."""

    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1},
        b"x",
        1j,
        Text("a"),
        {Text("a"): 1},
        {1: 2},
        {None: 1},
        float("nan"),
        float("inf"),
        "\ud800",
        range(3),
    ],
)
def test_what_is_no_plain_json_is_refused(value: Any) -> None:
    for place in (value, [value], {"a": [value]}):
        with pytest.raises(ValueRefused):
            plain_json(place)


@pytest.mark.parametrize(
    ("fits", "too_much"),
    [
        ([0] * 9, [0] * 10),
        ([[[1]]], [[[[1]]]]),
        ("a" * 200, "a" * 201),
        ("é" * 100, "é" * 101),
        ({"k" * 184: 1}, {"k" * 185: 1}),
        (99_999, 100_000),
        (-99_999, -100_000),
    ],
)
def test_each_limit_holds_exactly(fits: Any, too_much: Any) -> None:
    assert plain_json(fits, SMALL) == fits
    with pytest.raises(ValueRefused):
        plain_json(too_much, SMALL)


def test_the_default_limits_are_those_promised() -> None:
    assert plain_json(10**4096 - 1) == 10**4096 - 1
    assert len(json.dumps(plain_json([0] * 99_999))) == 299_997
    for value in (10**4096, [0] * 100_000, "a" * (1024 * 1024 + 1)):
        with pytest.raises(ValueRefused):
            plain_json(value)


def test_shared_and_endless_values_are_refused() -> None:
    bomb: list[Any] = [1]
    for _ in range(50):
        bomb = [bomb, bomb]
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    cycle: list[Any] = []
    cycle.append(cycle)

    for value in (bomb, deep, cycle, {"a": bomb}, 1 << 4_000_000):
        with pytest.raises(ValueRefused):
            plain_json(value)


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(ValueRefused, match=r"a set is no plain JSON value \(at \$\.a\[1\]\.b\)") as refused:
        plain_json({"a": [0, {"b": {1}}]})

    assert refused.value.details["path"] == "$.a[1].b"
