"""The links of a graph as numbers: slots of each node, sources of each slot, and an order of the nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from weft.errors import InvalidInput, LimitExceeded
from weft.executions.planning.facts import Facts, NodeFacts
from weft.executions.planning.model import Kind, Mode, Slot
from weft.executions.planning.refs import MAX_NODES
from weft.graphs.types import GraphContent, Link
from weft.sdk.paths import Path, parse_pin

_Targets = dict[tuple[str, Path], list[int]]
"""Positions of links by the pin and path of their sink."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the analyses walk over.

    Attributes:
        facts: Per node, its facts.
        slots: Per node, its slots in order of pin and path.
        out_pins: Per node, pin numbers by name.
        link_sources: Per link, `(node, pin)`.
        link_sinks: Per link, `(node, slot)`.
        sources: Per node and slot, `(node, pin)` of each link, in file order.
        modes: Per node, how values of its slots become firings, before items are considered.
        consuming: Per node, the slots whose values are used up: neither static nor collecting.
        topological: All nodes, sources first; deterministic.
        depths: Per node, the length of the longest way that leads to it.
    """

    facts: Facts
    slots: tuple[tuple[Slot, ...], ...]
    out_pins: tuple[Mapping[str, int], ...]
    link_sources: tuple[tuple[int, int], ...]
    link_sinks: tuple[tuple[int, int], ...]
    sources: tuple[tuple[tuple[tuple[int, int], ...], ...], ...]
    modes: tuple[Mode, ...]
    consuming: tuple[tuple[int, ...], ...]
    topological: tuple[int, ...]
    depths: tuple[int, ...]

    def slot_sources(self, node: int, slot: int) -> tuple[tuple[int, int], ...]:
        """Return `(node, pin)` of each link of a slot, in file order."""
        return self.sources[node][slot]


def _consuming(slots: tuple[Slot, ...]) -> tuple[int, ...]:
    return tuple(at for at, slot in enumerate(slots) if not slot.static and not slot.collecting)


def _mode(slots: tuple[Slot, ...]) -> Mode:
    if not slots:
        return Mode.NONE
    if any(slot.collecting for slot in slots):
        return Mode.COLLECT
    if len(slots) == 1:
        return Mode.DIRECT
    return Mode.ALL_STATIC if all(slot.static for slot in slots) else Mode.ZIP


def wire(content: GraphContent, facts: Facts) -> Wiring:
    """Return the links of `content` as numbers.

    Raises:
        InvalidInput: A link names a node or output pin that is not there, leads into a note or an INPUT,
            or the links form a circle.
        LimitExceeded: There are more nodes than references can name.
    """
    if len(content.nodes) > MAX_NODES:
        raise LimitExceeded(f"a graph holds at most {MAX_NODES} nodes, this one has {len(content.nodes)}")
    numbers = {node.id: at for at, node in enumerate(content.nodes)}
    out_pins = _out_pins(facts)
    read = cache(parse_pin)
    sources: list[tuple[int, int]] = []
    grouped: list[_Targets] = [{} for _ in content.nodes]
    sinks: list[int] = []
    for at, link in enumerate(content.links):
        source, sink = _ends(link, numbers, facts)
        sources.append((source, _source_pin(link, read(link.source_name).pin, out_pins[source])))
        target = read(link.sink_name)
        grouped[sink].setdefault((target.pin, target.path), []).append(at)
        sinks.append(sink)
    slots = tuple(_slots(content.links, found, facts[node]) for node, found in enumerate(grouped))
    slot_of = {link: at for node in slots for at, slot in enumerate(node) for link in slot.links}
    slot_sources = tuple(tuple(tuple([sources[link] for link in slot.links]) for slot in node) for node in slots)
    topological, depths = _sort([source for source, _ in sources], sinks, len(content.nodes))
    return Wiring(
        facts,
        slots,
        out_pins,
        link_sources=tuple(sources),
        link_sinks=tuple([(sink, slot_of[link]) for link, sink in enumerate(sinks)]),
        sources=slot_sources,
        modes=tuple(map(_mode, slots)),
        consuming=tuple(map(_consuming, slots)),
        topological=topological,
        depths=depths,
    )


def _out_pins(facts: Facts) -> tuple[Mapping[str, int], ...]:
    known: dict[tuple[str, ...], Mapping[str, int]] = {}
    found: list[Mapping[str, int]] = []
    for fact in facts:
        names = fact.pins()
        if names not in known:
            known[names] = {name: at for at, name in enumerate(names)}
        found.append(known[names])
    return tuple(found)


def _ends(link: Link, numbers: Mapping[str, int], facts: Facts) -> tuple[int, int]:
    source, sink = numbers.get(link.source_id), numbers.get(link.sink_id)
    if source is None or sink is None:
        missing = link.source_id if source is None else link.sink_id
        raise InvalidInput(f"link {link.id!r} names node {missing!r}, which is not in the graph", link_id=link.id)
    if facts[sink].kind in (Kind.INPUT, Kind.NOTE) or facts[source].kind is Kind.NOTE:
        raise InvalidInput(f"link {link.id!r} leads into an input or a note, or out of a note", link_id=link.id)
    return source, sink


def _source_pin(link: Link, name: str, pins: Mapping[str, int]) -> int:
    if name not in pins:
        raise InvalidInput(f"link {link.id!r} leaves pin {name!r}, which its node does not have", link_id=link.id)
    return pins[name]


def _slots(links: tuple[Link, ...], found: _Targets, facts: NodeFacts) -> tuple[Slot, ...]:
    if len(found) > 1:
        found = dict(sorted(found.items(), key=lambda item: _by_pin_and_path(*item[0])))
    slots: list[Slot] = []
    for (pin, path), positions in found.items():
        collecting = pin in facts.collecting
        static = not collecting and all(links[at].is_static for at in positions)
        slots.append(Slot(pin, path, tuple(positions), static, collecting))
    return tuple(slots)


def _by_pin_and_path(pin: str, path: Path) -> tuple[str, list[tuple[bool, str]]]:
    return pin, [(isinstance(step, int), str(step)) for step in path]


def _sort(sources: list[int], sinks: list[int], count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    outgoing: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for source, sink in zip(sources, sinks, strict=True):
        outgoing[source].append(sink)
        missing[sink] += 1
    order = [node for node in range(count) if not missing[node]]
    depths = [0] * count
    for node in order:
        for sink in outgoing[node]:
            depths[sink] = max(depths[sink], depths[node] + 1)
            missing[sink] -= 1
            if not missing[sink]:
                order.append(sink)
    if len(order) < count:
        raise InvalidInput("circular dependencies found: the graph cannot be run")
    return tuple(order), tuple(depths)
