"""Pins and parts of their values, as text and as steps."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import InvalidInput
from weft.sdk.paths import MISSING, PinPath, parse_pin, place, select

STEPS = st.lists(st.integers(0, 999_999_999) | st.text(max_size=8), max_size=6).map(tuple)
NAMES = st.text(min_size=1, max_size=12).filter(lambda name: "." not in name and "[" not in name)


@pytest.mark.parametrize(
    ("text", "pin", "path"),
    [
        ("result", "result", ()),
        ("result.items[0].name", "result", ("items", 0, "name")),
        ('values["Published URL"]', "values", ("Published URL",)),
        ('a["x\\"y"].b', "a", ('x"y', "b")),
        ("größe.länge", "größe", ("länge",)),
        ("with space", "with space", ()),
    ],
)
def test_references_are_read(text: str, pin: str, path: tuple[str | int, ...]) -> None:
    assert parse_pin(text) == PinPath(pin, path)


@settings(max_examples=100, deadline=None)
@given(NAMES, STEPS)
def test_what_is_written_is_read_back(pin: str, path: tuple[str | int, ...]) -> None:
    written = PinPath(pin, path)

    if len(str(written)) <= 500:
        assert parse_pin(str(written)) == written


@pytest.mark.parametrize(
    "text", ["", ".a", "[0]", "a.", "a[", "a[-1]", "a[0", "a[x]", 'a["x]', "a..b", "a" * 501, r'a["\q"]']
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_pin(text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((), {"items": [{"name": "a"}], "0": "zero"}),
        (("items", 0, "name"), "a"),
        (("items", 1), MISSING),
        (("items", "name"), MISSING),
        ((0,), "zero"),
        (("items", 0, "name", 0), MISSING),
    ],
)
def test_parts_are_selected(path: tuple[str | int, ...], found: Any) -> None:
    value = {"items": [{"name": "a"}], "0": "zero"}

    assert select(value, path) == found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 5) | st.text(max_size=3), max_size=5).map(tuple), st.integers())
def test_what_is_placed_is_selected(path: tuple[str | int, ...], value: int) -> None:
    assert select(place(None, path, value), path) == value


def test_lists_are_padded_and_neighbours_kept() -> None:
    assert place({"a": [1]}, ("a", 2), 3) == {"a": [1, None, 3]}


def test_a_place_far_beyond_the_end_of_a_list_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(InvalidInput, match="999999999"):
        place({"a": [1]}, ("a", 999_999_999), 3)


@pytest.mark.parametrize(("container", "path"), [("text", (0,)), ([1], ("a",)), ({"a": 1}, ("a", "b"))])
def test_paths_through_other_values_are_refused(container: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidInput):
        place(container, path, 1)
