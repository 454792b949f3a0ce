"""Compile a graph into the plan that the planner runs: numbers for names, everything decided beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weft.errors import InvalidInput
from weft.executions.planning.facts import Facts, NodeFacts
from weft.executions.planning.model import (
    ERROR_PIN,
    RESULT_PIN,
    SEMANTICS,
    JoinClass,
    Kind,
    Mode,
    PinName,
    Plan,
    Route,
    Slot,
)
from weft.executions.planning.order import OrderAnalysis
from weft.executions.planning.streams import Streams, bits, find_streams, join_class
from weft.executions.planning.wiring import Wiring, wire
from weft.graphs.types import GraphContent

__all__ = [
    "ERROR_PIN",
    "RESULT_PIN",
    "SEMANTICS",
    "JoinClass",
    "Kind",
    "Mode",
    "NodeFacts",
    "PinName",
    "Plan",
    "Route",
    "Slot",
    "compile_plan",
    "find_order_dependent",
]

_SlotLinks = tuple[tuple[Mapping[tuple[int, int, int], int], ...], ...]


def compile_plan(content: GraphContent, facts: Facts) -> Plan:
    """Return the plan of a graph; `facts` has one entry per node, in the order of `content.nodes`.

    Takes time in proportion to nodes and links; nothing recurses, so depth does not matter. Cache it per
    version.

    Raises:
        InvalidInput: A link has an end that does not exist or must not have links, or the links form a
            circle.
        LimitExceeded: The graph has more nodes than a reference can name.
    """
    wiring = _wire(content, facts)
    streams = find_streams(wiring)
    joins = [_joins(wiring, streams, node) for node in range(len(facts))]
    routes, slot_links = _routes(wiring, streams)
    modes = bytes(join.mode for join in joins)
    watched, quiet_sinks = _quiet(wiring, modes)
    error_pins = tuple(pins[ERROR_PIN] for pins in wiring.out_pins)
    return Plan(
        kinds=bytes(_kind(fact.kind, mode) for fact, mode in zip(facts, modes, strict=True)),
        modes=modes,
        slots=wiring.slots,
        out_pins=wiring.out_pins,
        pin_names=tuple(tuple(pins) for pins in wiring.out_pins),
        routes=routes,
        fanouts=tuple(tuple(_fanout(pin, modes) for pin in pins) for pins in routes),
        error_pins=error_pins,
        error_linked=tuple(bool(pins[error]) for pins, error in zip(routes, error_pins, strict=True)),
        input_pins=tuple(pins.get(RESULT_PIN, 0) for pins in wiring.out_pins),
        replayable=tuple(fact.pure for fact in facts),
        ordered=tuple(fact.ordered for fact in facts),
        many=tuple(tuple(name in fact.many for name in fact.pins()) for fact in facts),
        opens=tuple(tuple(any(-1 in (r.carry or ()) for r in pin) for pin in pins) for pins in routes),
        layouts=tuple(mask.bit_count() for mask in streams.layouts),
        classes=tuple(join.classes for join in joins),
        class_of=tuple(join.class_of for join in joins),
        inherit=tuple(join.inherit for join in joins),
        lends=tuple(join.lends for join in joins),
        simple=tuple(_simple(wiring, routes, node) for node in range(len(facts))),
        sources=tuple(sum(len(slot.links) for slot in slots) for slots in wiring.slots),
        quiet_sinks=quiet_sinks,
        watched=watched,
        begins=_begins(wiring, modes),
        depths=wiring.depths,
        topological=wiring.topological,
        entries=tuple(
            at for at, fact in enumerate(facts) if not wiring.slots[at] and fact.kind not in (Kind.INPUT, Kind.NOTE)
        ),
        inputs=tuple(at for at, fact in enumerate(facts) if fact.kind is Kind.INPUT),
        slot_links=slot_links,
        link_sources=wiring.link_sources,
        order_dependent=tuple(OrderAnalysis(wiring, streams).found),
    )


def find_order_dependent(content: GraphContent, facts: Facts) -> tuple[PinName, ...]:
    """Return what `order_dependent` of the plan would hold, without the rest of the plan.

    Raises:
        InvalidInput: As `compile_plan`.
        LimitExceeded: As `compile_plan`.
    """
    wiring = _wire(content, facts)
    if all(mode in (Mode.NONE, Mode.DIRECT) for mode in wiring.modes):
        return ()  # values that are taken one by one are neither paired, lent nor collected
    return tuple(OrderAnalysis(wiring, find_streams(wiring)).found)


def _wire(content: GraphContent, facts: Facts) -> Wiring:
    if len(facts) != len(content.nodes):
        raise InvalidInput(f"facts of {len(facts)} nodes were given for a graph of {len(content.nodes)}")
    return wire(content, facts)


def _kind(kind: Kind, mode: int) -> Kind:
    return Kind.COLLECT if kind is Kind.STANDARD and mode == Mode.COLLECT else kind


@dataclass(frozen=True, slots=True)
class _Joins:
    mode: Mode
    classes: tuple[JoinClass, ...]
    class_of: tuple[tuple[int, int], ...]
    inherit: tuple[tuple[int, int], ...]
    lends: tuple[int, ...]


def _joins(wiring: Wiring, streams: Streams, node: int) -> _Joins:
    slots = wiring.slots[node]
    mode = wiring.modes[node]
    lends = tuple(at for at, slot in enumerate(slots) if slot.static) if mode is not Mode.ALL_STATIC else ()
    if mode is Mode.DIRECT:
        lends = ()
    classes: list[JoinClass] = []
    class_of = [(-1, -1)] * len(slots)
    places: dict[int, tuple[int, int]] = {}
    for members, _ in streams.components[node]:
        found, layout, _ = join_class(members, streams.slot_layouts[node])
        for position, slot in enumerate(found.slots):
            class_of[slot] = (len(classes), position)
        for position, stream in enumerate(layout):
            places.setdefault(stream, (len(classes), position))
        classes.append(found)
    if mode is Mode.ZIP and (any(streams.slot_layouts[node]) or any(one.stages for one in classes)):
        mode = Mode.JOIN
    inherit = tuple(places[stream] for stream in bits(streams.layouts[node]))
    return _Joins(mode, tuple(classes), tuple(class_of), inherit, lends)


def _routes(wiring: Wiring, streams: Streams) -> tuple[tuple[tuple[tuple[Route, ...], ...], ...], _SlotLinks]:
    routes: list[list[list[Route]]] = [[[] for _ in pins] for pins in wiring.out_pins]
    slot_links: list[list[dict[tuple[int, int, int], int]]] = [[{} for _ in s] for s in wiring.slots]
    ways: dict[tuple[int, int, int, int], int] = {}
    layouts = [{stream: at for at, stream in enumerate(bits(mask))} for mask in streams.layouts]
    for link, (source, pin) in enumerate(wiring.link_sources):
        sink, slot = wiring.link_sinks[link]
        taken = slot_links[sink][slot]
        same = sink, slot, source, pin
        via = ways[same] = ways.get(same, -1) + 1
        taken[source, pin, via] = link
        wanted = bits(streams.slot_layouts[sink][slot])
        own = streams.numbers.get((source, pin), -1)
        carry = tuple(-1 if stream == own else layouts[source][stream] for stream in wanted) or None
        pins = routes[source][pin]
        pins.append(Route(sink, slot, link, len(pins), len(taken) - 1, via, carry))
    frozen = tuple(tuple(tuple(found) for found in pins) for pins in routes)
    return frozen, tuple(tuple(found) for found in slot_links)


def _fanout(routes: Sequence[Route], modes: bytes) -> tuple[int, ...] | None:
    plain = all(modes[route.sink] == Mode.DIRECT and not route.via and route.carry is None for route in routes)
    return tuple(route.sink for route in routes) if plain else None


def _simple(wiring: Wiring, routes: tuple[tuple[tuple[Route, ...], ...], ...], node: int) -> bool:
    """Whether every value that reaches the node goes nowhere else, and is neither lent nor collected."""
    if any(slot.static or slot.collecting for slot in wiring.slots[node]):
        return False
    return all(
        len(routes[source][pin]) == 1
        for slot in range(len(wiring.slots[node]))
        for source, pin in wiring.slot_sources(node, slot)
    )


def _quiet(wiring: Wiring, modes: bytes) -> tuple[tuple[bool, ...], tuple[tuple[tuple[int, int], ...], ...]]:
    asks = [mode in (Mode.COLLECT, Mode.ALL_STATIC) for mode in modes]
    watched = list(asks)
    outgoing: list[list[tuple[int, int]]] = [[] for _ in asks]
    for link, (source, _) in enumerate(wiring.link_sources):
        outgoing[source].append(wiring.link_sinks[link])
    for node in reversed(wiring.topological):
        watched[node] = watched[node] or any(watched[sink] for sink, _ in outgoing[node])
    sinks = tuple(tuple(end for end in ends if watched[end[0]]) for ends in outgoing)
    return tuple(watched), sinks


def _begins(wiring: Wiring, modes: bytes) -> tuple[bool, ...]:
    """Whether a stream reaches a node; collecting nodes end it."""
    begins = [False] * len(modes)
    for node in wiring.topological:
        if modes[node] != Mode.COLLECT:
            begins[node] = any(
                begins[source] or wiring.facts[source].pins()[pin] in wiring.facts[source].many
                for slot in range(len(wiring.slots[node]))
                for source, pin in wiring.slot_sources(node, slot)
            )
    return tuple(begins)
