"""A graph as one SVG file: no scripts, no fonts, nothing to fetch; readable aloud."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weft.graphs.drawing.cards import (
    HEADER,
    HEADER_INDENT,
    LINE,
    PAD,
    ROW,
    SMALL_SIZE,
    STATE,
    TITLE_SIZE,
    UNKNOWN,
    Card,
    make_cards,
    pin_texts,
)
from weft.graphs.drawing.colours import Theme, hue_of, style_sheet
from weft.graphs.drawing.layout import Ends, Wire, lay_out
from weft.graphs.drawing.links import is_error, number, path_of
from weft.graphs.drawing.own_places import use_own_places
from weft.graphs.drawing.packing import box_around
from weft.graphs.drawing.run import Run
from weft.graphs.drawing.states import STAGES, NodeState, Stage, read_states, run_words
from weft.graphs.drawing.text import clean, escape, fit, text_width, wrap
from weft.graphs.drawing.words import describe
from weft.graphs.indexed import IndexedGraph, index_graph
from weft.graphs.types import GraphContent, Link
from weft.sdk.catalog import Catalog
from weft.sdk.kinds import BlockType

_MARGIN = 28.0
_NARROWEST = 360.0
_NAME_SIZE = 18.0
_NAME_LINE = 26.0
_HEAD_GAP = 22.0
_DESCRIPTION_LINES = 3
_LONGEST_LINE = 640.0
_RADIUS = 10
_PIN_RADIUS = 4
_LEGEND = 34.0
_SAMPLE = 26.0
_SIGNS = {
    Stage.COMPLETED: "m1 5.5 3 3 5-6.5",
    Stage.FAILED: "m2 2 6 6m0-6-6 6",
    Stage.RUNNING: "m3 1.5 5.5 3.5-5.5 3.5z",
    Stage.WAITING: "m3.5 1.5v7m3-7v7",
    Stage.CANCELLED: "m2 2h6v6h-6z",
    Stage.IDLE: "m1.5 5h7",
}
_CLASSES = re.compile(r'class="([^"]*)"')


@dataclass(slots=True)
class _Picture:
    """Everything that is drawn, in its place; `width` and `height` are of the part below the heading."""

    graph: IndexedGraph
    links: list[Link]
    cards: list[Card]
    ends: list[Ends]
    wires: list[Wire]
    states: Mapping[str, NodeState]
    run: Run | None
    width: float
    height: float


def draw_svg(content: GraphContent, catalog: Catalog, *, run: Run | None = None, theme: Theme = Theme.AUTO) -> str:
    """Return a picture of the graph as an SVG document, the same text for the same graph.

    Nodes stand where their author put them if each has a place of its own, else in columns from left to
    right. Values of nodes are not shown, but for the text of notes.

    Args:
        content: What to draw. It need not be sound: links of nodes that are not there are left out.
        catalog: The blocks there are; nodes of others say so.
        run: Draw how far this run of the graph is.
        theme: For a light or a dark page; by itself the picture follows what its viewer prefers.
    """
    picture = _arranged(index_graph(content, catalog), catalog, run)
    heading, top = _heading(picture)
    body = [
        f'<g transform="translate({number(_MARGIN)} {number(top)})">',
        *(_wire(picture, wire) for wire in picture.wires),
        *(part for card in picture.cards for part in _card(card)),
        "</g>",
    ]
    legend, legend_height = _legend(picture, top + picture.height)
    width = number(max(picture.width, _NARROWEST) + 2 * _MARGIN)
    height = number(top + picture.height + legend_height + _MARGIN)
    page = f'<rect class="page" width="{width}" height="{height}" rx="12"/>'
    drawn = "\n".join([page, *heading, *body, *legend])
    style = style_sheet(theme, " ".join(_CLASSES.findall(drawn)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="weft-{theme}" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">\n'
        f"<title>{escape(clean(content.name))}</title>\n"
        f"<desc>{escape(describe(picture.graph, picture.links, run, picture.states))}</desc>\n"
        f"<style>{style}</style>\n{drawn}\n</svg>\n"
    )


def _arranged(graph: IndexedGraph, catalog: Catalog, run: Run | None) -> _Picture:
    states = {} if run is None else read_states(graph, catalog, run)
    links = [link for _, link in graph.sound_links]
    cards = make_cards(graph, links, states)
    places = {card.node_id: at for at, card in enumerate(cards)}
    ends = [(places[link.source_id], places[link.sink_id]) for link in links]
    wires = use_own_places(graph, cards, links, ends)
    if wires is None:
        inputs = (places[node_id] for node_id in graph.nodes if graph.is_type(node_id, BlockType.INPUT))
        wires = lay_out(cards, links, ends, frozenset(inputs))
    left, top, right, bottom = box_around(cards, wires)
    for card in cards:
        card.x, card.y = card.x - left, card.y - top
    for wire in wires:
        wire.move(-left, -top)
    return _Picture(graph, links, cards, ends, wires, states, run, right - left, bottom - top)


def _text(x: float, y: float, text: str, classes: str) -> str:
    return f'<text class="{classes}" x="{number(x)}" y="{number(y)}">{escape(text)}</text>'


def _sign(x: float, y: float, stage: Stage) -> str:
    return f'<path class="sign {stage}" d="M{number(x)} {number(y)}{_SIGNS[stage]}"/>'


def _heading(picture: _Picture) -> tuple[list[str], float]:
    """Return name, description and state of the run, and where the graph itself begins."""
    content, run = picture.graph.content, picture.run
    room = max(picture.width, _NARROWEST)
    y = _MARGIN + _NAME_SIZE
    name = fit(clean(content.name), room, _NAME_SIZE, bold=True)
    parts = [_text(_MARGIN, y, name, "t name")]
    for line in wrap(clean(content.description or ""), min(room, _LONGEST_LINE), SMALL_SIZE, lines=_DESCRIPTION_LINES):
        y += LINE if len(parts) > 1 else LINE + 4
        parts.append(_text(_MARGIN, y, line, "s"))
    if run is not None:
        y += _NAME_LINE
        stage = STAGES.get(run.status, Stage.IDLE)
        parts.append(_sign(_MARGIN, y - 9, stage))
        parts.append(_text(_MARGIN + 16, y, run_words(run), f"t {stage}"))
    if not picture.cards:
        y += _NAME_LINE
        parts.append(_text(_MARGIN, y, "There are no nodes yet.", "s"))
    return parts, y + _HEAD_GAP


def _wire(picture: _Picture, wire: Wire) -> str:
    link = picture.links[wire.at]
    source, sink = (picture.cards[end] for end in picture.ends[wire.at])
    classes = ["wire", *_kinds(link)]
    if any(card.state is not None and card.state.stage is Stage.IDLE for card in (source, sink)):
        classes.append("unused")
    hint = f"{source.title}.{clean(link.source_name)} → {sink.title}.{clean(link.sink_name)}"
    return f'<path class="{" ".join(classes)}" d="{path_of(wire)}"><title>{escape(hint)}</title></path>'


def _kinds(link: Link) -> list[str]:
    kinds = ["error"] if is_error(link.source_name) else []
    return [*kinds, "static"] if link.is_static else kinds


def _card(card: Card) -> list[str]:
    x, y, stage = card.x, card.y, card.state.stage if card.state is not None else None
    kind = "note" if card.family == "note" else f"card {stage}" if stage is not None else "card"
    box = f'x="{number(x)}" y="{number(y)}" width="{number(card.width)}" height="{number(card.height)}"'
    bar = f'x="{number(x + 9)}" y="{number(y + 11)}" width="4" height="27" rx="2"'
    left = x + HEADER_INDENT
    room = card.width - HEADER_INDENT - PAD
    idle = stage is Stage.IDLE
    parts = [
        f"<g><title>{escape(card.hint)}</title>",
        f'<rect class="{kind}" {box} rx="{_RADIUS}"/>',
        f'<rect class="{Stage.IDLE if idle else f"h-{hue_of(card.family)}"}" {bar}/>',
        _text(left, y + 22, fit(card.title, room, TITLE_SIZE, bold=True), "t idle" if idle else "t"),
        _subtitle(card, left, y + 38, room),
        *(_text(x + PAD, y + HEADER + 10 + LINE * at, line, "s") for at, line in enumerate(card.note)),
        *_pins(card),
    ]
    if card.state is not None:
        parts += _state(card, card.state)
    return [*parts, "</g>"]


def _subtitle(card: Card, x: float, y: float, room: float) -> str:
    if card.known:
        return _text(x, y, fit(card.subtitle, room, SMALL_SIZE), "s")
    name = escape(fit(card.subtitle, room - text_width(UNKNOWN, SMALL_SIZE), SMALL_SIZE))
    return f'<text class="s" x="{number(x)}" y="{number(y)}">{name}<tspan class="bad">{escape(UNKNOWN)}</tspan></text>'


def _pins(card: Card) -> list[str]:
    parts: list[str] = []
    sides: Sequence[tuple[float, float, str, list[str], list[str]]] = (
        (card.x, card.x + PAD, "s", list(card.inputs), pin_texts(card)[0]),
        (card.x + card.width, card.x + card.width - PAD, "s end", list(card.outputs), pin_texts(card)[1]),
    )
    for edge, x, classes, names, texts in sides:
        for row, (name, text) in enumerate(zip(names, texts, strict=True)):
            y = card.y + HEADER + ROW * (row + 0.5)
            error = " error" if edge > card.x and is_error(name) else ""
            parts.append(_text(x, y + 4, text, classes))
            parts.append(f'<circle class="pin{error}" cx="{number(edge)}" cy="{number(y)}" r="{_PIN_RADIUS}"/>')
    return parts


def _state(card: Card, state: NodeState) -> list[str]:
    top = card.y + card.height - STATE - LINE * len(card.reason)
    left = card.x + PAD
    return [
        f'<path class="rule" d="M{number(card.x)} {number(top)}h{number(card.width)}"/>',
        _sign(left, top + 8, state.stage),
        _text(left + 16, top + 17, fit(state.words, card.width - 2 * PAD - 16, SMALL_SIZE), f"s {state.stage}"),
        *(_text(left, top + 17 + LINE * (at + 1), line, "s") for at, line in enumerate(card.reason)),
    ]


def _legend(picture: _Picture, y: float) -> tuple[list[str], float]:
    """Return what the looks of links mean, if any link looks otherwise than most."""
    entries = []
    if any(link.is_static for link in picture.links):
        entries.append(("wire static", "static: keeps its last value"))
    if any(is_error(link.source_name) for link in picture.links):
        entries.append(("wire error", "error: taken when the block fails"))
    if not entries:
        return [], 0.0
    y += _LEGEND
    x, parts = _MARGIN, []
    for classes, words in entries:
        parts.append(f'<path class="{classes}" d="M{number(x)} {number(y - 4)}h{number(_SAMPLE)}"/>')
        parts.append(_text(x + _SAMPLE + 8, y, words, "s"))
        x += _SAMPLE + 8 + text_width(words, SMALL_SIZE) + 20
    return parts, _LEGEND
