"""Checks of links: their ends, their pins, the types of both, and whether a link stands twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from weft.errors import InvalidInput
from weft.graphs.compatibility import Match, match_types
from weft.graphs.indexed import IndexedGraph
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.schemas import Schema, describe, schema_at
from weft.graphs.structure import Ends, link_ends
from weft.graphs.types import Link
from weft.sdk.kinds import BlockType
from weft.sdk.paths import parse_pin
from weft.sdk.spec import InputPin, OutputPin

_MOST_NAMED = 20


def check_ends(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield an issue for each end of a link that is no node of the graph."""
    for at, link in enumerate(graph.content.links):
        ends = (
            (Code.UNKNOWN_SOURCE_NODE, "source", "comes from", link.source_id),
            (Code.UNKNOWN_SINK_NODE, "sink", "leads to", link.sink_id),
        )
        for code, end, verb, node_id in ends:
            if node_id not in graph.nodes:
                message = f"link {link.id!r} {verb} the node {node_id!r}, which the graph does not have"
                path = f"links[{at}].{end}_id"
                yield Issue(code, Level.REFUSED, message, node_id=node_id, link_id=link.id, path=path)


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a link whose node exists; `pins` is None where the block is not known."""

    side: Literal["source", "sink"]
    node_id: str
    pin: str
    pins: Mapping[str, InputPin] | Mapping[str, OutputPin] | None

    @property
    def word(self) -> str:
        return "output" if self.side == "source" else "input"


def check_pins(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield, link by link, pins that the blocks do not have, and types that do not go together."""
    # What is said of a link depends on its blocks and pins alone, and most links repeat those of others.
    judged: dict[tuple[str, str, str, str, bool], Match] = {}
    for at, link in graph.sound_links:
        blocks = graph.nodes[link.source_id].block_id, graph.nodes[link.sink_id].block_id
        key = (*blocks, link.source_name, link.sink_name, link.optional_path)
        match = judged.get(key)
        if match is Match.SAME or match is Match.CONVERTIBLE:
            continue
        source, sink = graph.specs.get(link.source_id), graph.specs.get(link.sink_id)
        ends = (
            _End("source", link.source_id, link.source_name, None if source is None else source.outputs),
            _End("sink", link.sink_id, link.sink_name, None if sink is None else sink.inputs),
        )
        faults = [issue for end in ends for issue in _faults_of_end(graph, at, link, end)]
        yield from faults
        if faults:
            continue
        if match is None:
            known = source is not None and sink is not None
            match = judged[key] = match_types(*_schemas(*ends)) if known else Match.SAME
        if match is Match.INCOMPATIBLE:
            yield _incompatible(graph, at, link, *ends)


def _faults_of_end(graph: IndexedGraph, at: int, link: Link, end: _End) -> Iterator[Issue]:
    path = f"links[{at}].{end.side}_name"

    def issue(code: Code, level: Level, clause: str) -> Issue:
        message = f"link {link.id!r} ({_arrow(link)}): {clause}"
        return Issue(code, level, message, node_id=end.node_id, link_id=link.id, pin=end.pin, path=path)

    try:
        reference = parse_pin(end.pin)
    except InvalidInput as error:
        yield issue(Code.BAD_PIN_PATH, Level.REFUSED, error.message)
        return
    if end.pins is None:
        return
    pin = end.pins.get(reference.pin)
    if pin is None:
        code = Code.UNKNOWN_OUTPUT_PIN if end.side == "source" else Code.UNKNOWN_INPUT_PIN
        known = ", ".join(list(end.pins)[:_MOST_NAMED]) or "none"
        clause = f"{graph.name(end.node_id)} has no {end.word} pin {reference.pin!r}; it has: {known}"
        yield issue(code, Level.REFUSED, clause)
    elif (
        reference.path
        and not (end.side == "source" and link.optional_path)
        and schema_at(pin.schema, reference.path, for_writing=end.side == "sink") is None
    ):
        clause = f"the {end.word} pin {reference.pin!r} of {graph.name(end.node_id)} is {describe(pin.schema)}"
        yield issue(Code.PATH_NOT_IN_VALUE, Level.BLOCKS_RUN, f"{clause}, which has no part {end.pin!r}")


def _schemas(*ends: _End) -> Iterator[Schema]:
    """Yield the schema of what each end names; anything where an optional path leads nowhere."""
    for end in ends:
        reference = parse_pin(end.pin)
        assert end.pins is not None, "ends of unknown blocks are not compared"
        schema = end.pins[reference.pin].schema
        yield schema_at(schema, reference.path, for_writing=end.side == "sink") or {}


def _incompatible(graph: IndexedGraph, at: int, link: Link, *ends: _End) -> Issue:
    given, taken = (describe(schema) for schema in _schemas(*ends))
    message = (
        f"link {link.id!r} ({_arrow(link)}): {graph.name(link.source_id)} gives {given}, "
        f"but {graph.name(link.sink_id)} takes {taken}"
    )
    return Issue(
        Code.INCOMPATIBLE_TYPES,
        Level.BLOCKS_RUN,
        message,
        node_id=link.sink_id,
        link_id=link.id,
        pin=link.sink_name,
        path=f"links[{at}]",
    )


def _arrow(link: Link) -> str:
    return f"{link.source_id}.{link.source_name} -> {link.sink_id}.{link.sink_name}"


def check_repeated_links(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield an issue for each link that joins the same pins as an earlier one."""
    first: dict[Ends, Link] = {}
    for at, link in enumerate(graph.content.links):
        other = first.setdefault(link_ends(link), link)
        if other is not link:
            message = f"link {link.id!r} ({_arrow(link)}) joins the same pins as link {other.id!r}"
            yield Issue(Code.DUPLICATE_LINK, Level.REFUSED, message, link_id=link.id, path=f"links[{at}]")


def check_links_into_inputs(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield an issue for each link into an input of the graph, whose value comes with the run."""
    for at, link in graph.sound_links:
        if graph.is_type(link.sink_id, BlockType.INPUT):
            message = (
                f"link {link.id!r} ({_arrow(link)}) leads into {graph.name(link.sink_id)}, "
                "but inputs get their value from whoever starts the run"
            )
            yield Issue(
                Code.INPUT_PIN_LINKED,
                Level.BLOCKS_RUN,
                message,
                node_id=link.sink_id,
                link_id=link.id,
                pin=link.sink_name,
                path=f"links[{at}].sink_id",
            )
