"""Differences are minimal, true to both texts, and bounded."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.blocks.emitting import emitted, only
from weft.blocks.text.diff import Diff
from weft.blocks.text.lcs import common_length, common_places
from weft.blocks.text.similarity import TextSimilarity
from weft.sdk import BlockError

FEW = st.text("abc", max_size=20)
LINES = st.lists(st.sampled_from(["a", "b", "c", "", "-", "@@"]), max_size=12).map("\n".join)
NO_LINE_END = "\n\\ No newline at end of file\n"


async def diff(old: str, new: str, **values: Any) -> dict[str, Any]:
    return await emitted(Diff(), old=old, new=new, **values)


def longest(first: str, second: str) -> int:
    row = [0] * (len(second) + 1)
    for sign in first:
        diagonal = 0
        for place, other in enumerate(second, start=1):
            above = row[place]
            row[place] = diagonal + 1 if sign == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


@given(FEW, FEW)
def test_the_common_subsequence_is_the_longest(first: str, second: str) -> None:
    places = common_places(first, second)

    assert common_length(first, second) == len(places) == longest(first, second)
    assert [first[left] for left, _ in places] == [second[right] for _, right in places]
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(places))


@given(LINES, LINES)
@example("a\na\n", "a\n")
@example("", "a")
async def test_a_diff_with_all_its_context_holds_both_texts(old: str, new: str) -> None:
    found = await diff(old, new, context=1000)

    lines = found["diff"].replace(NO_LINE_END, "\0").split("\n", 3)[-1]
    kept = [line.replace("\0", "") if "\0" in line else f"{line}\n" for line in _split(lines)]
    if old == new:
        assert found == {"diff": "", "changed": False, "added": 0, "removed": 0}
    else:
        assert "".join(line[1:] for line in kept if line[0] in " -") == old
        assert "".join(line[1:] for line in kept if line[0] in " +") == new


def _split(lines: str) -> list[str]:
    """Return the lines of a diff, each without its line end; a line without one in its text ends with a mark."""
    return [line for line in lines.replace("\0", "\0\n").split("\n") if line]


async def test_changes_close_together_share_a_hunk() -> None:
    old = "".join(f"{number}\n" for number in range(20))
    new = old.replace("2\n3", "2\nx\n3").replace("\n9\n", "\n")

    assert (await diff(old, new, context=3))["diff"].count("@@ -") == 1
    assert (await diff(old, new, context=2))["diff"].count("@@ -") == 2


async def test_long_texts_that_differ_in_little_are_compared() -> None:
    old = "a\n" * 500_000

    found = await diff(old, old + "b\n")

    assert (found["added"], found["removed"]) == (1, 0)


async def test_long_texts_that_differ_in_all_are_refused() -> None:
    with pytest.raises(BlockError, match=r"^20001 lines differ from 20001 lines, too many to compare$"):
        await diff("a\n" * 20_001, "b\n" * 20_001)


@given(FEW, FEW)
async def test_similarity_does_not_depend_on_the_order(first: str, second: str) -> None:
    ratio = await only(TextSimilarity(), first=first, second=second)

    assert 0 <= ratio <= 1
    assert ratio == await only(TextSimilarity(), first=second, second=first)
    assert (ratio == 1) == (first == second)
