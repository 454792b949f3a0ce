"""The fast ways of judging untrusted text say the same as slow and simple ones."""

import math
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.graphs.random_graphs import VALUES
from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code, Issue
from weft.graphs.json_text import check_storable, is_storable, parse_json
from weft.graphs.limits import GraphLimits

DEEPEST = 3
UNSTORABLE = st.sampled_from([math.inf, -math.inf, math.nan, 2**63, -(2**63) - 1, "a\0", "\ud800", "\udfffb", "é\0"])


def first_too_deep(text: str) -> int | None:
    """Return the character at which brackets outside of strings are nested too deeply, read sign by sign."""
    depth, at, quoted = 0, 0, False
    while at < len(text):
        sign = text[at]
        if quoted and sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "[{":
            depth += 1
            if depth > DEEPEST:
                return at
        elif not quoted and sign in "]}":
            depth -= 1
        at += 1
    return None


@settings(max_examples=2000, deadline=None)
@example('"[[[[' + "\\")
@example('[[["]",[]]]]')
@example("]" * 9 + "[" * 13)
@given(st.text('[]{}"\\, a1', max_size=40))
def test_nesting_is_measured_outside_of_strings_wherever_they_begin_and_end(text: str) -> None:
    expected = first_too_deep(text)

    found = refusal(text)

    if expected is None:
        assert found is None or found.code is not Code.TOO_DEEP
    else:
        assert found is not None
        assert found.message == f"nested more than {DEEPEST} deep at character {expected}"


def refusal(text: str) -> Issue | None:
    try:
        parse_json(text, place="", limits=GraphLimits(depth=DEEPEST))
    except DocumentInvalid as error:
        return error.issues[0]
    return None


@pytest.mark.parametrize("sign", [" ", '"', '""', '"\\', "\\", "]", "[]", '"["', ":"])
def test_a_megabyte_of_one_sign_is_scanned_once(sign: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        parse_json(sign * (1_000_000 // len(sign)), place="", limits=GraphLimits())

    assert caught.value.issues[0].code is Code.NOT_JSON


@given(VALUES)
def test_values_of_json_can_be_stored(value: Any) -> None:
    assert is_storable([value])
    check_storable(value)


@given(
    st.recursive(
        UNSTORABLE, lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text("ab"), inner, min_size=1)
    )
)
def test_one_bad_value_anywhere_is_seen(value: Any) -> None:
    assert not is_storable(["good", {"key": [1, None, value]}])
    with pytest.raises(DocumentInvalid):
        check_storable(value)


@pytest.mark.parametrize("key", ["a\0", "\ud800"])
def test_a_bad_key_is_seen(key: str) -> None:
    assert not is_storable([{"good": {key: 1}}])
    with pytest.raises(DocumentInvalid, match=re.escape("holds a")):
        check_storable({"good": {key: 1}})


def test_texts_side_by_side_are_not_read_as_one() -> None:
    assert not is_storable(["\ud83d", "\ude00"])


def test_values_of_other_kinds_are_left_to_the_slow_way() -> None:
    class Text(str):
        __slots__ = ()

    assert not is_storable([Text("a")])
    check_storable([Text("a")])
