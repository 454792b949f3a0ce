"""What it costs to call a graph: many calls one after the other, and half as many side by side."""

import statistics
import time

from benchmarks.cases.process import Figures, Options, main
from benchmarks.measure import NotKept, Recorded
from benchmarks.runs import Runs, chain, open_runs
from weft.graphs.types import GraphVersion
from weft.sdk.builder import GraphBuilder, GraphNode

CALL = "agent.run"
CALLS = 100
NODES_EACH = 20
TIMES = 5


async def save_chain(runs: Runs, length: int) -> GraphVersion:
    """Save a chain of no-op nodes."""
    builder = GraphBuilder(f"chain of {length}", catalog=runs.catalog)
    chain(builder, length)
    return await runs.save(builder)


async def save_row(runs: Runs, called: GraphVersion, calls: int) -> GraphVersion:
    """Save a graph that calls another one again and again, each time when the last call has ended."""
    builder = GraphBuilder("a row of calls", catalog=runs.catalog)
    last: GraphNode | None = None
    for number in range(calls):
        node = builder.add(CALL, f"call{number}", graph=str(called.graph_id))
        if last is not None:
            builder.link(last["results"], node["inputs"])  # {} from a graph without outputs, for one without inputs
        last = node
    return await runs.save(builder)


async def save_fan(runs: Runs, called: GraphVersion, calls: int) -> GraphVersion:
    """Save a graph that calls another one many times, all at once."""
    builder = GraphBuilder("many calls", catalog=runs.catalog)
    for number in range(calls):
        builder.add(CALL, f"call{number}", graph=str(called.graph_id))
    return await runs.save(builder)


async def seconds_each(runs: Runs, versions: tuple[GraphVersion, ...]) -> list[float]:
    """Return how long a run of each takes that nothing else runs beside: the median, after a first that does not count.

    They take turns, so that what else the machine does hits all of them.
    """
    taken: list[list[float]] = [[] for _ in versions]
    for _ in range(1 + TIMES):
        for version, times in zip(versions, taken, strict=True):
            began = time.perf_counter()
            await runs.run(version)
            times.append(time.perf_counter() - began)
    return [statistics.median(times[1:]) for times in taken]


async def measure(options: Options) -> Figures:
    """Measure calls, on a worker with its default number of slots."""
    in_a_row = options.size or CALLS
    at_once = in_a_row // 2
    async with open_runs(options.url) as runs:
        single, several = await save_chain(runs, 1), await save_chain(runs, NODES_EACH)
        versions = (single, await save_row(runs, single, in_a_row), await save_fan(runs, several, at_once))
        alone, row, fan = await seconds_each(runs, versions)
        executions = 1 + (1 + in_a_row) + (1 + at_once)
        nodes = 1 + 2 * in_a_row + (at_once + at_once * NODES_EACH)
        ran = Recorded((1 + TIMES) * executions, (1 + TIMES) * nodes)
        if (found := await runs.recorded()) != ran:
            raise NotKept(f"ran {ran}, but the database holds {found}")
    return {
        "per_child_ms": row * 1000 / in_a_row,
        "alone_ms": alone * 1000,
        "times_alone": row / in_a_row / alone,
        "at_once_per_s": at_once / fan,
    }


if __name__ == "__main__":
    main(measure)
