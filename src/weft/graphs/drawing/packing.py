"""Parts of a picture that hang together, and how they are put beside and below each other."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from weft.graphs.drawing.cards import Card

_BETWEEN = 48.0
_ASPECT = 1.8
"""Wished width by height of a picture of many parts."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


class Movable(Protocol):
    """A thing with a place."""

    def move(self, dx: float, dy: float) -> None:
        """Move all of it."""
        ...

    def box(self) -> Box:
        """Return how far it reaches."""
        ...


def components(count: int, ends: Sequence[tuple[int, int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the nodes that links hold together, and the places of those links; larger parts first."""
    parent = list(range(count))
    for source, sink in ends:
        one, other = _root(parent, source), _root(parent, sink)
        parent[max(one, other)] = min(one, other)
    members: dict[int, list[int]] = {}
    inside: dict[int, list[int]] = {}
    for node in range(count):
        members.setdefault(_root(parent, node), []).append(node)
    for at, (source, _) in enumerate(ends):
        inside.setdefault(_root(parent, source), []).append(at)
    for root in sorted(members, key=lambda root: -len(members[root])):
        yield members[root], inside.get(root, [])


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def pack(parts: Sequence[tuple[Sequence[Card], Sequence[Movable]]]) -> None:
    """Put the parts on shelves, from left to right and from top to bottom, so that none touches another."""
    boxes = [box_around(cards, wires) for cards, wires in parts]
    area = sum((right - left + _BETWEEN) * (bottom - top + _BETWEEN) for left, top, right, bottom in boxes)
    widest = max((right - left for left, _, right, _ in boxes), default=0.0)
    shelf = max(widest, (area * _ASPECT) ** 0.5)
    x = y = tallest = 0.0
    for (cards, wires), (left, top, right, bottom) in zip(parts, boxes, strict=True):
        if x and x + right - left > shelf:
            x, y, tallest = 0.0, y + tallest + _BETWEEN, 0.0
        for card in cards:
            card.x += x - left
            card.y += y - top
        for wire in wires:
            wire.move(x - left, y - top)
        x += right - left + _BETWEEN
        tallest = max(tallest, bottom - top)


def box_around(cards: Sequence[Card], wires: Sequence[Movable]) -> Box:
    """Return how far cards and links reach; all zero if there are none."""
    boxes = [(card.x, card.y, card.x + card.width, card.y + card.height) for card in cards]
    boxes += [wire.box() for wire in wires]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True) if boxes else ((0.0,),) * 4
    return min(lefts), min(tops), max(rights), max(bottoms)
