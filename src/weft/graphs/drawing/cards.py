"""What is written on the card of each node, and how large that makes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weft.graphs.drawing.states import NodeState
from weft.graphs.drawing.text import clean, fit, text_width, wrap
from weft.graphs.indexed import IndexedGraph
from weft.graphs.types import Link
from weft.sdk.kinds import BlockType

TITLE_SIZE, SMALL_SIZE = 13.0, 11.0
PAD = 14.0
HEADER = 50.0
HEADER_INDENT = 22.0
ROW = 20.0
LINE = 16.0
_BELOW_PINS = 8.0
STATE = 26.0
_WIDEST, _NARROWEST = 264.0, 132.0
_BETWEEN_PINS = 20.0
_ICON = 20.0
_NOTE_LINES = 6
_REASON_LINES = 3
_NOTE_TEXT = "text"


@dataclass(slots=True)
class Card:
    """One node, ready to be drawn; `x` and `y` are its upper left corner.

    Attributes:
        family: Under which colour it is drawn: `input`, `output`, `note`, or what its block's id begins with.
        known: The block is installed.
        inputs: Pins that links fill, with the part of the value that they fill, and the row of each.
        outputs: Pins that links begin at.
        note: Lines of a note.
        reason: Lines that say why the node failed, waits or never ran.
        hint: What a viewer shows when the pointer rests on the card.
    """

    node_id: str
    title: str
    subtitle: str
    family: str
    known: bool
    inputs: dict[str, int]
    outputs: dict[str, int]
    state: NodeState | None
    hint: str
    note: list[str] = field(default_factory=list)
    reason: list[str] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0

    def input_height(self, pin: str) -> float:
        """Return how far below the card's upper edge a link arrives."""
        return HEADER + ROW * (self.inputs[pin] + 0.5)

    def output_height(self, pin: str) -> float:
        """Return how far below the card's upper edge a link leaves."""
        return HEADER + ROW * (self.outputs[pin] + 0.5)

    @property
    def pin_rows(self) -> int:
        """Return how many rows its pins take."""
        return max(len(self.inputs), len(self.outputs))


def make_cards(graph: IndexedGraph, links: Iterable[Link], states: Mapping[str, NodeState]) -> list[Card]:
    """Return a card for each node, in the order of the document, with its size."""
    inputs: dict[str, dict[str, None]] = {}
    outputs: dict[str, dict[str, None]] = {}
    for link in links:
        inputs.setdefault(link.sink_id, {})[link.sink_name] = None
        outputs.setdefault(link.source_id, {})[link.source_name] = None
    return [
        _card(graph, node_id, rows(inputs.get(node_id, ())), rows(outputs.get(node_id, ())), states.get(node_id))
        for node_id in graph.nodes
    ]


def rows(pins: Iterable[str]) -> dict[str, int]:
    """Return the row of each pin when they stand in this order."""
    return {pin: row for row, pin in enumerate(pins)}


def _card(
    graph: IndexedGraph, node_id: str, inputs: dict[str, int], outputs: dict[str, int], state: NodeState | None
) -> Card:
    node, spec = graph.nodes[node_id], graph.specs.get(node_id)
    title = clean(node.label) or node_id
    card = Card(
        node_id=node_id,
        title=title,
        subtitle=clean(node.block_id) if spec is None else spec.name,
        family=family_of(graph, node_id),
        known=spec is not None,
        inputs=inputs,
        outputs=outputs,
        state=state,
        hint=_hint(graph, node_id, title, state),
    )
    _measure(card)
    text = node.input_default.get(_NOTE_TEXT)
    if not graph.runs(node_id) and isinstance(text, str):
        card.width = _WIDEST
        card.note = wrap(clean(text), card.width - 2 * PAD, SMALL_SIZE, lines=_NOTE_LINES)
        card.height += LINE * len(card.note)
    return card


def _measure(card: Card) -> None:
    needed = [
        text_width(card.title, TITLE_SIZE, bold=True) + HEADER_INDENT - PAD,
        text_width(card.subtitle, SMALL_SIZE)
        + HEADER_INDENT
        - PAD
        + (0 if card.known else text_width(UNKNOWN, SMALL_SIZE)),
        _widest(card.inputs) + _widest(card.outputs) + (_BETWEEN_PINS if card.inputs and card.outputs else 0),
    ]
    if card.state is not None:
        needed.append(text_width(card.state.words, SMALL_SIZE) + _ICON)
        needed.append(text_width(card.state.reason, SMALL_SIZE))
    resize(card, min(max(needed) + 2 * PAD, _WIDEST))


UNKNOWN = " · not installed"
"""What is said of a block that the catalog does not have."""


def resize(card: Card, width: float) -> None:
    """Give a card another width; its height follows from what has to be wrapped."""
    card.width = max(width, _NARROWEST)
    card.height = HEADER + (ROW * card.pin_rows + _BELOW_PINS if card.pin_rows else 0)
    if card.state is not None:
        room = card.width - 2 * PAD
        card.reason = wrap(card.state.reason, room, SMALL_SIZE, lines=_REASON_LINES)
        card.height += STATE + LINE * len(card.reason)


def _widest(pins: Iterable[str]) -> float:
    return max((text_width(clean(pin), SMALL_SIZE) for pin in pins), default=0.0)


def pin_texts(card: Card) -> tuple[list[str], list[str]]:
    """Return what is written beside the inputs and outputs, cut so that the two never meet."""
    room = card.width - 2 * PAD
    if not (card.inputs and card.outputs):
        return (
            [fit(clean(pin), room, SMALL_SIZE) for pin in card.inputs],
            [fit(clean(pin), room, SMALL_SIZE) for pin in card.outputs],
        )
    room -= _BETWEEN_PINS
    left, right = _widest(card.inputs), _widest(card.outputs)
    if left + right > room:
        # The shorter side keeps what it needs, up to a half.
        left, right = (left, room - left) if left <= room / 2 else (max(room - right, room / 2), min(right, room / 2))
    return (
        [fit(clean(pin), left, SMALL_SIZE) for pin in card.inputs],
        [fit(clean(pin), right, SMALL_SIZE) for pin in card.outputs],
    )


def family_of(graph: IndexedGraph, node_id: str) -> str:
    """Return under which colour a node is drawn."""
    if not graph.runs(node_id):
        return "note"
    for kind in (BlockType.INPUT, BlockType.OUTPUT):
        if graph.is_type(node_id, kind):
            return str(kind)
    return graph.nodes[node_id].block_id.partition(".")[0]


def _hint(graph: IndexedGraph, node_id: str, title: str, state: NodeState | None) -> str:
    spec, block_id = graph.specs.get(node_id), clean(graph.nodes[node_id].block_id)
    lines = [title, block_id if spec is None else f"{spec.name} ({block_id})", f"id: {clean(node_id)}"]
    if state is not None:
        lines.append(f"{state.words}: {state.reason}" if state.reason else state.words)
    return "\n".join(lines)
