"""Checks of calls: of a graph and of all that it runs, directly or through others.

Nothing recurses, so that calls may be nested as deep as a hostile user likes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from weft.graphs.call_pins import Interface, check_call_pins, wires_of
from weft.graphs.calls import GRAPH, Call, CallKey, children_first, circle_behind, find_calls, runs_itself
from weft.graphs.indexed import IndexedGraph, index_graph
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.types import GraphContent
from weft.graphs.validation import check_integrity
from weft.sdk.catalog import Catalog

DEEPEST = 8
"""How deep graphs may call each other; the outermost is not counted."""
CALL_CODES = frozenset(
    {
        Code.CALLED_GRAPH_NOT_FOUND,
        Code.UNKNOWN_CALL_INPUT,
        Code.MISSING_CALL_INPUT,
        Code.WRONG_CALL_INPUT,
        Code.UNKNOWN_CALL_OUTPUT,
        Code.RECURSION,
        Code.CALLS_TOO_DEEP,
        Code.CALLED_GRAPH_INVALID,
    }
)
"""What checks of calls tell, and no others."""
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CalledGraph:
    """A graph that takes part in calls.

    Attributes:
        key: With the number of its version, None for a draft; None as a whole for a graph that nothing can call.
    """

    key: CallKey | None
    content: GraphContent


Known = Mapping[CallKey, CalledGraph | None]
"""Graphs by the keys under which they are called; None where there is none. What is not in it was not looked for."""


def check_calls_of(root: CalledGraph, known: Known, catalog: Catalog, *, with_called: bool) -> list[Issue]:
    """Return what is wrong with the calls of a graph, in the order of its nodes.

    Args:
        root: The graph; if others may call it, `known` has it too.
        known: The graphs that it calls, directly or through others.
        catalog: The blocks there are.
        with_called: Whether a called graph that cannot run counts; without, somebody else tells of it.
    """
    family = _Family(root, known, catalog)
    troubles = family.troubles() if with_called and family.calls[root.key] else {}
    return list(family.issues(root, troubles))


@dataclass
class _Family:
    """A graph and all that it calls, by key; `calls` holds the calls of each."""

    root: CalledGraph
    known: Known
    catalog: Catalog
    graphs: dict[CallKey | None, CalledGraph] = field(default_factory=dict)
    calls: dict[CallKey | None, list[Call]] = field(default_factory=dict)
    interfaces: dict[CallKey | None, Interface] = field(default_factory=dict)
    called_by: dict[CallKey | None, list[CallKey | None]] = field(default_factory=dict)
    depths: dict[CallKey | None, int] = field(default_factory=dict)
    """How many graphs call each other in the longest row below; none for those that lead to a circle."""

    def __post_init__(self) -> None:
        waiting = [self.root]
        for graph in waiting:
            if graph.key not in self.graphs:
                self.graphs[graph.key] = graph
                self.calls[graph.key] = calls = find_calls(graph.content, self.catalog)
                called = [self.known.get(call.key) for call in calls if call.key is not None]
                found = [one for one in called if one is not None]
                self.called_by[graph.key] = [one.key for one in found]
                waiting += found
        for key in children_first(self.called_by):
            rows = [self.depths[one] for one in self.called_by[key]]
            is_cut = any(call.key is not None and call.key not in self.known for call in self.calls[key])
            self.depths[key] = 1 + max(rows, default=0) if rows or is_cut else 0

    def troubles(self) -> dict[CallKey | None, str]:
        """Return by graph why it cannot run, in words, for those below the root that do not lead to a circle."""
        troubles: dict[CallKey | None, str] = {}
        for key in self.depths:
            if key != self.root.key:
                graph = self.graphs[key]
                issues = check_integrity(graph.content, self.catalog) or list(self.issues(graph, troubles))
                if issues:
                    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
                    troubles[key] = _cut(issues[0].message) + more
        return troubles

    def issues(self, graph: CalledGraph, troubles: Mapping[CallKey | None, str]) -> Iterator[Issue]:
        """Yield what is wrong with the calls of one of the graphs."""
        calls = self.calls[graph.key]
        if not calls:
            return
        indexed = index_graph(graph.content, self.catalog)
        wires = wires_of(indexed, {call.node_id for call in calls})
        for call in calls:
            if call.key is not None and call.key not in self.known:
                continue
            called = None if call.key is None else self.known[call.key]
            if called is None:
                yield _issue(indexed, call, Code.CALLED_GRAPH_NOT_FOUND, _not_found(call))
                continue
            yield from check_call_pins(
                indexed, call.node_id, wires[call.node_id], self._interface(called), self.catalog
            )
            yield from self._check_rows(indexed, graph, call, called)
            if called.key in troubles:
                clause = f"graph {called.content.name!r} cannot run: {troubles[called.key]}"
                yield _issue(indexed, call, Code.CALLED_GRAPH_INVALID, clause)

    def _interface(self, called: CalledGraph) -> Interface:
        if called.key not in self.interfaces:
            self.interfaces[called.key] = Interface.of(called.content, self.catalog)
        return self.interfaces[called.key]

    def _check_rows(
        self, indexed: IndexedGraph, graph: CalledGraph, call: Call, called: CalledGraph
    ) -> Iterator[Issue]:
        depth = self.depths.get(called.key)
        if depth is None:
            circle = circle_behind(graph.key, called.key, self.called_by, self.depths)
            clause = runs_itself([self.graphs[one].content.name for one in circle])
            yield _issue(indexed, call, Code.RECURSION, clause)
        elif depth + 1 > DEEPEST:
            clause = f"graphs may call each other {DEEPEST} deep, here it is {depth + 1}"
            yield _issue(indexed, call, Code.CALLS_TOO_DEEP, clause)


def _not_found(call: Call) -> str:
    if call.key is None:
        return f"{call.graph[:80]!r} is neither the id of a graph nor a sub-graph of the file"
    if call.version is None:
        return f"there is no graph {call.key.graph_id}, or it was never saved"
    return f"there is no version {call.version} of a graph {call.key.graph_id}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def _issue(graph: IndexedGraph, call: Call, code: Code, clause: str) -> Issue:
    message = f"node {graph.name(call.node_id)}: {clause}"
    path = graph.node_path(call.node_id, "input_default", GRAPH)
    return Issue(code, Level.BLOCKS_RUN, message, node_id=call.node_id, pin=GRAPH, path=path)
