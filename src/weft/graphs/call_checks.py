"""Checks of calls: of a graph and of all that it runs, directly or through others.

Nothing recurses, so that calls may be nested as deep as a hostile user likes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from weft.graphs.call_pins import Interface, check_call_pins, shortened, wires_of
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
_MOST_ISSUES = 1_000


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


def check_calls_of(
    graphs: Sequence[CalledGraph], known: Known, catalog: Catalog, *, with_called: bool
) -> list[list[Issue]]:
    """Return for each graph what is wrong with its calls, in the order of its nodes; at most 1,000 issues of each.

    Args:
        graphs: Which graphs; `known` has those of them that others may call. At most one has no key.
        known: What they call, directly or through others.
        catalog: The blocks there are.
        with_called: Whether a called graph that cannot run counts; without, somebody else tells of it.
    """
    family = _Family(graphs, known, catalog)
    if with_called:
        family.judge_called()
    return [list(family.issues(graph)) for graph in graphs]


class _Family:
    """Graphs and all that they call, by key.

    Attributes:
        graphs: In order of first appearance.
        calls: What each calls.
        called_by: The same as keys, each once.
        depths: How many graphs call each other in the longest row below, after all that they call; none for those that lead to
            a circle.
        troubles: Why a called graph cannot run, in words.
    """

    def __init__(self, graphs: Sequence[CalledGraph], known: Known, catalog: Catalog) -> None:
        self.known = known
        self.catalog = catalog
        self.graphs: dict[CallKey | None, CalledGraph] = {}
        self.calls: dict[CallKey | None, list[Call]] = {}
        self.called_by: dict[CallKey | None, list[CallKey | None]] = {}
        self.depths: dict[CallKey | None, int] = {}
        self.troubles: dict[CallKey | None, str] = {}
        self._interfaces: dict[CallKey | None, Interface] = {}
        waiting = list(graphs)
        for graph in waiting:
            if graph.key not in self.graphs:
                self.graphs[graph.key] = graph
                waiting += self._gather(graph)
        for key in children_first(self.called_by):
            rows = [self.depths[one] for one in self.called_by[key]]
            is_cut = any(call.key is not None and call.key not in known for call in self.calls[key])
            self.depths[key] = 1 + max(rows, default=0) if rows or is_cut else 0

    def _gather(self, graph: CalledGraph) -> list[CalledGraph]:
        """Note the calls of a graph and return what it calls."""
        self.calls[graph.key] = calls = find_calls(graph.content, self.catalog)
        keys = dict.fromkeys(call.key for call in calls if call.key is not None)
        found = [called for key in keys if (called := self.known.get(key)) is not None]
        self.called_by[graph.key] = list(dict.fromkeys(one.key for one in found))
        return found

    def judge_called(self) -> None:
        """Note which called graphs cannot run, of those that do not lead to a circle."""
        called = {one for keys in self.called_by.values() for one in keys}
        for key in self.depths:
            if key in called:
                graph = self.graphs[key]
                issues = check_integrity(graph.content, self.catalog) or list(self.issues(graph))
                if issues:
                    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
                    self.troubles[key] = shortened(issues[0].message) + more

    def issues(self, graph: CalledGraph) -> Iterator[Issue]:
        """Yield what is wrong with the calls of one of the graphs, up to a limit."""
        return islice(self._issues(graph), _MOST_ISSUES)

    def _issues(self, graph: CalledGraph) -> Iterator[Issue]:
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
            yield from check_call_pins(indexed, call.node_id, wires[call.node_id], self._interface(called))
            yield from self._check_rows(indexed, graph, call, called)
            if called.key in self.troubles:
                clause = f"graph {called.content.name!r} cannot run: {self.troubles[called.key]}"
                yield _issue(indexed, call, Code.CALLED_GRAPH_INVALID, clause)

    def _interface(self, called: CalledGraph) -> Interface:
        if called.key not in self._interfaces:
            self._interfaces[called.key] = Interface.of(called.content, self.catalog)
        return self._interfaces[called.key]

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


def _issue(graph: IndexedGraph, call: Call, code: Code, clause: str) -> Issue:
    message = f"node {graph.name(call.node_id)}: {clause}"
    path = graph.node_path(call.node_id, "input_default", GRAPH)
    return Issue(code, Level.BLOCKS_RUN, message, node_id=call.node_id, pin=GRAPH, path=path)
