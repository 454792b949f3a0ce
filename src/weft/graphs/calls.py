"""Graphs that run graphs: which nodes do, and which graph each of them names.

A node whose graph or version arrives by a link names none beforehand; what it runs is judged when it runs it.
"""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from weft.graphs.conversion import plain_default
from weft.graphs.indexed import read_pin
from weft.graphs.types import GraphContent, Node
from weft.sdk.catalog import Catalog
from weft.sdk.kinds import BlockType
from weft.sdk.spec import BlockSpec

GRAPH, VERSION = "graph", "version"
"""The pins by which a node says what it runs."""

_MOST_NAMED = 10

Key = TypeVar("Key", bound=Hashable)


class CallKey(NamedTuple):
    """Which version of which graph is called; None is the active one, and of a draft the draft itself."""

    graph_id: UUID
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A node that runs a graph; `graph` is what it names, be that an id or not."""

    node_id: str
    graph: str
    version: int | None = None

    @property
    def key(self) -> CallKey | None:
        """Return what is called; None if the node names no id."""
        try:
            return CallKey(UUID(self.graph), self.version)
        except ValueError:
            return None


def find_calls(content: GraphContent, catalog: Catalog) -> list[Call]:
    """Return the calls that the graph makes, in the order of its nodes; takes little time where there are none."""
    callers = {node.id: (node, spec) for node in content.nodes if (spec := _caller_spec(node, catalog)) is not None}
    if not callers:
        return []
    linked = {
        (link.sink_id, pin.pin)
        for link in content.links
        if link.sink_id in callers and (pin := read_pin(link.sink_name)) is not None
    }
    calls = []
    for node, spec in callers.values():
        graph, version = (_own_value(node, spec, name) for name in (GRAPH, VERSION))
        is_known = (node.id, GRAPH) not in linked and (node.id, VERSION) not in linked
        if is_known and isinstance(graph, str) and (version is None or _is_number(version)):
            calls.append(Call(node.id, graph, version))
    return calls


def _caller_spec(node: Node, catalog: Catalog) -> BlockSpec | None:
    if GRAPH not in node.input_default:
        return None
    block = catalog.get(node.block_id)
    return None if block is None or block.spec.block_type is not BlockType.AGENT else block.spec


def _own_value(node: Node, spec: BlockSpec, name: str) -> Any:
    value, pin = node.input_default.get(name), spec.inputs.get(name)
    return value if value is None or pin is None else plain_default(value, pin)


def _is_number(version: Any) -> bool:
    return isinstance(version, int) and not isinstance(version, bool) and 1 <= version < 2**31


def name_called(content: GraphContent, references: Mapping[str, Mapping[str, Any]]) -> GraphContent:
    """Return the content with other graphs in nodes that run some.

    Args:
        content: The graph.
        references: By node id what now stands for `graph` and `version`; a version that is left out is removed.
    """

    def renamed(node: Node) -> Node:
        if node.id not in references:
            return node
        reference = references[node.id]
        kept = {name: value for name, value in node.input_default.items() if name != VERSION or name in reference}
        return node.model_copy(update={"input_default": {**kept, **reference}})

    return (
        content.model_copy(update={"nodes": tuple(renamed(node) for node in content.nodes)}) if references else content
    )


def children_first(calls: Mapping[Key, Sequence[Key]]) -> list[Key]:
    """Return the graphs, each after all that it calls; those that call themselves, or lead to such a one, are left out.

    Args:
        calls: By graph the graphs that it calls; each of these has an entry of its own.
    """
    callers: dict[Key, list[Key]] = {graph: [] for graph in calls}
    for graph, called in calls.items():
        for one in called:
            callers[one].append(graph)
    missing = {graph: len(called) for graph, called in calls.items()}
    ordered = [graph for graph, count in missing.items() if not count]
    for graph in ordered:
        for caller in callers[graph]:
            missing[caller] -= 1
            if not missing[caller]:
                ordered.append(caller)
    return ordered


def circle_behind(caller: Key, called: Key, calls: Mapping[Key, Sequence[Key]], free: Container[Key]) -> list[Key]:
    """Return graphs of which each calls the next, and the last one is the first again.

    Args:
        caller: Where to begin.
        called: What it calls; leads to a circle.
        calls: By graph the graphs that it calls.
        free: Graphs that lead to no circle.
    """
    trail, places = [caller], {caller: 0}
    step = called
    while step not in places:
        places[step] = len(trail)
        trail.append(step)
        step = next(one for one in calls[step] if one not in free)
    return [*trail[places[step] :], step]


def runs_itself(names: Sequence[str]) -> str:
    """Return the clause that graphs of these names run each other in a circle."""
    more = f" -> {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"a graph may not run itself: {' -> '.join(map(repr, names[:_MOST_NAMED]))}{more}"
