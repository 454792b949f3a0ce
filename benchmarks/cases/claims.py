"""How many executions of one node worker processes take and finish: what is measured is everything but the work."""

from benchmarks.cases.load import TOGETHER, Sample, open_load
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.workers import workers
from benchmarks.runs import chain
from weft.sdk.builder import GraphBuilder

COUNTS = (1, 2, 4, 8)
SECONDS = 4.0
DRAINED = 4_000


async def measure(options: Options) -> Figures:
    """Measure with 1, 2, 4 and 8 worker processes; all other figures are those with the number that was fastest."""
    seconds = SECONDS / 4 if options.quick else SECONDS
    samples: dict[int, Sample] = {}
    async with open_load(options) as load, workers(options, 0) as running:
        builder = GraphBuilder("one node", catalog=load.platform.catalog)
        chain(builder, 1)
        version = await load.save(builder)
        for count in COUNTS[: options.size or None]:
            await running.start(count - len(running.processes))
            await load.sample(version, running, count=200)  # warm: connections, plans, caches
            samples[count] = await load.sample(version, running, seconds=seconds, together=TOGETHER)
        best_count, best = max(samples.items(), key=lambda item: item[1].per_s)
        while len(running.processes) > best_count:
            await running.end_one()
        singly = await load.sample(version, running, seconds=seconds)
        drained = await load.drained(version, running, DRAINED // 4 if options.quick or options.size else DRAINED)
        await load.check()
    return {
        "per_s": best.per_s,
        **{f"per_s_{count}": sample.per_s for count, sample in samples.items()},
        "database_us": best.database_us,
        "worker_us": best.worker_us,
        "starter_us": best.starter_us,
        "singly_per_s": singly.per_s,
        "drained_per_s": drained.per_s,
    }


if __name__ == "__main__":
    main(measure)
