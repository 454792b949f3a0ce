"""Where everything stands in a picture: cards in columns, or where the file says, and links between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from weft.graphs.drawing.cards import Card, resize, rows
from weft.graphs.drawing.crossings import untangle
from weft.graphs.drawing.heights import Columns, Line, Pull, settle
from weft.graphs.drawing.layers import Layering, make_layers
from weft.graphs.drawing.packing import components, pack
from weft.graphs.types import Link

Ends = tuple[int, int]
"""Source and sink of a link, as places in a list of cards."""

_GAP_CARD, _GAP_BEND = 14.0, 6.0
_PULL_BEND, _PULL_END, _PULL_DIRECT = 8.0, 3.0, 2.0
_NARROW_AISLE, _WIDE_AISLE, _STEEP = 64.0, 160.0, 0.2
_LOOP_STEP, _MOST_LOOPS = 16.0, 40

LOOP = 22.0
"""How far a link that leads backwards goes on before it turns."""


@dataclass(slots=True)
class Wire:
    """The way of one link: places that it passes, each as left end, right end and height.

    Attributes:
        at: Which of the links it is.
        back_at: The link leads backwards, and crosses over at this height.
    """

    at: int
    stops: list[tuple[float, float, float]] = field(default_factory=list)
    back_at: float | None = None

    def move(self, dx: float, dy: float) -> None:
        """Move all of it."""
        self.stops = [(left + dx, right + dx, height + dy) for left, right, height in self.stops]
        if self.back_at is not None:
            self.back_at += dy

    def box(self) -> tuple[float, float, float, float]:
        """Return how far it reaches: left, top, right and bottom."""
        loop = 0.0 if self.back_at is None else LOOP
        heights = [height for _, _, height in self.stops] + ([] if self.back_at is None else [self.back_at])
        lefts, rights = [left for left, _, _ in self.stops], [right for _, right, _ in self.stops]
        return min(lefts) - loop, min(heights), max(rights) + loop, max(heights)


def lay_out(cards: Sequence[Card], links: Sequence[Link], ends: Sequence[Ends], first: frozenset[int]) -> list[Wire]:
    """Place all cards in columns, linked nodes together, and return the way of each link.

    Args:
        cards: All nodes; `x` and `y` are set, and the width, so that columns have straight edges.
        links: What is between them.
        ends: For each link its two cards.
        first: Cards that belong into the first column.
    """
    wires: list[Wire] = []
    parts = []
    for members, inside in components(len(cards), ends):
        numbers = {card: at for at, card in enumerate(members)}
        part = _Part(
            [cards[at] for at in members],
            [links[at] for at in inside],
            [(numbers[ends[at][0]], numbers[ends[at][1]]) for at in inside],
        )
        drawn = part.draw([numbers[at] for at in members if at in first])
        for wire in drawn:
            wire.at = inside[wire.at]
        wires += drawn
        parts.append((part.cards, drawn))
    pack(parts)
    return wires


@dataclass(slots=True)
class _Part:
    """Cards that hang together, and their links; numbers are places in these lists."""

    cards: list[Card]
    links: list[Link]
    ends: list[Ends]

    def draw(self, first: Sequence[int]) -> list[Wire]:
        layering = make_layers(len(self.cards), self.ends, first=first)
        columns = untangle(layering)
        self._sort_pins(columns, layering)
        widths = []
        for column in columns:
            width = max((self.cards[at].width for at in column if at < len(self.cards)), default=0.0)
            for at in column:
                if at < len(self.cards) and not self.cards[at].note:
                    resize(self.cards[at], width)
            widths.append(width)
        tops = self._settle(columns, layering)
        heights = self._link_heights(layering, tops)
        lefts = _columns(columns, widths, layering, heights)
        for column, left in zip(columns, lefts, strict=True):
            for at in column:
                if at < len(self.cards):
                    self.cards[at].x, self.cards[at].y = left, tops[at]
        spans = {at: (lefts[n], lefts[n] + widths[n]) for n, column in enumerate(columns) for at in column}
        wires = []
        for at, (chain, at_heights) in enumerate(zip(layering.chains, heights, strict=True)):
            if chain is None:
                continue
            inner = [(*spans[v], height) for v, height in zip(chain[1:-1], at_heights[1:-1], strict=True)]
            start, end = spans[chain[0]][1], spans[chain[-1]][0]
            wires.append(Wire(at, [(start, start, at_heights[0]), *inner, (end, end, at_heights[-1])]))
        return wires + self._others(layering)

    def _sort_pins(self, columns: Sequence[Sequence[int]], layering: Layering) -> None:
        place = {vertex: float(at) for column in columns for at, vertex in enumerate(column)}
        after, before = [], []
        for chain, (source, sink) in zip(layering.chains, self.ends, strict=True):
            after.append(place[chain[1] if chain else sink])
            before.append(place[chain[-2] if chain else source])
        sort_pins(self.cards, self.links, self.ends, after=after, before=before)

    def _settle(self, columns: Sequence[Sequence[int]], layering: Layering) -> list[float]:
        count, size = len(self.cards), len(layering.left)
        room = [card.height for card in self.cards] + [0.0] * (size - count)
        gap = [_GAP_CARD] * count + [_GAP_BEND] * (size - count)
        to_left: list[list[Pull]] = [[] for _ in range(size)]
        to_right: list[list[Pull]] = [[] for _ in range(size)]
        lines: list[Line] = []
        for link, chain, ends in zip(self.links, layering.chains, self.ends, strict=True):
            if chain is None:
                continue
            down_source = self.cards[ends[0]].output_height(link.source_name)
            down_sink = self.cards[ends[1]].input_height(link.sink_name)
            if len(chain) > 2:
                lines.append(Line(chain, down_source, down_sink))
            for number, (source, sink) in enumerate(pairwise(chain)):
                lower = down_source if number == 0 else 0.0
                upper = down_sink if number == len(chain) - 2 else 0.0
                cards = (source < count) + (sink < count)
                weight = (_PULL_BEND, _PULL_END, _PULL_DIRECT)[cards]
                to_left[sink].append(Pull(source, lower - upper, weight))
                to_right[source].append(Pull(sink, upper - lower, weight))
        return settle(Columns(columns, room, gap, to_left, to_right, lines))

    def _link_heights(self, layering: Layering, tops: Sequence[float]) -> list[list[float]]:
        heights = []
        for link, chain, (source, sink) in zip(self.links, layering.chains, self.ends, strict=True):
            inner = [tops[vertex] for vertex in chain[1:-1]] if chain else []
            start = tops[source] + self.cards[source].output_height(link.source_name)
            end = tops[sink] + self.cards[sink].input_height(link.sink_name)
            heights.append([start, *inner, end])
        return heights

    def _others(self, layering: Layering) -> list[Wire]:
        """Return the ways of links without bends: straight across, or back below everything."""
        bottom = max(card.y + card.height for card in self.cards)
        wires: list[Wire] = []
        loops = 0
        for at, chain in enumerate(layering.chains):
            if chain is not None:
                continue
            wire = direct_wire(at, self.links[at], *(self.cards[end] for end in self.ends[at]))
            if wire.stops[0][0] >= wire.stops[-1][0]:
                loops += 1
                wire.back_at = bottom + _LOOP_STEP * (1 + loops % _MOST_LOOPS)
            wires.append(wire)
        return wires


def direct_wire(at: int, link: Link, source: Card, sink: Card) -> Wire:
    """Return the way of a link that goes from card to card in one curve."""
    right, left = source.x + source.width, sink.x
    start = (right, right, source.y + source.output_height(link.source_name))
    return Wire(at, [start, (left, left, sink.y + sink.input_height(link.sink_name))])


def sort_pins(
    cards: Sequence[Card],
    links: Sequence[Link],
    ends: Sequence[Ends],
    *,
    after: Sequence[float],
    before: Sequence[float],
) -> None:
    """Order the pins of each card so that links from it, and to it, do not cross.

    Args:
        cards: Their pins are reordered.
        links: What begins and ends at the pins.
        ends: For each link its two cards.
        after: For each link how far down it leads, when it leaves its source.
        before: For each link how far down it comes from, when it arrives at its sink.
    """
    leaving: dict[tuple[int, str], list[float]] = {}
    for link, (source, _), height in zip(links, ends, after, strict=True):
        leaving.setdefault((source, link.source_name), []).append(height)
    for at, card in enumerate(cards):
        card.outputs = rows(sorted(card.outputs, key=partial(_mean, leaving, at)))
    arriving: dict[tuple[int, str], list[float]] = {}
    for link, (source, sink), height in zip(links, ends, before, strict=True):
        row = cards[source].outputs[link.source_name]
        arriving.setdefault((sink, link.sink_name), []).append(height + row / 1000)
    for at, card in enumerate(cards):
        card.inputs = rows(sorted(card.inputs, key=partial(_mean, arriving, at)))


def _mean(heights: Mapping[tuple[int, str], Sequence[float]], card: int, pin: str) -> float:
    found = heights[card, pin]
    return sum(found) / len(found)


def _columns(
    columns: Sequence[Sequence[int]],
    widths: Sequence[float],
    layering: Layering,
    heights: Sequence[Sequence[float]],
) -> list[float]:
    """Return the left edge of each column; where links rise and fall steeply the aisle is wider."""
    rank = {vertex: number for number, column in enumerate(columns) for vertex in column}
    steepest = [0.0] * len(columns)
    for chain, of_link in zip(layering.chains, heights, strict=True):
        for vertex, (here, there) in zip(chain or (), pairwise(of_link), strict=False):
            steepest[rank[vertex]] = max(steepest[rank[vertex]], abs(there - here))
    lefts, left = [], 0.0
    for width, rise in zip(widths, steepest, strict=True):
        lefts.append(left)
        left += width + min(max(_NARROW_AISLE, _NARROW_AISLE / 2 + rise * _STEEP), _WIDE_AISLE)
    return lefts
