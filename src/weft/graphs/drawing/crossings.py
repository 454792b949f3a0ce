"""The order inside of columns: few crossings of links, found by sweeps that each look at two columns.

The method is the barycentre heuristic of Sugiyama, Tagawa and Toda (1981).
"""

from itertools import pairwise

from weft.graphs.drawing.layers import Layering

_MOST_SWEEPS = 24
_WORK = 1_500_000
"""Ends of links looked at in all: large graphs get fewer sweeps, so that time stays linear."""
_PATIENCE = 6


def untangle(layering: Layering) -> list[list[int]]:
    """Return the columns, reordered; the same graph always gives the same order."""
    columns = [list(column) for column in layering.columns]
    size = 1 + sum(len(sinks) for sinks in layering.right)
    best, fewest, idle = columns, count_crossings(columns, layering), 0
    for sweep in range(max(2, min(_MOST_SWEEPS, _WORK // size))):
        if not fewest or idle >= _PATIENCE:
            break
        columns = [list(column) for column in columns]
        if sweep % 2 == 0:
            for at in range(1, len(columns)):
                _sort_by(columns[at], columns[at - 1], layering.left)
        else:
            for at in range(len(columns) - 2, -1, -1):
                _sort_by(columns[at], columns[at + 1], layering.right)
        crossings = count_crossings(columns, layering)
        idle = 0 if crossings < fewest else idle + 1
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _sort_by(column: list[int], fixed: list[int], neighbours: list[list[int]]) -> None:
    """Put each vertex near the mean place of its neighbours; those without any keep their place."""
    place = {vertex: at for at, vertex in enumerate(fixed)}
    centres = {
        vertex: sum(place[other] for other in neighbours[vertex]) / len(neighbours[vertex])
        for vertex in column
        if neighbours[vertex]
    }
    ordered = iter(sorted(centres, key=centres.__getitem__))
    column[:] = [next(ordered) if vertex in centres else vertex for vertex in column]


def count_crossings(columns: list[list[int]], layering: Layering) -> int:
    """Return how many pairs of links cross between neighbouring columns."""
    total = 0
    for fixed, column in pairwise(columns):
        place = {vertex: at for at, vertex in enumerate(column)}
        ends = [end for vertex in fixed for end in sorted(place[sink] for sink in layering.right[vertex])]
        total += _inversions(ends, len(column))
    return total


def _inversions(numbers: list[int], size: int) -> int:
    """Return how many pairs stand in the wrong order, with a Fenwick tree over the numbers below `size`."""
    tree = [0] * (size + 1)
    found = 0
    for seen, number in enumerate(numbers):
        at, not_larger = number + 1, 0
        while at:
            not_larger += tree[at]
            at &= at - 1
        found += seen - not_larger
        at = number + 1
        while at <= size:
            tree[at] += 1
            at += at & -at
    return found
