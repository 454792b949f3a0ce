"""Graphs inside the file of a graph that runs them: under which keys they stand."""

from collections.abc import Callable, Hashable, Iterable
from itertools import count
from typing import TypeVar
from uuid import UUID

LONGEST_ID = 64
"""Characters of an id in a file, be it a node's, a link's or a sub-graph's."""

Graph = TypeVar("Graph", bound=Hashable)


def slug(text: str) -> str:
    """Return the words of a text in small letters with hyphens between, short enough to be numbered; maybe empty."""
    words = "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()
    return "-".join(words)[: LONGEST_ID - 8].rstrip("-")


def is_id(text: str) -> bool:
    """Whether the text reads as the id of a saved graph, which no key of a file does."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def keys_of_sub_graphs(
    root: Graph, called: Callable[[Graph], Iterable[Graph]], name: Callable[[Graph], str]
) -> dict[Graph, str]:
    """Return a key for each graph that `root` runs, directly or through others, in order of first appearance.

    Keys come from names, so equal graphs give equal files: first those that `root` itself runs, then those that
    these run, level by level.

    Args:
        root: The graph of the file, which gets no key.
        called: Returns what a graph runs, in the order of its nodes.
        name: Returns what a graph is called.
    """
    keys: dict[Graph, str] = {}
    taken: set[str] = set()
    waiting = [root]
    for graph in waiting:
        for one in called(graph):
            if one != root and one not in keys:
                keys[one] = _free(slug(name(one)), taken)
                taken.add(keys[one])
                waiting.append(one)
    return keys


def _free(wanted: str, taken: set[str]) -> str:
    base = f"graph-{wanted}" if is_id(wanted) else wanted or "graph"
    names = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)
