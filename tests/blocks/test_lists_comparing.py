"""Equality and order of JSON values."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.blocks.data.comparing import MOST_VALUES, identities, identity, order_keys
from weft.sdk import BlockError

PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, -0.0, 1.0, 2.5]) | st.sampled_from("abA")
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
)


def equal(a: Any, b: Any) -> bool:
    """Say the rule once more, without regard to depth and cost."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    return type(a) in {type(b), int, float} and type(b) in {type(a), int, float} and bool(a == b)


@given(VALUES, VALUES)
def test_values_have_one_identity_exactly_if_they_are_equal(a: Any, b: Any) -> None:
    assert (identity(a) == identity(b)) is equal(a, b)


@given(st.lists(VALUES, max_size=6))
def test_the_order_is_total_and_agrees_with_equality(values: list[Any]) -> None:
    keys = order_keys(values)

    for x, a in zip(keys, values, strict=True):
        for y, b in zip(keys, values, strict=True):
            assert (x < y) + (x > y) + equal(a, b) == 1
    assert all(x <= y for x, y in pairwise(sorted(keys)))


@given(st.dictionaries(st.text(max_size=3), PLAIN, min_size=1))
def test_the_order_of_entries_does_not_count(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))

    assert identity([value]) == identity([turned])
    assert order_keys([value]) == order_keys([turned])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, False),
        ([], {}),
        ([[]], [{}]),
        ([[1], 2], [[1, 2]]),
        (["1"], [1]),
        ([True], [1]),
        ([None], []),
        ({"a": 1}, ["a", 1]),
    ],
)
def test_values_of_different_kind_or_shape_differ(a: Any, b: Any) -> None:
    assert identity(a) != identity(b)
    assert order_keys([a]) != order_keys([b])


@pytest.mark.parametrize(
    ("a", "b"), [(1, 1.0), (0, -0.0), ([1], [1.0]), ({"a": [{"b": 2.0}]}, {"a": [{"b": 2}]}), ([0.0], [-0.0])]
)
def test_numbers_are_equal_by_what_they_are_worth(a: Any, b: Any) -> None:
    assert identity(a) == identity(b)
    assert order_keys([a]) == order_keys([b])


def test_large_whole_numbers_are_compared_exactly() -> None:
    assert identity(2**53 + 1) != identity(float(2**53))
    assert identity(2**53) == identity(float(2**53))
    assert identity(1e300) != identity(1e299)


@pytest.mark.parametrize("values", [[0] * MOST_VALUES, [[0] * (MOST_VALUES - 1)], [{"a": [0] * (MOST_VALUES - 2)}]])
def test_a_million_values_are_compared(values: list[Any]) -> None:
    assert len(order_keys(values)) == len(values)


@pytest.mark.parametrize(
    "values", [[0] * (MOST_VALUES + 1), [[0] * MOST_VALUES], [{"a": [0] * MOST_VALUES}], [[[]] * MOST_VALUES]]
)
def test_more_than_a_million_values_are_refused(values: list[Any]) -> None:
    with pytest.raises(BlockError, match=r"^there are more than 1000000 values to compare$"):
        list(identities(values))
