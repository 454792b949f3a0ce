"""YAML is read by the rules of YAML 1.2, without harm, and written so that everybody reads it as the same value."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks.emitting import only
from weft.blocks.codec.yaml_parse import ParseYaml
from weft.blocks.codec.yaml_render import RenderYaml
from weft.sdk import BlockError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    [
        "no",
        "y",
        "12:30",
        "2020-01-01",
        "0o17",
        "0x1F",
        "1e3",
        ".5",
        ".inf",
        "~",
        "",
        "=",
        "<<",
        "...",
        "a\n...\n",
        "a \nb",
        "\n",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


@given(VALUES, st.integers(2, 8), st.booleans())
async def test_a_value_comes_back_by_both_sets_of_rules(value: Any, indent: int, sort_keys: bool) -> None:
    text = await only(RenderYaml(), value=value, indent=indent, sort_keys=sort_keys)

    assert await only(ParseYaml(), text=text) == value
    assert yaml.safe_load(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[yes, No, on, 12:30, 2020-01-01, 1_000]", ["yes", "No", "on", "12:30", "2020-01-01", "1_000"]),
        ("[true, FALSE, ~, null, Null]", [True, False, None, None, None]),
        ("[010, 0o10, 0x10, +1, -1, .5, 1., 1e3]", [10, 8, 16, 1, -1, 0.5, 1.0, 1000.0]),
        ("['1', \"true\", !!str 7, ! 8]", ["1", "true", "7", "8"]),
        ("true: 1\n~: 2\n1.0: 3", {"true": 1, "~": 2, "1.0": 3}),
        (f"{2**63 - 1}", 2**63 - 1),
        (f"{2**63}", float(2**63)),
        ("a: >\n  b\n  c\n", {"a": "b c\n"}),
        ("# nothing", None),
    ],
)
async def test_scalars_are_read_as_yaml_1_2_says(text: str, value: Any) -> None:
    read = await only(ParseYaml(), text=text)

    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x 1\nb: *x", "the alias *x is not supported, in line 2"),
        ("!!python/object/apply:os.system [ls]", "the tag !!python/object/apply:os.system is not supported, in line 1"),
        ("!!set {a}", "the tag !!set is not supported, in line 1"),
        ("a: 1\na: 2", "the key 'a' stands twice, again in line 2"),
        ("? [a]\n: 1", "a key is no text in line 1"),
        ("[.inf]", ".inf is no number that JSON holds, in line 1"),
        ("9" * 5000, "a number is too large, in line 1"),
        ("0x" + "f" * 5000, "a number is too large, in line 1"),
        ("1e999", "a number is too large, in line 1"),
        ("[" * 200_000, "it is nested more than 100 deep in line 1"),
        ("- " * 200_000, "it is nested more than 100 deep in line 1"),
        ("- 'a", "found unexpected end of stream, in line 1"),
        ("\x01", "it holds a character that YAML forbids"),
    ],
    ids=lambda value: value[:30],
)
async def test_what_json_cannot_hold_is_refused_with_the_line(text: str, problem: str) -> None:
    with pytest.raises(BlockError) as caught:
        await only(ParseYaml(), text=text)

    assert caught.value.message == f"the YAML cannot be read: {problem}"


async def test_too_many_values_are_refused() -> None:
    with pytest.raises(BlockError, match="there are more than 1000000 parts"):
        await only(ParseYaml(), text="[" + "1," * 1_000_001 + "]")


async def test_an_indented_value_that_grows_out_of_bounds_is_refused() -> None:
    value: Any = [1] * 20_000
    for _ in range(200):
        value = [value]

    with pytest.raises(BlockError, match="more than 10000000 characters"):
        await only(RenderYaml(), value=value, indent=8)
