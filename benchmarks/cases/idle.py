"""What `weft serve` costs while nobody asks anything of it: processor and memory of all processes, database included."""

import asyncio
import time

from benchmarks.cases.load import open_load
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.usage import memory_mb, processor_s, with_children
from benchmarks.cases.workers import workers
from benchmarks.runs import chain
from weft.sdk.builder import GraphBuilder

SECONDS = 20.0
SETTLE_S = 3.0
DEFAULT_SLOTS = 10


async def measure(options: Options) -> Figures:
    """Measure `weft serve` with its default of one worker, which has run something, and the database."""
    seconds = options.size or (SECONDS / 4 if options.quick else SECONDS)
    async with workers(options, 0, slots=DEFAULT_SLOTS, command="serve") as running:
        async with open_load(options) as load:
            server = load.server
            builder = GraphBuilder("one node", catalog=load.platform.catalog)
            chain(builder, 1)
            version = await load.save(builder)
            await running.start(1)
            await load.sample(version, running, count=50)
        await asyncio.sleep(SETTLE_S)  # what was opened for the load is closed by now, and what it wrote is on disk
        everything = with_children(server) + [one for process in running.processes for one in with_children(process)]
        before, began = processor_s(everything), time.perf_counter()
        await asyncio.sleep(seconds)
        used = processor_s(everything) - before
        taken = time.perf_counter() - began
        return {"processor_percent": used / taken * 100, "memory_mb": memory_mb(everything)}


if __name__ == "__main__":
    main(measure)
