"""What a million ended executions make slower: a claim, a start, a run, and the list that people look at."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from benchmarks.cases import past
from benchmarks.cases.process import Figures, Options, main
from benchmarks.cases.takeover import percentile
from benchmarks.measure import NotKept
from benchmarks.runs import Runs, chain, open_runs, save
from weft.assembly import Platform, open_platform
from weft.db.connector import Connector
from weft.executions.repository.dispatch import PostgresDispatch
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphVersion
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

EXECUTIONS = 1_000_000
SCHEMAS = ("empty", "full")
TIMES = 100
BATCH = 10
PAGE = 20


async def measure(options: Options) -> Figures:
    """Measure in two schemas of one database by turns, of which one holds the history; medians, and one p99."""
    executions = options.size or (EXECUTIONS // 10 if options.quick else EXECUTIONS)
    times = TIMES // 4 if options.quick or options.size else TIMES
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_runs(options.url, schema=schema)) for schema in SCHEMAS]
        versions = [await _one_node(runs) for runs in opened]
        await past.fill(options.url, versions[1], executions, schema=SCHEMAS[1])
        ran = await _by_turns([_run(runs, version) for runs, version in zip(opened, versions, strict=True)], times)
        kept = [(await runs.recorded()).executions for runs in opened]
        ended_well = executions - executions // past.FAILED_EVERY
        if kept != [times + 5, times + 5 + ended_well]:
            raise NotKept(f"ran {times + 5} each, but the databases hold {kept}")
        listed = await _listed(opened[1].platform, times)
        none_runs = await _page_ms(opened[1].platform, [ExecutionStatus.RUNNING])
    # The workers are gone: what is started now stays in the queue.
    async with AsyncExitStack() as stack:
        catalog = Catalog.load(testing=True)
        platforms = [
            await stack.enter_async_context(open_platform(options.url, schema=schema, catalog=catalog))
            for schema in SCHEMAS
        ]
        starts = [_start(platform, version) for platform, version in zip(platforms, versions, strict=True)]
        started = await _by_turns(starts, times * BATCH)
        claimed, buffers = await _claims(options.url, platforms, times)
    return {
        "executions": executions,
        "claim_ms": claimed[1] * 1000,
        "claim_times": claimed[1] / claimed[0],
        "claim_buffers": buffers[1] / buffers[0],
        "start_ms": started[1] * 1000,
        "start_times": started[1] / started[0],
        "run_ms": ran[1] * 1000,
        "run_times": ran[1] / ran[0],
        "list_p50_ms": statistics.median(listed),
        "list_p99_ms": percentile(listed, 99),
        "list_none_ms": none_runs,
    }


async def _one_node(runs: Runs) -> GraphVersion:
    builder = GraphBuilder("one node", catalog=runs.catalog)
    chain(builder, 1)
    return await save(runs.platform, builder)


def _run(runs: Runs, version: GraphVersion) -> Callable[[], Awaitable[object]]:
    return lambda: runs.run(version)


def _start(platform: Platform, version: GraphVersion) -> Callable[[], Awaitable[object]]:
    async def start() -> None:
        async with platform.database.transaction(LOCAL_OWNER) as tx:
            await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={})

    return start


async def _by_turns(things: Sequence[Callable[[], Awaitable[object]]], times: int) -> list[float]:
    """Do all things by turns, so many times; return the median seconds of each. The first turns do not count."""
    taken: list[list[float]] = [[] for _ in things]
    for _ in range(times + 5):
        for do, found in zip(things, taken, strict=True):
            began = time.perf_counter()
            await do()
            found.append(time.perf_counter() - began)
    return [statistics.median(found[5:]) for found in taken]


async def _claims(url: str, platforms: Sequence[Platform], times: int) -> tuple[list[float], list[float]]:
    """Return the median seconds of a claim in each schema, and the median number of buffers that it looks at."""
    found: list[list[float]] = [[] for _ in platforms]
    looked: list[list[float]] = [[] for _ in platforms]
    async with AsyncExitStack() as stack:
        watch = await Connector.to(url).connect()
        stack.push_async_callback(watch.close)
        takers = [await stack.enter_async_context(_taker(platform)) for platform in platforms]
        for number in range(times):
            for schema, (dispatch, connections), seconds, pages in zip(SCHEMAS, takers, found, looked, strict=True):
                before = await past.buffers(watch, schema)
                began = time.perf_counter()
                claims = await dispatch.take(BATCH)
                taken = time.perf_counter() - began
                if len(claims) != BATCH:
                    raise NotKept(f"asked for {BATCH} executions of those that were started, and got {len(claims)}")
                await connections[-1].execute("SELECT pg_stat_force_next_flush()")
                if number >= times // 10:  # the first ones fill caches
                    seconds.append(taken)
                    pages.append(await past.buffers(watch, schema) - before)
    return [statistics.median(one) for one in found], [statistics.median(one) for one in looked]


@asynccontextmanager
async def _taker(
    platform: Platform,
) -> "AsyncIterator[tuple[PostgresDispatch, list[asyncpg.Connection[asyncpg.Record]]]]":
    """Lend a worker's dispatch, and the connections that it has opened."""
    connections: list[asyncpg.Connection[asyncpg.Record]] = []

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        connections.append(await platform.engine_database.connect_raw())
        return connections[-1]

    dispatch = PostgresDispatch(connect, ttl_s=600)
    await dispatch.working()
    try:
        yield dispatch, connections
    finally:
        await dispatch.close()


async def _listed(platform: Platform, times: int) -> list[float]:
    """Return the milliseconds of looks at the list: the first page, the second, and the failed ones, by turns."""
    taken = []
    for _ in range(times):
        async with platform.database.transaction(LOCAL_OWNER) as tx:
            first = await platform.executions.history(tx, LOCAL_OWNER, limit=PAGE)
        taken += [await _page_ms(platform), await _page_ms(platform, after=first.next)]
        taken.append(await _page_ms(platform, [ExecutionStatus.FAILED]))
        await asyncio.sleep(0)
    return taken


async def _page_ms(
    platform: Platform, statuses: Sequence[ExecutionStatus] | None = None, *, after: str | None = None
) -> float:
    began = time.perf_counter()
    async with platform.database.transaction(LOCAL_OWNER) as tx:
        await platform.executions.history(tx, LOCAL_OWNER, limit=PAGE, statuses=statuses, after=after)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(measure)
