"""The graphs of the fault matrix: five shapes of about ten to thirty firings, whose effects leave lines in a file."""

from collections.abc import Callable, Mapping
from uuid import UUID

from tests.drills.crash_graph import KEYED, WAIT_MS, CrashGraph
from weft.blocks.testing.ask import Ask
from weft.blocks.testing.fail import Fail
from weft.blocks.testing.generate import Generate
from weft.blocks.testing.noop import Noop
from weft.blocks.time.sleep import Sleep
from weft.sdk import Catalog

LENGTH = 6
"""Nodes of a chain, leaves of a fan, items of a stream."""
CALLS = 2
NAP_S = 1.0
SNAPSHOT_ITEMS = 300
PURE_LENGTH = 20

SHAPES = ("chain", "fan", "stream", "family", "wait")
"""In the order in which a load takes turns."""
CALLED = "called"
"""The graph that `family` calls; it is saved before."""


class ShapeGraph(CrashGraph):
    """One shape alone, with all effects that leave a key in turn."""

    def __init__(self, shape: str, catalog: Catalog) -> None:
        super().__init__(f"Fault matrix, {shape}", catalog, KEYED)

    def chain(self) -> bytes:
        """Return nodes one behind the other."""
        self._output("chain", self._row("link", LENGTH, self._start))
        return self._graph.to_bytes()

    def fan(self) -> bytes:
        """Return nodes side by side, whose values are collected."""
        self._output("fan", self._collect("leaves", [self._leaf(number) for number in range(LENGTH)]))
        return self._graph.to_bytes()

    def stream(self) -> bytes:
        """Return a generator whose items go through two arms, are paired and collected."""
        self._output("stream", self._collect("streams", [self._stream(0, 1, LENGTH)]))
        return self._graph.to_bytes()

    def wait(self) -> bytes:
        """Return an effect, a pause that no worker holds, a question to a person, and an effect with the answer."""
        before = self._row("before", 2, self._start)
        nap = self._graph.add(Sleep, "nap", seconds=NAP_S)
        self._graph.link(before, nap["value"])
        ask = self._graph.add(Ask, "ask")
        self._graph.link(nap, ask["value"])
        self.nodes += 2
        after = self._work("after")
        self._graph.link(ask["value"], after["value"])
        self._output("wait", after)
        return self._graph.to_bytes()

    def pure(self) -> bytes:
        """Return nodes one behind the other that only pass a number on."""
        last = self._start
        for number in range(PURE_LENGTH):
            node = self._graph.add(Noop, f"pass {number}")
            self._graph.link(last, node["value"])
            last = node
        self.nodes += PURE_LENGTH
        self._output("pure", last)
        return self._graph.to_bytes()

    def long(self) -> bytes:
        """Return enough firings for a snapshot, and then a pause."""
        numbers = self._graph.add(Generate, "numbers", count=SNAPSHOT_ITEMS)
        passed = self._graph.add(Noop, "pass")
        self._graph.link(numbers["item"], passed["value"])
        collected = self._collect("all", [passed])
        nap = self._graph.add(Sleep, "nap", seconds=NAP_S)
        self._graph.link(collected["list"], nap["value"])
        after = self._work("after")
        self._graph.link(nap["value"], after["value"])
        self._output("long", after)
        return self._graph.to_bytes()

    def orphans(self, called: str) -> bytes:
        """Return a call and, beside it, a failure that comes before the called graph has ended."""
        call = self._call("call", called, self._start)
        fail = self._graph.add(Fail, "fail")
        self._graph.link(self._row("before", 1, self._start), fail["value"])
        self._graph.output("call", call["results"])
        return self._graph.to_bytes()

    def poisoned(self, block: str, values: Mapping[str, object]) -> bytes:
        """Return a chain of an effect, a block that does harm, and another effect."""
        harm = self._graph.add(block, "harm", inputs=dict(values))
        self._graph.link(self._row("before", 1, self._start), harm["value"])
        self.nodes += 1
        self._output("harm", self._row("after", 1, harm))
        return self._graph.to_bytes()


def shape(name: str, catalog: Catalog, *, called: UUID | None = None, wait_ms: int = WAIT_MS) -> bytes:
    """Return a graph as a file.

    Args:
        name: One of `SHAPES`, `CALLED`, `long`, `pure`, or `orphans`.
        catalog: The blocks.
        called: Id of the saved graph `CALLED`; only those that call need it.
        wait_ms: How long each effect takes.
    """
    graph = ShapeGraph(name, catalog)
    graph.wait_ms = wait_ms
    if name == "family":
        return graph.build_caller([str(called)], streamed=str(called), items=CALLS)
    if name == "orphans":
        return graph.orphans(str(called))
    makers: dict[str, Callable[[], bytes]] = {
        "chain": graph.chain,
        "fan": graph.fan,
        "stream": graph.stream,
        "wait": graph.wait,
        "long": graph.long,
        "pure": graph.pure,
        CALLED: lambda: graph.build_leaf(chain=2, fan=2),
    }
    return makers[name]()
