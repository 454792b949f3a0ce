"""How long executions of a killed worker stand still: from `kill -9` to their claim by another worker."""

import asyncio
import statistics
import time
from uuid import UUID

from benchmarks.cases.load import Load, open_load
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.workers import Workers, workers
from weft.graphs.types import GraphVersion
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

KILLS = 10
EACH = 6
TTL_S = 3.0
_LOOK_S = 0.005
_LEASES = "SELECT execution_id, worker FROM leases"


async def measure(options: Options) -> Figures:
    """Measure with two workers, of which the one that runs everything is killed; again and again, with new ones."""
    kills = options.size or (KILLS // 4 if options.quick else KILLS)
    seconds: list[float] = []
    async with open_load(options) as load, workers(options, 1, ttl_s=TTL_S) as running:
        builder = GraphBuilder("one long node", catalog=load.platform.catalog)
        builder.add("testing.generate", "long", count=1, wait_ms=600_000)
        version = await load.save(builder)
        for _ in range(kills):
            seconds += await _taken_over(load, running, version)
    return {"p50_s": statistics.median(seconds), "p99_s": percentile(seconds, 99), "executions": len(seconds)}


async def _taken_over(load: Load, running: Workers, version: GraphVersion) -> list[float]:
    """Kill the worker that runs some executions; return for each how long it took until the next one had it."""
    ids = [await load.start(version) for _ in range(EACH)]
    first = await _holders(load, ids)
    while len(first) < EACH:
        await asyncio.sleep(_LOOK_S)
        first = await _holders(load, ids)
    await running.start(1)
    killed_at = time.perf_counter()
    running.kill()
    taken: dict[UUID, float] = {}
    while len(taken) < EACH:
        await asyncio.sleep(_LOOK_S)
        now = time.perf_counter() - killed_at
        for id, worker in (await _holders(load, ids)).items():
            if worker != first[id]:
                taken.setdefault(id, now)
    for id in ids:
        async with load.platform.database.transaction(LOCAL_OWNER) as tx:
            await load.platform.executions.cancel(tx, LOCAL_OWNER, id)
    while await load.open():  # noqa: ASYNC110  (the database alone knows)
        await asyncio.sleep(_LOOK_S)
    return list(taken.values())


async def _holders(load: Load, ids: list[UUID]) -> dict[UUID, int]:
    async with load.platform.engine_database.transaction() as tx:
        leases = await tx.all(_LEASES)
    return {lease["execution_id"]: lease["worker"] for lease in leases if lease["execution_id"] in ids}


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest of the values that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]


if __name__ == "__main__":
    main(measure)
