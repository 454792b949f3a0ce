"""The compiled graph: everything the planner asks for, by number of node, slot and pin.

A node's number is its position in the graph's list of nodes, a slot's number its position in the order of
pin and path, an output pin's number its position among the block's outputs. A plan is immutable and shared
by all executions of a version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from weft.sdk.paths import Path, PinPath

SEMANTICS = 1
"""The rules that this planner follows; an execution keeps the number it began with."""

ERROR_PIN = "error"
RESULT_PIN = "result"


class Kind(IntEnum):
    """What a node is to the planner."""

    STANDARD = 0
    INPUT = 1
    OUTPUT = 2
    NOTE = 3
    COLLECT = 4


class Mode(IntEnum):
    """How values that reach a node's slots become firings."""

    NONE = 0
    """No slots: fires once at the start, or never (notes, inputs)."""
    DIRECT = 1
    """One slot that takes each value alone."""
    ZIP = 2
    """Several slots, first in, first out; some may lend their latest value."""
    JOIN = 3
    """As ZIP, with slots paired by item or items carried on."""
    ALL_STATIC = 4
    """Only static slots, more than one: firing k takes the k-th value of each."""
    COLLECT = 5
    """At least one slot that takes everything: fires once, when all sources are quiet."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One (input pin, path) of a node that has links; `links` are positions in the graph, in file order."""

    pin: str
    path: Path
    links: tuple[int, ...]
    static: bool = False
    collecting: bool = False

    def __str__(self) -> str:
        return str(PinPath(self.pin, self.path))


class Route(NamedTuple):
    """Where an emission on a pin goes: one link.

    `order` is the position among the pin's routes (its bit in a skip mask), `lane` the link's position
    among the links of the slot, `via` the number that goes into the reference. `carry` says which items
    travel with the value: positions in the source's layout, -1 for the item that the emission itself opens;
    `None` for nothing.
    """

    sink: int
    slot: int
    link: int
    order: int
    lane: int
    via: int
    carry: tuple[int, ...] | None


class Stage(NamedTuple):
    """One step of a join: what came so far meets the values of one more slot on equal items.

    `left` and `right` are the positions of the common streams in either layout, `extra` those of the right
    layout that the left one lacks.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    extra: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JoinClass:
    """Slots of a node that are paired by item; one slot and no stage where nothing is shared."""

    slots: tuple[int, ...]
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class PinName:
    """A pin of a node, for messages: the node's position, the slot's name, and why it is named."""

    node: int
    slot: int
    pin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A graph made ready to run; see the module's text for the numbers.

    Attributes:
        kinds: A `Kind` per node.
        modes: A `Mode` per node.
        slots: Per node, its slots.
        out_pins: Per node, the numbers of its output pins by name, `error` included.
        pin_names: Per node, the names of its output pins by number.
        routes: Per node and output pin, the links that leave it.
        fanouts: Per node and output pin, the sinks, if every route feeds a `DIRECT` node and carries nothing.
        error_pins: Per node, the number of its `error` pin.
        error_linked: Whether an error of the node has somewhere to go.
        input_pins: Per node, the pin on which an INPUT's value leaves.
        replayable: Whether the node's emissions are delivered while it runs (its effect is `pure`).
        ordered: Whether the node delivers in the order of its firings.
        many: Per node and output pin, whether a firing may emit on it more than once.
        opens: Per node and output pin, whether items of this stream are asked for downstream.
        layouts: Per node, how many streams' items its firings carry.
        classes: Per node, the classes of its consuming slots, in order.
        class_of: Per node and slot, `(class, position in it)`; `(-1, -1)` for slots that lend or collect.
        inherit: Per node, `(class, position)` in its classes' items for each stream of its layout.
        lends: Per node, the static slots that lend their latest value.
        simple: Whether each input of the node's firings has no other holder (see `Planner.releasable`).
        sources: Per node, how many links must become quiet before it can.
        quiet_sinks: Per node, `(sink, slot)` for each link whose sink asks whether its sources are quiet.
        watched: Whether anybody downstream, or the node itself, asks when it is quiet.
        begins: Whether a stream reaches the node, so that it may stand in for an empty one.
        depths: Per node, the length of the longest way that leads to it.
        topological: All nodes, sources first.
        entries: Nodes that fire at the start, in order.
        inputs: INPUT nodes, in order.
        slot_links: Per node and slot, link position by `(source node, source pin, via)`.
        link_sources: Per link, `(node, pin)`.
        order_dependent: Slots whose values depend on timing; graphs without one give the same result in
            every run.
        semantics: The number of the rules.
    """

    kinds: bytes
    modes: bytes
    slots: tuple[tuple[Slot, ...], ...]
    out_pins: tuple[Mapping[str, int], ...]
    pin_names: tuple[tuple[str, ...], ...]
    routes: tuple[tuple[tuple[Route, ...], ...], ...]
    fanouts: tuple[tuple[tuple[int, ...] | None, ...], ...]
    error_pins: tuple[int, ...]
    error_linked: tuple[bool, ...]
    input_pins: tuple[int, ...]
    replayable: tuple[bool, ...]
    ordered: tuple[bool, ...]
    many: tuple[tuple[bool, ...], ...]
    opens: tuple[tuple[bool, ...], ...]
    layouts: tuple[int, ...]
    classes: tuple[tuple[JoinClass, ...], ...]
    class_of: tuple[tuple[tuple[int, int], ...], ...]
    inherit: tuple[tuple[tuple[int, int], ...], ...]
    lends: tuple[tuple[int, ...], ...]
    simple: tuple[bool, ...]
    sources: tuple[int, ...]
    quiet_sinks: tuple[tuple[tuple[int, int], ...], ...]
    watched: tuple[bool, ...]
    begins: tuple[bool, ...]
    depths: tuple[int, ...]
    topological: tuple[int, ...]
    entries: tuple[int, ...]
    inputs: tuple[int, ...]
    slot_links: tuple[tuple[Mapping[tuple[int, int, int], int], ...], ...]
    link_sources: tuple[tuple[int, int], ...]
    order_dependent: tuple[PinName, ...]
    semantics: int = SEMANTICS

    def link_of(self, sink: int, slot: int, source: int, pin: int, via: int = 0) -> int:
        """Return the position of the link that brought a value of `source`'s pin to a slot of `sink`.

        The runner needs it where links address parts of a value; `via` is `via_of(ref)`.
        """
        return self.slot_links[sink][slot][source, pin, via]
