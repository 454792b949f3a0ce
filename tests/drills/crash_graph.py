"""The graphs of the crash drill: every node that works waits 2 ms and leaves a line in a file."""

from collections.abc import Mapping, Sequence
from itertools import cycle, islice

from weft.blocks.agent.run_graph import RunGraph
from weft.blocks.flow.collect import Collect
from weft.blocks.testing.append_line import AppendLine
from weft.blocks.testing.append_line_once import AppendLineOnce
from weft.blocks.testing.appending import AppendingBlock
from weft.blocks.testing.generate import Generate
from weft.blocks.testing.record import Record
from weft.blocks.testing.trace import Trace
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder, GraphNode

EFFECTS: tuple[type[AppendingBlock], ...] = (Trace, Record, AppendLine, AppendLineOnce)
KEYED: tuple[type[AppendingBlock], ...] = (Record, AppendLine, AppendLineOnce)
"""Those whose lines name the execution, too: a pure firing has no key."""
AT_LEAST_ONCE, AT_MOST_ONCE = AppendLine.id, AppendLineOnce.id
WAIT_MS = 2
CHILDREN, NESTED = 50, 5
"""How many graphs the parent of a family calls, and how many of these call another one."""
_PINS = {Collect.id: "list", RunGraph.id: "results"}


class CrashGraph:
    """A chain, a fan and streams, side by side, with all four effects in turn."""

    def __init__(self, name: str, catalog: Catalog, effects: Sequence[type[AppendingBlock]] = EFFECTS) -> None:
        self._graph = GraphBuilder(name, catalog=catalog)
        self._lines = self._graph.input("lines", str)
        self._start = self._graph.input("start", int)
        self._effects = cycle(effects)
        self.nodes = 2
        self.wait_ms = WAIT_MS

    def build(self, *, chain: int, fan: int, streams: int, arm: int, items: int) -> bytes:
        """Return the graph as a file.

        Args:
            chain: Nodes one behind the other.
            fan: Nodes side by side, their values collected in order.
            streams: Generators; each goes through two arms, which a node zips and another one collects.
            arm: Nodes in each arm of a stream.
            items: How much each generator emits.
        """
        self._output("chain", self._row("link", chain, self._start))
        leaves = [self._leaf(number) for number in range(fan)]
        self._output("fan", self._collect("leaves", leaves))
        zipped = [self._stream(number, arm, items) for number in range(streams)]
        self._output("streams", self._collect("streams", zipped))
        return self._graph.to_bytes()

    def build_leaf(self, *, chain: int, fan: int) -> bytes:
        """Return a graph with the chain and the fan alone."""
        self._output("chain", self._row("link", chain, self._start))
        self._output("fan", self._collect("leaves", [self._leaf(number) for number in range(fan)]))
        return self._graph.to_bytes()

    def build_caller(self, called: Sequence[str], *, streamed: str | None = None, items: int = 0) -> bytes:
        """Return a graph that calls others and collects what they show.

        Args:
            called: Ids of graphs that are called side by side.
            streamed: Id of a graph that is called for each item of a stream.
            items: How many items the stream has.
        """
        calls = [self._call(f"call {number}", graph_id, self._start) for number, graph_id in enumerate(called)]
        if streamed is not None:
            generator = self._graph.add(Generate, "items", count=items, wait_ms=WAIT_MS)
            calls.append(self._call("each", streamed, generator))
        self._output("family", self._collect("results", calls))
        return self._graph.to_bytes()

    def _call(self, label: str, graph_id: str, source: GraphNode) -> GraphNode:
        node = self._graph.add(RunGraph, label, graph=graph_id)
        self._graph.link(self._lines, node["inputs.lines"], static=True)
        self._graph.link(source["item"] if source.block_id == Generate.id else source, node["inputs.start"])
        return node

    def _output(self, name: str, source: GraphNode) -> None:
        self._graph.output(name, source["list"] if source.block_id == Collect.id else source)
        self.nodes += 1

    def _work(self, label: str, value: Mapping[str, object] | None = None) -> GraphNode:
        given = {} if value is None else {"value": value}
        node = self._graph.add(next(self._effects), label, inputs=given, wait_ms=self.wait_ms)
        self._graph.link(self._lines, node["path"], static=True)
        self.nodes += 1
        return node

    def _row(self, label: str, length: int, source: GraphNode) -> GraphNode:
        for number in range(length):
            node = self._work(f"{label} {number}")
            self._graph.link(source["item"] if source.block_id == Generate.id else source, node["value"])
            source = node
        return source

    def _leaf(self, number: int) -> GraphNode:
        node = self._work(f"leaf {number}", value={"leaf": number})
        self._graph.link(self._start, node["value.of"])
        return node

    def _stream(self, number: int, arm: int, items: int) -> GraphNode:
        generator = self._graph.add(Generate, f"stream {number}", count=items, wait_ms=WAIT_MS)
        self.nodes += 1
        ends = [self._row(f"{side} {number}", arm, generator) for side in ("left", "right")]
        pair = self._work(f"pair {number}", value={"stream": number})
        for side, end in zip(("left", "right"), ends, strict=True):
            self._graph.link(end, pair[f"value.{side}"])
        next(islice(self._effects, 1), None)  # else every stream would have the same effects in the same places
        return self._collect(f"pairs {number}", [pair])

    def _collect(self, label: str, sources: list[GraphNode]) -> GraphNode:
        node = self._graph.add(Collect, label)
        for source in sources:
            self._graph.link(source[_PINS[source.block_id]] if source.block_id in _PINS else source, node["values"])
        self.nodes += 1
        return node


def big(catalog: Catalog) -> bytes:
    """Return the graph of 2,000 nodes."""
    graph = CrashGraph("Crash drill", catalog)
    content = graph.build(chain=408, fan=1000, streams=45, arm=5, items=6)
    assert graph.nodes == 2000, f"the graph has {graph.nodes} nodes"
    return content


def small(catalog: Catalog) -> bytes:
    """Return a graph of the same shape with about 100 nodes."""
    graph = CrashGraph("Crash drill, small", catalog)
    return graph.build(chain=30, fan=36, streams=2, arm=6, items=6)


def leaf(catalog: Catalog) -> bytes:
    """Return the graph of 20 nodes that a family calls."""
    graph = CrashGraph("Crash drill, leaf", catalog, KEYED)
    content = graph.build_leaf(chain=9, fan=6)
    assert graph.nodes == 20, f"the graph has {graph.nodes} nodes"
    return content


def between(catalog: Catalog, leaf_id: str) -> bytes:
    """Return a graph that only calls the leaf."""
    return CrashGraph("Crash drill, between", catalog).build_caller([leaf_id])


def family(catalog: Catalog, leaf_id: str, between_id: str) -> bytes:
    """Return the graph that calls 50 others: side by side and for each item of a stream, some of which call another one."""
    side_by_side = CHILDREN // 2
    called = [between_id] * NESTED + [leaf_id] * (side_by_side - NESTED)
    graph = CrashGraph("Crash drill, family", catalog)
    return graph.build_caller(called, streamed=leaf_id, items=CHILDREN - side_by_side)
