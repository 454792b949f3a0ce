"""Regular expressions mean what Python's engine means, in time linear in the text or stopped."""

import re
from typing import Any

import pytest

from weft.sandbox.errors import PatternError
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.patterns import Match, SearchOptions, compile_linear
from weft.sandbox.service import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXTS = [
    "",
    "abc abc",
    "a1 b22\nc333",
    "über Straße 你好 42",
    "foo=1;bar=2\n",
    "aAbB\x0bc\x1c d",
    "tail $ \n\n",
]
PATTERNS = [
    *(
        r"\w+",
        r"\d+",
        r"(?P<k>\w+)=(?P<v>\d)",
        r"^\w",
        r"\w$",
        r"a.b",
        r"(a)|(b)",
        r"x*",
        r"\s+",
        r"\bc",
        r"[^\W\d]+",
    ),
    *(
        r"(?i)B",
        r"(?s)a.*c",
        r"(?m)^\w",
        r"c{,2}",
        r"(\w)\1",
        r"(?<=a)b",
        r"b(?=22)",
        r"$",
        r"\$",
        r"[[:alpha:]]",
        r"ß",
    ),
]


@pytest.mark.parametrize("options", [{}, {"case_sensitive": False}, {"dot_all": False}, {"multiline": True}])
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.filterwarnings("ignore:Possible nested set")
async def test_all_matches_are_those_of_python(sandbox: Sandbox, pattern: str, options: dict[str, bool]) -> None:
    flags = SearchOptions(**options).flags
    for text in TEXTS:
        expected = [
            (m.group(), m.groups(), m.groupdict(), *m.span()) for m in re.compile(pattern, flags).finditer(text)
        ]

        found = await sandbox.search(pattern, text, find_all=True, **options)

        assert [(m.value, m.groups, m.named, m.start, m.end) for m in found] == expected, text


async def test_the_first_match_and_its_groups(sandbox: Sandbox) -> None:
    first = await sandbox.search(r"(?P<word>[a-z]+)(\d)?", "--ab--cd1", group="word")
    second = await sandbox.search(r"([a-z]+)(\d)?", "--ab--cd1", group=2)
    none = await sandbox.search("x", "y")

    assert first == [Match("ab", ("ab", None), {"word": "ab"}, 2, 4)]
    assert second == [Match(None, ("ab", None), {}, -1, -1)]
    assert none == []


@pytest.mark.parametrize("pattern", [r"b", r"(?<=a)b"])
async def test_a_limit_leaves_out_the_rest(sandbox: Sandbox, pattern: str) -> None:
    found = await sandbox.search(pattern, "ab ab ab", find_all=True, limit=2)

    assert [match.start for match in found] == [1, 4]


@pytest.mark.parametrize("pattern", [r"a", r"(?<=a)a|a"])
async def test_more_matches_than_allowed_are_an_error(pattern: str) -> None:
    async with await Sandbox.start(SandboxLimits(workers=1, matches=5)) as small:
        assert len(await small.search(pattern, "aaaaa", find_all=True)) == 5
        with pytest.raises(PatternError, match="more than 5 times"):
            await small.search(pattern, "aaaaaa", find_all=True)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*b", r"(.*a){12}b", r"([a-z]+)*!"])
async def test_a_hostile_pattern_without_back_references_is_answered(sandbox: Sandbox, pattern: str) -> None:
    text = "a" * 50_000 + "c"

    assert compile_linear(pattern, text, SearchOptions()) is not None
    assert await sandbox.search(pattern, text) == []


@pytest.mark.parametrize("pattern", [r"(a|aa)+\1c", r"(?=(a+)+$)b\1|(x+x+)+y(?!z)\2|((a+)+)\3$", r"^(?:(a+)+)\1?$"])
async def test_a_catastrophic_back_reference_is_stopped(sandbox: Sandbox, pattern: str) -> None:
    with pytest.raises(PatternError, match="too long"):
        await sandbox.search(pattern, "a" * 60 + "!")

    assert await sandbox.search(r"(a)\1", "aa") != []


@pytest.mark.parametrize(
    ("pattern", "position"), [("(a", 0), ("a(b(", 3), ("[a", 0), ("a**", 2), (r"(?P<a", 4), (r"\1", 1)]
)
async def test_a_wrong_pattern_says_where(sandbox: Sandbox, pattern: str, position: int) -> None:
    with pytest.raises(PatternError) as failed:
        await sandbox.search(pattern, "text")

    assert failed.value.details["position"] == position


@pytest.mark.parametrize("group", [2, -1, "name"])
async def test_an_unknown_group_is_an_error(sandbox: Sandbox, group: Any) -> None:
    with pytest.raises(PatternError, match="no group"):
        await sandbox.search("(a)", "a", group=group)


async def test_half_characters_and_long_patterns_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(PatternError):
        await sandbox.search("a" * 10_001, "a")
    with pytest.raises(PatternError):
        await sandbox.search("a", "\ud800")
