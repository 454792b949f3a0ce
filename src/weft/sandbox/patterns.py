"""Regular expressions: by re2 in this process where it means the same as Python's engine, else in a worker.

re2 answers in time linear in the text. It refuses back references and lookaround, and here and there it
means something else than Python's engine, for which users write their patterns: `agrees` tells these cases
apart.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from weft.sandbox.errors import PatternError

Span = tuple[int, int]

# Read differently by the two engines: `{,n}` is a repetition for Python only, `\C` and `\Q..\E` exist for
# re2 only, `[[` may open a POSIX class for re2.
_OTHER_SYNTAX = re.compile(r"\{,|\\[CQ]|\[\[")
# Beyond ASCII these mean more to Python than to re2.
_CLASSES = re.compile(r"\\[wWdDsSbB]")
_ODD_SPACES = re.compile("[\x0b\x1c-\x1f]")
# Work: size of the compiled pattern times length of the text. The slowest pattern found takes 8 ns for one.
_INLINE_WORK = 1_000_000
"""More is done in a thread (re2 lets the event loop go on meanwhile)."""
_MOST_WORK = 100_000_000
"""More goes to a worker, which can be ended."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a pattern matches."""

    value: str | None
    """What the asked group holds; None if that group took no part."""
    groups: tuple[str | None, ...]
    """All groups, from group 1."""
    named: Mapping[str, str | None]
    start: int
    """Where the asked group starts in the text; -1 if it took no part."""
    end: int


@dataclass(frozen=True, slots=True)
class Spans:
    """All that an engine says: per match the span of each group, group 0 first; and the names of groups."""

    spans: Sequence[Sequence[Span]]
    names: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """How to search."""

    case_sensitive: bool = True
    dot_all: bool = True
    multiline: bool = False
    most: int = 1
    """Matches wanted."""
    complain: bool = False
    """Whether more than `most` matches are an error; else they are left out."""

    @property
    def flags(self) -> int:
        """The options as flags of Python's engine."""
        flags = re.NOFLAG if self.case_sensitive else re.IGNORECASE
        flags |= re.DOTALL if self.dot_all else re.NOFLAG
        return int(flags | (re.MULTILINE if self.multiline else re.NOFLAG))


def compile_linear(pattern: str, text: str, how: SearchOptions) -> Any | None:
    """Return the pattern compiled by re2; None where re2 refuses it or means something else by it."""
    if not agrees(pattern, text, multiline=how.multiline):
        return None
    options = re2.Options()
    options.case_sensitive = how.case_sensitive
    options.dot_nl = how.dot_all
    options.log_errors = False
    try:
        compiled = re2.compile(f"(?m){pattern}" if how.multiline else pattern, options)
    except re2.error:
        return None
    return compiled if _work(compiled, text) <= _MOST_WORK else None


def _work(compiled: Any, text: str) -> int:
    return int(compiled.programsize) * len(text)


def agrees(pattern: str, text: str, *, multiline: bool = False) -> bool:
    """Tell whether both engines read the pattern the same way, for this text."""
    if _OTHER_SYNTAX.search(pattern):
        return False
    if "$" in pattern and not multiline and text.endswith("\n"):
        return False
    if not _CLASSES.search(pattern):
        return True
    return text.isascii() and not _ODD_SPACES.search(text)


async def search_linear(compiled: Any, text: str, how: SearchOptions, *, most_s: float) -> Spans | None:
    """Return where the re2 pattern matches; None if only Python's engine can say it all.

    That is so for all matches of a pattern that matches the empty text: the engines differ after one.

    Raises:
        PatternError: There are too many matches, or looking for them all takes too long.
    """
    if how.most == 1 and _work(compiled, text) <= _INLINE_WORK:
        return _search(compiled, text, how, most_s)
    return await asyncio.to_thread(_search, compiled, text, how, most_s)


def _search(compiled: Any, text: str, how: SearchOptions, most_s: float) -> Spans | None:
    deadline = time.monotonic() + most_s
    spans: list[Sequence[Span]] = []
    for match in compiled.finditer(text):
        if len(spans) == how.most:
            raise too_many(how.most)
        spans.append([match.span(group) for group in range(compiled.groups + 1)])
        if len(spans) == how.most and not how.complain:
            break
        if match.start() == match.end():
            return None
        if time.monotonic() > deadline:
            raise too_slow()
    return Spans(spans, compiled.groupindex)


def too_many(most: int) -> PatternError:
    """Return the error for a text with more than `most` matches."""
    return PatternError(f"the pattern matches more than {most} times", position=None)


def too_slow() -> PatternError:
    """Return the error for a search that was stopped."""
    return PatternError("the pattern takes too long on this text and was stopped", position=None)


def make_matches(found: Spans, text: str, group: int | str) -> list[Match]:
    """Return one Match per match, with the value of `group`.

    Raises:
        PatternError: The pattern has no such group.
    """
    index = found.names.get(group, -1) if isinstance(group, str) else group
    matches = []
    for spans in found.spans:
        if not 0 <= index < len(spans):
            raise PatternError(f"the pattern has no group {group!r}", position=None)
        values = [text[start:end] if start >= 0 else None for start, end in spans]
        named = {name: values[number] for name, number in found.names.items()}
        start, end = spans[index]
        matches.append(Match(values[index], tuple(values[1:]), named, start, end))
    return matches
