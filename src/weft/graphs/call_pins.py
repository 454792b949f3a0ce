"""What a call gives to a graph and takes from it, held against what that graph asks for and shows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from weft.graphs.conversion import plain_default
from weft.graphs.indexed import IndexedGraph, read_pin
from weft.graphs.interface import GraphInput, fault_of_given, graph_outputs, input_pins
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.types import GraphContent, Link
from weft.sdk.catalog import Catalog
from weft.sdk.spec import InputPin

_INPUTS, _FEED = "inputs", "feed"
_SHOWN = ("outputs", "results")
_MOST_NAMED = 20
_LONGEST_REASON = 500


@dataclass(slots=True)
class Wires:
    """The links of a node that runs a graph.

    Attributes:
        given: By name of an input, the first link that fills it or a part of it, with its place in the document.
        all_given: A link fills all inputs together, so their names show only in a run.
        taken: Links from one output, with their place in the document and the output's name.
    """

    given: dict[str, tuple[int, Link]] = field(default_factory=dict)
    all_given: bool = False
    taken: list[tuple[int, Link, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interface:
    """What a graph asks for and shows, as those that run it see it."""

    name: str
    inputs: Mapping[str, tuple[GraphInput, InputPin | None]]
    outputs: Collection[str]

    @classmethod
    def of(cls, content: GraphContent, catalog: Catalog) -> "Interface":
        """Return the interface of a graph."""
        outputs = dict.fromkeys(one.name for one in graph_outputs(content, catalog))
        return cls(content.name, input_pins(content, catalog), outputs)

    def __str__(self) -> str:
        return f"graph {self.name!r}"

    def without_input(self, name: str) -> str:
        """Return the clause that the graph has no such input."""
        return f"{self} has no input {name!r}; it has: {_names(self.inputs)}"

    def without_output(self, name: str) -> str:
        """Return the clause that the graph has no such output."""
        return f"{self} has no output {name!r}; it has: {_names(self.outputs)}"


def _names(known: Collection[str]) -> str:
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return ", ".join(islice(known, _MOST_NAMED)) + more or "none"


def shortened(reason: str) -> str:
    """Return a reason that stands inside of another sentence, cut where it would fill pages."""
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"


def wires_of(graph: IndexedGraph, node_ids: Collection[str]) -> Mapping[str, Wires]:
    """Return the wires of each of the nodes; of one without links empty ones."""
    found: defaultdict[str, Wires] = defaultdict(Wires)
    for at, link in graph.sound_links:
        sink = read_pin(link.sink_name) if link.sink_id in node_ids else None
        if sink is not None and sink.pin == _INPUTS:
            if sink.path:
                found[link.sink_id].given.setdefault(str(sink.path[0]), (at, link))
            else:
                found[link.sink_id].all_given = True
        source = read_pin(link.source_name) if link.source_id in node_ids else None
        if source is not None and source.pin in _SHOWN and source.path:
            found[link.source_id].taken.append((at, link, str(source.path[0])))
    return found


def check_call_pins(graph: IndexedGraph, node_id: str, wires: Wires, called: Interface) -> Iterator[Issue]:
    """Yield what is wrong with the values that a node gives to the graph it runs, and with the outputs it takes.

    Args:
        graph: The graph that has the node.
        node_id: The node.
        wires: Its links.
        called: What it runs.
    """
    yield from _check_inputs(graph, node_id, wires, called)
    yield from _check_feed(graph, node_id, called)
    for at, link, name in wires.taken:
        if name not in called.outputs:
            message = f"link {link.id!r} from {graph.name(node_id)}: {called.without_output(name)}"
            place = f"links[{at}].source_name"
            yield _issue(Code.UNKNOWN_CALL_OUTPUT, message, node_id, pin=link.source_name, path=place, link=link)


def _check_inputs(graph: IndexedGraph, node_id: str, wires: Wires, called: Interface) -> Iterator[Issue]:
    values = _own_dictionary(graph, node_id, _INPUTS)
    if values is None:
        return  # told with the other defaults
    place = graph.node_path(node_id, "input_default", _INPUTS)
    for name, (at, link) in wires.given.items():
        if name not in called.inputs:
            message = f"link {link.id!r} to {graph.name(node_id)}: {called.without_input(name)}"
            path = f"links[{at}].sink_name"
            yield _issue(Code.UNKNOWN_CALL_INPUT, message, node_id, pin=link.sink_name, path=path, link=link)
    if wires.all_given:
        return  # what the link brings takes the place of the node's own values
    for name, value in values.items():
        if name not in called.inputs:
            message = f"node {graph.name(node_id)}: {called.without_input(name)}"
            yield _issue(Code.UNKNOWN_CALL_INPUT, message, node_id, pin=_INPUTS, path=place)
        # An input that links fill in part holds only the rest of its value here.
        elif name not in wires.given and (fault := fault_of_given(value, *called.inputs[name])):
            message = f"node {graph.name(node_id)}: input {name!r} of {called} {shortened(fault)}"
            yield _issue(Code.WRONG_CALL_INPUT, message, node_id, pin=_INPUTS, path=place)
    for name, (wanted, _) in called.inputs.items():
        if wanted.required and name not in values and name not in wires.given:
            message = f"node {graph.name(node_id)}: input {name!r} of {called} needs a value or a link"
            yield _issue(Code.MISSING_CALL_INPUT, message, node_id, pin=_INPUTS, path=place)


def _check_feed(graph: IndexedGraph, node_id: str, called: Interface) -> Iterator[Issue]:
    """Yield the outputs and inputs that a loop hands from round to round and that the graph does not have."""
    if _FEED not in graph.specs[node_id].inputs or _FEED in graph.linked_pins[node_id]:
        return
    place = graph.node_path(node_id, "input_default", _FEED)
    for output, wanted in (_own_dictionary(graph, node_id, _FEED) or {}).items():
        if output not in called.outputs:
            message = f"node {graph.name(node_id)}: {called.without_output(output)}"
            yield _issue(Code.UNKNOWN_CALL_OUTPUT, message, node_id, pin=_FEED, path=place)
        if isinstance(wanted, str) and wanted not in called.inputs:
            message = f"node {graph.name(node_id)}: {called.without_input(wanted)}"
            yield _issue(Code.UNKNOWN_CALL_INPUT, message, node_id, pin=_FEED, path=place)


def _own_dictionary(graph: IndexedGraph, node_id: str, name: str) -> Mapping[str, Any] | None:
    """Return the node's own values for a pin, by name; None if the block has no such pin, or they are no dictionary."""
    pin = graph.specs[node_id].inputs.get(name)
    if pin is None:
        return None
    given = graph.nodes[node_id].input_default
    value = plain_default(given[name], pin) if name in given else {}
    return value if isinstance(value, dict) else None


def _issue(code: Code, message: str, node_id: str, *, pin: str, path: str, link: Link | None = None) -> Issue:
    link_id = None if link is None else link.id
    return Issue(code, Level.BLOCKS_RUN, message, node_id=node_id, link_id=link_id, pin=pin, path=path)
