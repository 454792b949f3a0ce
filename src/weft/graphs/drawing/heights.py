"""The height at which each vertex stands: links as level as the order inside of columns allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import NamedTuple

_FEWEST_SWEEPS, _MOST_SWEEPS = 8, 60
_WORK = 200_000
"""Vertices looked at in all: large graphs get fewer sweeps, so that time stays linear."""
_ROUNDS = 3
_LOOSE, _FAST = 0.01, 1000.0
"""How strongly a vertex keeps its place: one that links alone shall move, and a bend of a line made level."""


class Pull(NamedTuple):
    """One piece of a link: what it leads to, and by how much lower this end is to stand than that one."""

    other: int
    offset: float
    weight: float


class Line(NamedTuple):
    """A link with bends: its vertices from end to end, and how far below their tops it leaves and arrives."""

    chain: Sequence[int]
    leaves: float
    arrives: float


@dataclass(frozen=True, slots=True)
class Columns:
    """What is to be placed; vertices are numbers, and all lists but the first and the last go by them.

    Attributes:
        columns: Vertices from left to right, from top to bottom.
        room: Height of each vertex.
        gap: Half of the distance that each vertex keeps.
        to_left: Pieces of links to the column on the left.
        to_right: Pieces of links to the column on the right.
        lines: Links with bends.
    """

    columns: Sequence[Sequence[int]]
    room: Sequence[float]
    gap: Sequence[float]
    to_left: Sequence[Sequence[Pull]]
    to_right: Sequence[Sequence[Pull]]
    lines: Sequence[Line]


def settle(layout: Columns) -> list[float]:
    """Return the top of each vertex; in a column none comes nearer to the next than both their gaps.

    Columns are placed again and again, each where its links are as level as they can be while all others
    stay. Then the steps are taken out of long links, and all else is placed once more around them.
    """
    tops = _stacked(layout)
    firm = [_LOOSE] * len(tops)
    _sweep(layout, tops, firm)
    _level(layout, tops)
    for line in layout.lines:
        for bend in line.chain[1:-1]:
            firm[bend] = _FAST
    _sweep(layout, tops, firm)
    _level(layout, tops)
    return tops


def _stacked(layout: Columns) -> list[float]:
    tops = [0.0] * len(layout.room)
    for column in layout.columns:
        height = -sum(layout.room[vertex] + 2 * layout.gap[vertex] for vertex in column) / 2
        for vertex in column:
            tops[vertex] = height + layout.gap[vertex]
            height += layout.room[vertex] + 2 * layout.gap[vertex]
    return tops


def _sweep(layout: Columns, tops: list[float], firm: Sequence[float]) -> None:
    sweeps = max(_FEWEST_SWEEPS, min(_MOST_SWEEPS, _WORK // (len(tops) + 1)))
    for sweep in range(sweeps):
        leftwards = sweep % 2 == 1
        sides = [layout.to_right if leftwards else layout.to_left]
        if sweep >= sweeps // 2:
            sides = [layout.to_left, layout.to_right]
        for column in reversed(layout.columns) if leftwards else layout.columns:
            _place(layout, column, tops, firm, sides)


def _place(
    layout: Columns,
    column: Sequence[int],
    tops: list[float],
    firm: Sequence[float],
    sides: Sequence[Sequence[Sequence[Pull]]],
) -> None:
    """Place one column: the least sum of squares under its order.

    Shifted by the room above, the heights must not fall from top to bottom; pooling neighbours that would
    solves that exactly, in linear time.
    """
    shifts: list[float] = []
    blocks: list[tuple[float, float, int]] = []  # wished height, weight, how many vertices
    below = 0.0
    for number, vertex in enumerate(column):
        below += layout.gap[vertex] if number else 0.0
        shifts.append(below)
        below += layout.room[vertex] + layout.gap[vertex]
        wish, weight = _wish(vertex, tops, firm[vertex], sides)
        block = (wish - shifts[-1], weight, 1)
        while blocks and blocks[-1][0] >= block[0]:
            above = blocks.pop()
            both = above[1] + block[1]
            block = ((above[0] * above[1] + block[0] * block[1]) / both, both, above[2] + block[2])
        blocks.append(block)
    at = 0
    for height, _, count in blocks:
        for vertex, shift in zip(column[at : at + count], shifts[at : at + count], strict=True):
            tops[vertex] = height + shift
        at += count


def _wish(
    vertex: int, tops: Sequence[float], firm: float, sides: Sequence[Sequence[Sequence[Pull]]]
) -> tuple[float, float]:
    total, weight = tops[vertex] * firm, firm
    for pulls in sides:
        for pull in pulls[vertex]:
            total += (tops[pull.other] + pull.offset) * pull.weight
            weight += pull.weight
    return total / weight, weight


def _level(layout: Columns, tops: list[float]) -> None:
    """Put the bends of each line on one height, as far as others leave room."""
    above: dict[int, int] = {}
    under: dict[int, int] = {}
    for column in layout.columns:
        for upper, lower in pairwise(column):
            above[lower], under[upper] = upper, lower
    for _ in range(_ROUNDS):
        for line in layout.lines:
            wishes = tops[line.chain[0]] + line.leaves, tops[line.chain[-1]] + line.arrives
            run: list[int] = []
            low, high = -inf, inf
            for bend in line.chain[1:-1]:
                least, most = _between(layout, tops, bend, above.get(bend), under.get(bend))
                if run and max(low, least) > min(high, most):
                    _put(run, tops, (low, high), wishes)
                    run, low, high = [], -inf, inf
                run.append(bend)
                low, high = max(low, least), min(high, most)
            _put(run, tops, (low, high), wishes)


def _between(
    layout: Columns, tops: Sequence[float], bend: int, upper: int | None, lower: int | None
) -> tuple[float, float]:
    """Return the heights between which a bend may move while its neighbours stay."""
    gap = layout.gap
    return (
        -inf if upper is None else tops[upper] + layout.room[upper] + gap[upper] + gap[bend],
        inf if lower is None else tops[lower] - gap[lower] - gap[bend],
    )


def _put(run: Sequence[int], tops: list[float], bounds: tuple[float, float], wishes: Sequence[float]) -> None:
    """Put the bends at the height, of those allowed, that is nearest to one end of their line."""
    low, high = bounds
    allowed = [(abs(min(max(wish, low), high) - wish), min(max(wish, low), high)) for wish in wishes]
    for bend in run:
        tops[bend] = min(allowed)[1]
