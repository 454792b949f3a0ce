"""Checks of what can come to run: cycles, entries, nodes and outputs that nothing reaches."""

from collections.abc import Callable, Iterable, Iterator

from weft.graphs.indexed import IndexedGraph
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.node_checks import missing_inputs
from weft.graphs.structure import find_cycles, reachable, successors
from weft.graphs.types import GraphContent
from weft.sdk.kinds import BlockType

OrderDependentPins = Callable[[GraphContent], Iterable[tuple[str, str]]]
"""Names the input pins, as (node id, pin), whose values depend on the order in which things happen to end."""

_STARTERS = (BlockType.INPUT, BlockType.WEBHOOK)


def check_cycles(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield one issue for each tangle of cycles; a link from a node to itself is one."""
    for tangle in find_cycles(graph.content):
        names = graph.names(tangle)
        message = (
            f"circular dependencies found: {names} feeds itself"
            if len(tangle) == 1
            else (f"circular dependencies found between {names}")
        )
        yield Issue(Code.CYCLE, Level.BLOCKS_RUN, message, node_id=tangle[0], path=graph.node_path(tangle[0]))


def check_reachability(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield that nothing starts, or else the nodes and the outputs that no start leads to."""
    if not graph.nodes:
        return
    starts = _starting_nodes(graph)
    if not starts:
        message = f"graph {graph.content.name!r} has no entry node: no node can start"
        yield Issue(Code.NO_ENTRY_NODE, Level.BLOCKS_RUN, message)
        return
    reached = reachable(successors(graph.content), starts)
    missed = [node_id for node_id in graph.nodes if node_id not in reached and graph.runs(node_id)]
    if missed:
        message = f"no entry node leads to {graph.names(missed)} (node ids: {', '.join(missed)})"
        yield Issue(
            Code.UNREACHABLE_NODE,
            Level.BLOCKS_RUN,
            message,
            node_id=missed[0],
            path=graph.node_path(missed[0]),
        )
    for node_id in missed:
        if graph.is_type(node_id, BlockType.OUTPUT):
            message = f"output {graph.name(node_id)} will get no value: no entry node leads to it"
            path = graph.node_path(node_id)
            yield Issue(Code.OUTPUT_NOT_REACHED, Level.WARNING, message, node_id=node_id, path=path)


def _starting_nodes(graph: IndexedGraph) -> list[str]:
    """Return inputs, triggers, and nodes that need no link to fire; of an unknown block no need is known."""
    sinks = {link.sink_id for _, link in graph.sound_links}
    return [
        node_id
        for node_id in graph.nodes
        if node_id not in sinks and graph.runs(node_id) and _can_start(graph, node_id)
    ]


def _can_start(graph: IndexedGraph, node_id: str) -> bool:
    spec = graph.specs.get(node_id)
    return spec is None or spec.block_type in _STARTERS or not missing_inputs(graph, node_id, spec)


def check_isolation(graph: IndexedGraph) -> Iterator[Issue]:
    """Yield nodes without any link in a graph of several, unless they are its interface or notes."""
    running = [node_id for node_id in graph.nodes if graph.runs(node_id)]
    if len(running) < 2:
        return
    linked = {end for _, link in graph.sound_links for end in (link.source_id, link.sink_id)}
    for node_id in running:
        if node_id not in linked and not graph.is_type(node_id, *_STARTERS, BlockType.OUTPUT):
            message = f"node {graph.name(node_id)} has no links"
            path = graph.node_path(node_id)
            yield Issue(Code.ISOLATED_NODE, Level.WARNING, message, node_id=node_id, path=path)


def check_order(graph: IndexedGraph, order_dependent: OrderDependentPins) -> Iterator[Issue]:
    """Yield the pins whose values depend on which of several values comes first."""
    for node_id, pin in order_dependent(graph.content):
        message = f"node {graph.name(node_id)}: what input {pin!r} gets depends on which value comes first"
        path = graph.node_path(node_id)
        yield Issue(Code.ORDER_DEPENDENT, Level.WARNING, message, node_id=node_id, pin=pin, path=path)
