"""What a second worker brings where nodes do nothing: long chains of pure nodes, one worker process and then two."""

from benchmarks.cases.load import Sample, open_load
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.workers import workers
from benchmarks.measure import NODES
from benchmarks.runs import chain
from weft.sdk.builder import GraphBuilder

EXECUTIONS = 1_500
TURNS = 3


async def measure(options: Options) -> Figures:
    """Measure one and two workers by turns; the best of each counts, for what else the machine does only takes away.

    The chains are queued before, so that whoever starts them takes nothing of the processors.
    """
    nodes = options.size or NODES
    count = EXECUTIONS // 3 if options.quick else EXECUTIONS
    samples: dict[int, list[Sample]] = {1: [], 2: []}
    async with open_load(options) as load:
        builder = GraphBuilder("a chain", catalog=load.platform.catalog)
        chain(builder, nodes)
        version = await load.save(builder)
        for _ in range(TURNS):
            async with workers(options, 0) as running:
                for workers_now, found in samples.items():
                    await running.start(workers_now - len(running.processes))
                    await load.sample(version, running, count=20 * workers_now)  # warm: connections, plans, caches
                    found.append(await load.drained(version, running, count))
        await load.check()
    one, two = (max(found, key=lambda sample: sample.per_s) for found in samples.values())
    return {
        "nodes_per_s_1": one.per_s * nodes,
        "nodes_per_s_2": two.per_s * nodes,
        "times_one": two.per_s / one.per_s,
        "database_us_1": one.database_us,
        "worker_us_1": one.worker_us,
        "database_us_2": two.database_us,
        "worker_us_2": two.worker_us,
        "cores_1": one.cores,
        "cores_2": two.cores,
    }


if __name__ == "__main__":
    main(measure)
