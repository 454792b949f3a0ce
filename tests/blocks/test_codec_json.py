"""JSON is written so that it is read as the same value, and never larger than allowed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from weft.blocks.codec.json_parse import ParseJson
from weft.blocks.codec.json_render import RenderJson
from weft.sdk import BlockError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES, st.integers(0, 8), st.booleans(), st.booleans())
async def test_a_value_comes_back(value: Any, indent: int, sort_keys: bool, ascii_only: bool) -> None:
    text = await only(RenderJson(), value=value, indent=indent, sort_keys=sort_keys, ascii_only=ascii_only)

    assert await only(ParseJson(), text=text) == value
    assert text.isascii() or not ascii_only
    assert indent or "\n" not in text


@pytest.mark.parametrize("indent", [0, 8])
async def test_what_grows_out_of_bounds_is_refused(indent: int) -> None:
    value: Any = [1] * (10_000 if indent else 6_000_000)
    for _ in range(200):
        value = [value]

    with pytest.raises(BlockError, match="more than 10000000 characters"):
        await only(RenderJson(), value=value, indent=indent)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Expecting value at character 1"),
        ("[" * 100_000, "it is nested too deeply"),
        ("NaN", "it holds NaN, which is no number"),
        ("1 2", "Extra data at character 3"),
        ("```json\n1\n```\n2", "Expecting value at character 1"),
    ],
)
async def test_what_is_no_json_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(BlockError) as caught:
        await only(ParseJson(), text=text)

    assert caught.value.message == f"the text is no JSON: {problem}"


async def test_a_byte_order_mark_is_left_out() -> None:
    assert await only(ParseJson(), text="\ufeff[1]") == [1]
