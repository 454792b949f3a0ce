"""A long stream: one node emits the items, two pass each of them on, and the last one gathers them."""

import time

from benchmarks.cases.process import Figures, Options, main, own_peak_mb
from benchmarks.measure import NotKept, Recorded
from benchmarks.runs import NO_OP, Runs, open_runs
from weft.graphs.types import GraphVersion
from weft.sdk.builder import GraphBuilder

ITEMS = 100_000
GENERATE = "testing.generate"
COLLECT = "flow.collect"
NODES = 4


async def save_stream(runs: Runs, items: int) -> GraphVersion:
    """Save the graph."""
    builder = GraphBuilder("a stream", catalog=runs.catalog)
    source = builder.add(GENERATE, "source", count=items)
    first, second = builder.add(NO_OP, "first"), builder.add(NO_OP, "second")
    sink = builder.add(COLLECT, "sink")
    builder.link(source["item"], first["value"])
    builder.link(first["value"], second["value"])
    builder.link(second["value"], sink["values"])
    return await runs.save(builder)


async def measure(options: Options) -> Figures:
    """Measure a stream; the memory is that of the whole process, worker and service."""
    items = options.size or ITEMS
    async with open_runs(options.url) as runs:
        version = await save_stream(runs, items)
        before = own_peak_mb()
        began = time.perf_counter()
        await runs.run(version)
        taken = time.perf_counter() - began
        peak = own_peak_mb()
        ran = Recorded(1, 2 * items + 2)
        if (found := await runs.recorded()) != ran:
            raise NotKept(f"ran {ran}, but the database holds {found}")
    return {"items": items, "seconds": taken, "items_per_s": items / taken, "peak_mb": peak, "before_mb": before}


if __name__ == "__main__":
    main(measure)
