"""Columns for the nodes of a graph, and bends that lead long links through the columns between their ends.

Vertices are numbers: first the nodes, then the bends. Nothing recurses, and the number of bends is bounded, so
that a hostile graph costs no more than a large one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_BENDS = 20_000
"""Links that would need more are drawn straight across; the short ones get their bends first."""


@dataclass(frozen=True, slots=True)
class Layering:
    """Which vertices stand in which column, and how each link runs through them.

    Attributes:
        columns: Vertices from left to right, each column from top to bottom.
        chains: For each link its vertices from source to sink, bends between; None for a link that leads
            backwards, to its own node, or is too long for bends.
        left: For each vertex those that chains lead from, one column to the left.
        right: For each vertex those that chains lead to.
    """

    columns: list[list[int]]
    chains: list[list[int] | None]
    left: list[list[int]]
    right: list[list[int]]


def make_layers(count: int, links: Sequence[tuple[int, int]], *, first: Collection[int] = ()) -> Layering:
    """Return columns in which every link leads to the right, but for those that close a cycle.

    Args:
        count: How many nodes there are.
        links: Source and sink of each link.
        first: Nodes that stay in the first column if nothing leads to them; others stand close to what they
            lead to.
    """
    backward = _closing_links(count, links)
    forward = [at for at, (source, sink) in enumerate(links) if at not in backward and source != sink]
    ranks = _ranks(count, [links[at] for at in forward], first)
    chains: list[list[int] | None] = [None] * len(links)
    bends: list[int] = []
    for at in sorted(forward, key=lambda at: ranks[links[at][1]] - ranks[links[at][0]]):
        source, sink = links[at]
        between = range(ranks[source] + 1, ranks[sink])
        if len(bends) + len(between) > MOST_BENDS:
            break
        start = count + len(bends)
        chains[at] = [source, *range(start, start + len(between)), sink]
        bends.extend(between)
    columns: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for vertex, rank in enumerate([*ranks, *bends]):
        columns[rank].append(vertex)
    left: list[list[int]] = [[] for _ in range(count + len(bends))]
    right: list[list[int]] = [[] for _ in range(count + len(bends))]
    for chain in chains:
        for source, sink in pairwise(chain or ()):
            right[source].append(sink)
            left[sink].append(source)
    return Layering(columns, chains, left, right)


def _closing_links(count: int, links: Sequence[tuple[int, int]]) -> set[int]:
    """Return the places of links without which there is no cycle: those that lead back on a walk in depth."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for at, (source, _) in enumerate(links):
        leaving[source].append(at)
    closing: set[int] = set()
    fresh, open_, done = 0, 1, 2
    state = [fresh] * count
    for root in range(count):
        if state[root] != fresh:
            continue
        state[root] = open_
        trail = [(root, iter(leaving[root]))]
        while trail:
            node, rest = trail[-1]
            for at in rest:
                sink = links[at][1]
                if state[sink] == open_:
                    closing.add(at)
                elif state[sink] == fresh:
                    state[sink] = open_
                    trail.append((sink, iter(leaving[sink])))
                    break
            else:
                state[node] = done
                trail.pop()
    return closing


def _ranks(count: int, links: Sequence[tuple[int, int]], first: Collection[int]) -> list[int]:
    """Return the column of each node: behind all it depends on, then as far right as makes links shorter."""
    sources: list[list[int]] = [[] for _ in range(count)]
    sinks: list[list[int]] = [[] for _ in range(count)]
    for source, sink in links:
        sinks[source].append(sink)
        sources[sink].append(source)
    missing = [len(of_node) for of_node in sources]
    order = [node for node in range(count) if not missing[node]]
    ranks = [0] * count
    for node in order:  # grows while it is walked
        for sink in sinks[node]:
            ranks[sink] = max(ranks[sink], ranks[node] + 1)
            missing[sink] -= 1
            if not missing[sink]:
                order.append(sink)
    staying = frozenset(first)
    for node in reversed(order):
        if sinks[node] and node not in staying and len(sinks[node]) > len(sources[node]):
            ranks[node] = min(ranks[sink] for sink in sinks[node]) - 1
    return ranks
