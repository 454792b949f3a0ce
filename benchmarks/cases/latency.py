"""How soon an execution of one node has ended: from the call that starts it until its terminal state is seen."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.cases.load import Load, open_load
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.takeover import percentile
from benchmarks.cases.workers import workers
from benchmarks.runs import chain
from weft.graphs.types import GraphVersion
from weft.sdk.builder import GraphBuilder
from weft.worker.worker import Worker

TIMES = 300
_LOOK_S = 0.001
_STATUS = "SELECT ended_at IS NOT NULL FROM executions WHERE id = $1"


async def measure(options: Options) -> Figures:
    """Measure with a worker process, and then with a worker in this one; nothing else runs."""
    times = options.size or (TIMES // 6 if options.quick else TIMES)
    async with open_load(options) as load:
        builder = GraphBuilder("one node", catalog=load.platform.catalog)
        chain(builder, 1)
        version = await load.save(builder)
        async with workers(options, 1):
            other = await _one_by_one(load, version, times)
        async with _own_worker(load):
            same = await _one_by_one(load, version, times)
        await load.check()
    return {
        "other_p50_ms": statistics.median(other),
        "other_p99_ms": percentile(other, 99),
        "same_p50_ms": statistics.median(same),
        "same_p99_ms": percentile(same, 99),
    }


async def _one_by_one(load: Load, version: GraphVersion, times: int) -> list[float]:
    """Run it so many times with a pause before each; return the milliseconds until the row said that it has ended."""
    connection = await load.platform.engine_database.connect_raw()
    try:
        ended = await connection.prepare(_STATUS)
        taken = []
        for number in range(times + 5):
            await asyncio.sleep(random.uniform(0.01, 0.03))  # not in step with anybody's rhythm
            began = time.perf_counter()
            execution_id = await load.start(version)
            while not await ended.fetchval(execution_id):  # noqa: ASYNC110  (how a client without signals sees it)
                await asyncio.sleep(_LOOK_S)
            if number >= 5:  # the first ones fill caches
                taken.append((time.perf_counter() - began) * 1000)
        return taken
    finally:
        await connection.close()


@asynccontextmanager
async def _own_worker(load: Load) -> AsyncIterator[None]:
    """Run a worker in this process for the length of the block, told of new work as `weft run` tells its own."""
    async with load.platform.engine() as parts:
        worker = Worker(parts)
        load.platform.wakes.listeners.append(worker.wake)
        async with worker.running():
            yield
        load.platform.wakes.listeners.remove(worker.wake)


if __name__ == "__main__":
    main(measure)
