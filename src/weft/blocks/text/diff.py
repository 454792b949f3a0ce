"""`text.diff`: what is different between two texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import LongText, check_count, check_pairs, compute, join
from weft.blocks.text.lcs import common_places
from weft.sdk import Advanced, Block, BlockCategory, Emissions, Example, Schema

_NO_LINE_END = "\n\\ No newline at end of file\n"


class Diff(Block, id="text.diff", name="Text Diff", categories=[BlockCategory.PROCESSING]):
    """Compare two texts line by line and write the fewest lines that differ as a unified diff, as `patch` reads it."""

    class Input(Schema):
        old: LongText = Field(description="The text before")
        new: LongText = Field(description="The text after")
        context: Annotated[int, Advanced()] = Field(
            default=3, ge=0, le=1000, description="How many equal lines stand around each change"
        )

    class Output(Schema):
        diff: str = Field(description="The differences; empty if there are none")
        changed: bool = Field(description="Whether the texts differ")
        added: int = Field(description="How many lines are new or changed in the text after")
        removed: int = Field(description="How many lines of the text before are gone or changed")

    examples: ClassVar = [
        Example(
            Input(old="tea\nbread\n", new="tea\nmilk\nbread\n"),
            emits=[
                ("diff", "--- old\n+++ new\n@@ -1,2 +1,3 @@\n tea\n+milk\n bread\n"),
                ("changed", True),
                ("added", 1),
                ("removed", 0),
            ],
        ),
        Example(
            Input(old="1\n2\n3\n4\n5\n6", new="one\n2\n3\n4\n5\n6\n", context=0),
            emits=[
                (
                    "diff",
                    "--- old\n+++ new\n@@ -1 +1 @@\n-1\n+one\n@@ -6 +6 @@\n-6\n\\ No newline at end of file\n+6\n",
                ),
                ("changed", True),
                ("added", 2),
                ("removed", 2),
            ],
        ),
        Example(
            Input(old="", new="tea"),
            emits=[
                ("diff", "--- old\n+++ new\n@@ -0,0 +1 @@\n+tea\n\\ No newline at end of file\n"),
                ("changed", True),
                ("added", 1),
                ("removed", 0),
            ],
        ),
        Example(Input(old="tea", new="tea"), emits=[("diff", ""), ("changed", False), ("added", 0), ("removed", 0)]),
    ]

    async def run(self, input: Input) -> Emissions:
        old, new = _lines(input.old), _lines(input.new)
        changes = await compute(len(input.old) + len(input.new), _changes, old, new)
        yield "diff", join(_write(old, new, changes, input.context))
        yield "changed", bool(changes)
        yield "added", sum(change.new_end - change.new for change in changes)
        yield "removed", sum(change.old_end - change.old for change in changes)


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines from `old` up to `old_end` became those from `new` up to `new_end`; positions count from 0."""

    old: int
    old_end: int
    new: int
    new_end: int


def _lines(text: str) -> list[str]:
    check_count(text.count("\n"), "lines")
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    shorter = min(len(old), len(new))
    start = _shared(zip(old, new, strict=False))
    end = min(_shared(zip(reversed(old), reversed(new), strict=False)), shorter - start)
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    check_pairs(len(old_middle), len(new_middle))
    changes = []
    left = right = start
    for old_place, new_place in [*common_places(old_middle, new_middle), (len(old_middle), len(new_middle))]:
        if (left, right) != (start + old_place, start + new_place):
            changes.append(_Change(left, start + old_place, right, start + new_place))
        left, right = start + old_place + 1, start + new_place + 1
    return changes


def _shared(pairs: Iterator[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _write(old: Sequence[str], new: Sequence[str], changes: Sequence[_Change], context: int) -> Iterator[str]:
    if changes:
        yield "--- old\n+++ new\n"
    for hunk in _hunks(changes, context):
        before = min(context, hunk[0].old)
        after = min(context, len(old) - hunk[-1].old_end)
        yield (
            f"@@ -{_range(hunk[0].old - before, hunk[-1].old_end + after)}"
            f" +{_range(hunk[0].new - before, hunk[-1].new_end + after)} @@\n"
        )
        place = hunk[0].old - before
        for change in hunk:
            yield from _signed(" ", old[place : change.old])
            yield from _signed("-", old[change.old : change.old_end])
            yield from _signed("+", new[change.new : change.new_end])
            place = change.old_end
        yield from _signed(" ", old[place : place + after])


def _hunks(changes: Sequence[_Change], context: int) -> Iterator[list[_Change]]:
    """Yield changes that stand so close together that what surrounds them touches."""
    hunk: list[_Change] = []
    for change in changes:
        if hunk and change.old - hunk[-1].old_end > 2 * context:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk


def _range(start: int, end: int) -> str:
    if end - start == 1:
        return str(start + 1)
    return f"{start + 1 if end > start else start},{end - start}"


def _signed(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}{_NO_LINE_END}"
