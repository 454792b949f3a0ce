"""Where re2 answers instead of Python's engine, both mean the same."""

import re
import warnings

from hypothesis import given
from hypothesis import strategies as st

from weft.sandbox.patterns import SearchOptions, _search, agrees, compile_linear

PIECES = [*"abAB1 _.*+?|()[]^$\\", r"\d", r"\w", r"\s", r"\b", "{,2}", "é"]


@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(alphabet="abAB1 _\n\x0bé", max_size=12),
)
def test_where_re2_is_used_it_agrees_with_python(pattern: str, text: str) -> None:
    how = SearchOptions(most=99)
    compiled = compile_linear(pattern, text, how)
    try:
        with warnings.catch_warnings(action="ignore"):
            expected = [match.span() for match in re.compile(pattern, re.DOTALL).finditer(text)]
    except re.error:
        return
    if compiled is None:
        return
    found = _search(compiled, text, how, 60)
    first = _search(compiled, text, SearchOptions(), 60)

    assert agrees(pattern, text)
    assert found is None or [match[0] for match in found.spans] == expected
    assert first is not None
    assert [match[0] for match in first.spans] == expected[:1]
