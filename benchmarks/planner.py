"""How many firings per second the planner alone decides: `python benchmarks/planner.py`.

Processor time, the best of several rounds, no blocks, no values, no journal. Sizes of 10,000 stand beside
100 because a cost per node that grows with the graph shows only there.
"""

import time
from collections.abc import Callable

from weft.executions.plan import NodeFacts, Plan, compile_plan
from weft.executions.planner import Planner
from weft.graphs.types import GraphContent, Link, Node

ROUNDS = 5
STREAM = NodeFacts(many=frozenset({"result"}))
COLLECT = NodeFacts(collecting=frozenset({"list"}))


def graph(facts: list[NodeFacts], links: list[tuple[int, int, str]]) -> Plan:
    """Return the plan of nodes joined by `(source, sink, slot)`."""
    nodes = tuple(Node(id=f"n{at}", block_id="b", label="n") for at in range(len(facts)))
    wires = tuple(
        Link(id=f"l{at}", source_id=f"n{source}", source_name="result", sink_id=f"n{sink}", sink_name=slot)
        for at, (source, sink, slot) in enumerate(links)
    )
    return compile_plan(GraphContent(name="benchmark", nodes=nodes, links=wires), facts)


def chain(length: int) -> Plan:
    return graph([NodeFacts()] * length, [(at, at + 1, "x") for at in range(length - 1)])


def fan(width: int) -> Plan:
    arms = range(1, width + 1)
    links = [(0, arm, "x") for arm in arms] + [(arm, width + 1, "list") for arm in arms]
    return graph([NodeFacts()] * (width + 1) + [COLLECT], links)


def paired() -> Plan:
    """A stream through two arms into a zip, and on."""
    return graph([STREAM, *[NodeFacts()] * 4], [(0, 1, "x"), (0, 2, "x"), (1, 3, "a"), (2, 3, "b"), (3, 4, "x")])


def run(plan: Plan) -> int:
    """Run every firing through the fast path; return how many there were."""
    planner = Planner(plan)
    todo = planner.start(())
    count = 0
    while todo:
        firing = todo.pop()
        count += 1
        todo += planner.completed(firing.node, firing.index, (0,))
        planner.releasable()
    assert planner.state == "done", "the graph runs to its end"
    return count


def run_stream(plan: Plan, items: int) -> int:
    """Let a generator emit one item at a time and drain the graph after each."""
    planner = Planner(plan)
    planner.start(())
    count = 1
    for _ in range(items):
        todo = planner.emitted(0, 0, 0)
        while todo:
            firing = todo.pop()
            count += 1
            todo += planner.completed(firing.node, firing.index, (0,))
            planner.releasable()
    planner.completed(0, 0, ())
    assert planner.state == "done", "the graph runs to its end"
    return count


def best(work: Callable[[], int], repeats: int) -> float:
    """Return the most firings per second of processor time."""
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        firings = sum(work() for _ in range(repeats))
        rates.append(firings / (time.process_time() - started))
    return max(rates)


def main() -> None:
    for size in (100, 10_000):
        started = time.process_time()
        plan = chain(size)
        compiled = time.process_time() - started
        rate = best(lambda plan=plan: run(plan), 10_000 // size)  # type: ignore[misc]
        print(f"chain of {size:>7,}: {rate:>10,.0f} firings/s (graph and plan made in {compiled:.3f} s)")
    for size in (100, 10_000):
        plan = fan(size)
        rate = best(lambda plan=plan: run(plan), 10_000 // size)  # type: ignore[misc]
        print(f"fan of   {size:>7,}: {rate:>10,.0f} firings/s, with Collect")
    plan = paired()
    for size in (1_000, 100_000):
        rate = best(lambda size=size: run_stream(plan, size), 100_000 // size // 10 + 1)  # type: ignore[misc]
        print(f"stream of {size:>6,}: {rate:>10,.0f} firings/s, through a zip")


if __name__ == "__main__":
    main()
