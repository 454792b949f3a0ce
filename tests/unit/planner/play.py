"""Play an execution by hand and read what the planner forms, by name.

`b0(a0.0, c1.2)` is firing 0 of node b with emission 0 of firing 0 of a, and emission 2 of firing 1 of c; a
collected slot is shown as `[a0.0 a1.0]`.
"""

from weft.executions.plan import Kind, NodeFacts, Plan, compile_plan
from weft.executions.planner import Firing, Planner
from weft.executions.planning.refs import Collected, Input, unpack
from weft.executions.records import Outcome, Record
from weft.graphs.types import GraphContent, Link, Node

PINS = ("result", "other")
PURE = NodeFacts(outputs=PINS)
STREAM = NodeFacts(outputs=PINS, many=frozenset(PINS))
EFFECT = NodeFacts(outputs=PINS, pure=False)
EFFECT_STREAM = NodeFacts(outputs=PINS, pure=False, many=frozenset(PINS))
UNORDERED = NodeFacts(outputs=PINS, pure=False, ordered=False, waits=True)
INPUT = NodeFacts(Kind.INPUT)
COLLECT = NodeFacts(outputs=PINS, collecting=frozenset({"list"}))


class Play:
    """A graph and its execution.

    Args:
        links: One per line: `a -> b.x`, `a.other -> b.x static`; nodes are known by these names.
        facts: What each node is; pure with one value per firing where nothing is said.
    """

    def __init__(self, links: str, **facts: NodeFacts) -> None:
        rows = [line.split() for line in links.strip().splitlines() if line.strip()]
        self.names = list(dict.fromkeys([*facts, *(row[0].split(".")[0] for row in rows)]))
        self.names += dict.fromkeys(sink for row in rows if (sink := row[2].split(".")[0]) not in self.names)
        self.content = GraphContent(
            name="play",
            nodes=tuple(Node(id=name, block_id="b", label=name) for name in self.names),
            links=tuple(_link(at, row) for at, row in enumerate(rows)),
        )
        self.facts = [facts.get(name, PURE) for name in self.names]
        self.plan: Plan = compile_plan(self.content, self.facts)
        self.planner = Planner(self.plan)

    def start(self, *given: str) -> list[str]:
        return self.shown(self.planner.start([self.names.index(name) for name in given]))

    def emit(self, firing: str, pin: str = "result", *, skip: int = 0) -> list[str]:
        node, index = self.place(firing)
        return self.shown(self.planner.emitted(node, index, self.plan.out_pins[node][pin], skip))

    def end(self, firing: str, outcome: Outcome = Outcome.OK) -> list[str]:
        return self.shown(self.planner.finished(*self.place(firing), outcome))

    def done(self, firing: str, *pins: str, outcome: Outcome = Outcome.OK) -> list[str]:
        """Everything at once; one emission on `result` where no pin is named."""
        node, index = self.place(firing)
        numbers = [self.plan.out_pins[node][pin] for pin in (pins or ("result",))]
        return self.shown(self.planner.completed(node, index, numbers, outcome))

    def empty(self, firing: str) -> list[str]:
        return self.shown(self.planner.completed(*self.place(firing), ()))

    def wait(self, firing: str) -> list[str]:
        return self.shown(self.planner.waiting(*self.place(firing)))

    def answer(self, firing: str) -> None:
        self.planner.answered(*self.place(firing))

    def reset(self, firing: str) -> int:
        return self.planner.reset(*self.place(firing))

    def apply(self, record: Record) -> list[str]:
        return self.shown(self.planner.apply(record))

    def open(self) -> list[str]:
        return self.shown(list(self.planner.open()))

    def state(self) -> str:
        return self.planner.state

    def place(self, firing: str) -> tuple[int, int]:
        """`b12` is firing 12 of b."""
        name = firing.rstrip("0123456789")
        return self.names.index(name), int(firing[len(name) :])

    def shown(self, firings: list[Firing]) -> list[str]:
        return [
            f"{self.names[node]}{index}({', '.join(self.show(one) for one in inputs)})"
            for node, index, inputs in firings
        ]

    def show(self, item: Input) -> str:
        if isinstance(item, Collected):
            return f"[{' '.join(self.show(one) for one in item)}]"
        node, index, k = unpack(item)
        return f"{self.names[node]}{index}.{k}"

    def timing(self) -> list[str]:
        """Slots that validation names as depending on timing."""
        return [f"{self.names[one.node]}.{one.pin}" for one in self.plan.order_dependent]


def _link(at: int, row: list[str]) -> Link:
    source, _, path = row[0].partition(".")
    sink, _, slot = row[2].partition(".")
    return Link(
        id=f"l{at}",
        source_id=source,
        source_name=path or "result",
        sink_id=sink,
        sink_name=slot,
        is_static="static" in row,
        optional_path="optional" in row,
    )
