"""Places that the author gave to nodes: kept where somebody chose them and no card covers another."""

from collections.abc import Sequence
from itertools import product

from weft.graphs.drawing.cards import Card
from weft.graphs.drawing.layout import LOOP, Ends, Wire, direct_wire, sort_pins
from weft.graphs.indexed import IndexedGraph
from weft.graphs.nodes import read_position
from weft.graphs.types import Link
from weft.sdk.layout import arrange

_GAP_X, _GAP_Y = 48.0, 24.0
_LEAST_SCALE, _LARGEST_SCALE = 0.4, 2.5
_WORK = 1_000_000
"""Cards looked at in all for links that lead backwards; what is left crosses over half way."""
_CLEAR = 16.0
_FARTHEST = 1_000_000.0
_MOST_PAIRS = 300_000
"""Near cards are compared two by two; where more are near each other, nobody placed them with care."""


def use_own_places(
    graph: IndexedGraph, cards: Sequence[Card], links: Sequence[Link], ends: Sequence[Ends]
) -> list[Wire] | None:
    """Place the cards as the file says, drawn together or apart, and return the way of each link.

    None, and nothing placed: a node has no place, two have the same, the places are those that
    programs give, or cards would cover each other.
    """
    places = _chosen(graph)
    scale = None if places is None else _scale(cards, places)
    if places is None or scale is None:
        return None
    for card, (x, y) in zip(cards, places, strict=True):
        card.x, card.y = x * scale, y * scale
    sort_pins(
        cards,
        links,
        ends,
        after=[cards[sink].y for _, sink in ends],
        before=[cards[source].y for source, _ in ends],
    )
    wires = [
        direct_wire(at, link, cards[source], cards[sink])
        for at, (link, (source, sink)) in enumerate(zip(links, ends, strict=True))
    ]
    back = [wire for wire in wires if wire.stops[0][0] >= wire.stops[-1][0]]
    for number, wire in enumerate(back):
        (right, _, start), (left, _, end) = wire.stops
        wire.back_at = (start + end) / 2
        if number * len(cards) < _WORK:
            wire.back_at = _free_height(cards, left - LOOP, right + LOOP, wish=wire.back_at)
    return wires


def _free_height(cards: Sequence[Card], left: float, right: float, *, wish: float) -> float:
    """Return the height nearest to the wished one at which no card is in the way."""
    taken = sorted((card.y, card.y + card.height) for card in cards if card.x < right and card.x + card.width > left)
    heights, low = [taken[0][0] - LOOP], taken[0][1]
    for top, bottom in taken:
        if top - low >= _CLEAR:
            heights.append((low + top) / 2)
        low = max(low, bottom)
    return min([*heights, low + LOOP], key=lambda height: abs(height - wish))


def _chosen(graph: IndexedGraph) -> list[tuple[float, float]] | None:
    places = []
    for node in graph.nodes.values():
        position = read_position(node)
        if position is None or max(abs(position.x), abs(position.y)) > _FARTHEST:
            return None
        places.append((position.x, position.y))
    if len(set(places)) < len(places):
        return None
    pairs = [(link.source_id, link.sink_id) for _, link in graph.sound_links]
    made = arrange(list(graph.nodes), pairs)
    return None if places == [made[node_id] for node_id in graph.nodes] else places


def _scale(cards: Sequence[Card], places: Sequence[tuple[float, float]]) -> float | None:
    """Return the least scale at which no card comes near another; None if there is none worth taking."""
    reach_x = (max(card.width for card in cards) + _GAP_X) / _LEAST_SCALE
    reach_y = (max(card.height for card in cards) + _GAP_Y) / _LEAST_SCALE
    cells: dict[tuple[int, int], list[int]] = {}
    for at, (x, y) in enumerate(places):
        cells.setdefault((int(x // reach_x), int(y // reach_y)), []).append(at)
    scale, pairs = _LEAST_SCALE, 0
    for (column, row), inside in cells.items():
        near = [at for dx, dy in product((-1, 0, 1), repeat=2) for at in cells.get((column + dx, row + dy), ())]
        pairs += len(inside) * len(near)
        if pairs > _MOST_PAIRS:
            return None
        for one, other in product(inside, near):
            if places[one] < places[other]:
                scale = max(scale, _needed(cards[one], places[one], cards[other], places[other]))
    return scale if scale <= _LARGEST_SCALE else None


def _needed(one: Card, at: tuple[float, float], other: Card, there: tuple[float, float]) -> float:
    """Return the scale from which on two cards stand beside or below each other; `at` is left of `there`."""
    dx, dy = there[0] - at[0], there[1] - at[1]
    upper = one if dy >= 0 else other
    beside = (one.width + _GAP_X) / dx if dx else float("inf")
    apart = (upper.height + _GAP_Y) / abs(dy) if dy else float("inf")
    return min(beside, apart)
