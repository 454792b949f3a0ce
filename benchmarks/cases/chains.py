"""What a second worker brings where nodes do nothing: long chains of pure nodes, one worker process and then two."""

from benchmarks.cases.load import Sample, open_load
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.workers import workers
from benchmarks.measure import NODES
from benchmarks.runs import chain
from weft.sdk.builder import GraphBuilder

SECONDS = 3.0
TURNS = 2


async def measure(options: Options) -> Figures:
    """Measure one and two workers by turns; the best of each counts, for what else the machine does only takes away."""
    nodes = options.size or NODES
    seconds = SECONDS / 3 if options.quick else SECONDS
    samples: dict[int, list[Sample]] = {1: [], 2: []}
    async with open_load(options) as load:
        builder = GraphBuilder("a chain", catalog=load.platform.catalog)
        chain(builder, nodes)
        version = await load.save(builder)
        for _ in range(TURNS):
            async with workers(options, 0) as running:
                for count, found in samples.items():
                    await running.start(count - len(running.processes))
                    await load.sample(version, running, count=20)  # warm: connections, plans, caches
                    found.append(await load.sample(version, running, seconds=seconds))
        await load.check()
    one, two = (max(found, key=lambda sample: sample.per_s) for found in samples.values())
    return {
        "nodes_per_s_1": one.per_s * nodes,
        "nodes_per_s_2": two.per_s * nodes,
        "times_one": two.per_s / one.per_s,
        "database_us": two.database_us,
        "worker_us": two.worker_us,
        "starter_us": two.starter_us,
    }


if __name__ == "__main__":
    main(measure)
