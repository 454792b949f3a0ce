"""Executions started as the API starts them, for workers that run elsewhere."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psutil

from benchmarks.cases.process import Options
from benchmarks.cases.usage import postgres, processor_s, with_children
from benchmarks.cases.workers import Workers
from benchmarks.measure import NotKept, Recorded
from benchmarks.runs import recorded, save
from weft.assembly import Platform, open_platform
from weft.db.migrate import migrate
from weft.graphs.types import GraphVersion
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

CLIENTS = 8
TOGETHER = 20
"""So many starts share a transaction where it is not the starts that are measured."""
_OPEN_AT_MOST = 1_000
"""So many may wait or run; then nobody starts another one until some have ended."""
_LOOK_S = 0.02
_OPEN = "SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM leases)"


@dataclass(frozen=True)
class Sample:
    """A load that has ended.

    Attributes:
        seconds: From the first start until none was open any more.
        database_us: Processor time of the database for one execution, in microseconds.
        worker_us: That of the workers.
        starter_us: That of whoever started them, which is this process.
    """

    executions: int
    seconds: float
    database_us: float
    worker_us: float
    starter_us: float

    @property
    def per_s(self) -> float:
        """Return how many were started, claimed and finished in a second."""
        return self.executions / self.seconds

    @property
    def cores(self) -> float:
        """Return how many processors database, workers and starters kept busy."""
        return (self.database_us + self.worker_us + self.starter_us) / 1e6 * self.per_s


@dataclass
class Load:
    """A platform without a worker, that starts executions and counts them."""

    platform: Platform
    server: psutil.Process
    _ran: dict[UUID, tuple[int, int]] = field(default_factory=dict)

    async def save(self, builder: GraphBuilder) -> GraphVersion:
        """Save a graph and return its version."""
        return await save(self.platform, builder)

    async def start(self, version: GraphVersion) -> UUID:
        """Start a run and return its id; it is durable by then."""
        return (await self.start_together(version, 1))[0]

    async def start_together(self, version: GraphVersion, count: int) -> list[UUID]:
        """Start so many runs in one transaction and return their ids."""
        start = self.platform.executions.start
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            ids: list[UUID] = [await start(tx, LOCAL_OWNER, version=version, inputs={}) for _ in range(count)]
        runs, nodes = self._ran.get(version.id, (0, len(version.content.nodes)))
        self._ran[version.id] = runs + count, nodes
        return ids

    async def sample(
        self, version: GraphVersion, workers: Workers, *, seconds: float = 0, count: int = 0, together: int = 1
    ) -> Sample:
        """Start executions for so many seconds, or so many of them, and wait until all have ended.

        Args:
            version: What to run.
            workers: Who runs it.
            seconds: For how long to start some; 0 to go by `count`.
            count: How many to start.
            together: How many one transaction starts.
        """
        before = self._used(workers)
        began = time.perf_counter()
        until = began + seconds if seconds else None
        started = await self._start_all(version, until=until, count=count, together=together)
        return await self._ended(workers, started, began, before)

    async def drained(self, version: GraphVersion, workers: Workers, count: int) -> Sample:
        """Start so many executions while the workers stand still, and let them run these: the starts do not count."""
        workers.pause()
        try:
            await self._start_all(version, until=None, count=count, together=TOGETHER, most=count)
        finally:
            workers.go_on()
        return await self._ended(workers, count, time.perf_counter(), self._used(workers))

    async def _ended(self, workers: Workers, started: int, began: float, before: tuple[float, float, float]) -> Sample:
        while await self.open():  # noqa: ASYNC110  (the database alone knows)
            await asyncio.sleep(_LOOK_S)
        taken = time.perf_counter() - began
        used = [(after - then) / started * 1e6 for then, after in zip(before, self._used(workers), strict=True)]
        return Sample(started, taken, *used)

    async def open(self) -> int:
        """Return how many executions are queued or run."""
        async with self.platform.engine_database.transaction() as tx:
            return int(await tx.scalar(_OPEN))

    async def check(self) -> None:
        """Compare with the database.

        Raises:
            NotKept: It holds something else than what was run.
        """
        found = await recorded(self.platform)
        counts = self._ran.values()
        ran = Recorded(sum(runs for runs, _ in counts), sum(runs * nodes for runs, nodes in counts))
        if found != ran:
            raise NotKept(f"ran {ran}, but the database holds {found}")

    async def _start_all(
        self, version: GraphVersion, *, until: float | None, count: int, together: int, most: int = _OPEN_AT_MOST
    ) -> int:
        started = 0
        room = asyncio.Event()
        room.set()

        async def client() -> None:
            nonlocal started
            while (started < count) if until is None else (time.perf_counter() < until):
                number = together if until is not None else min(together, count - started)
                started += number
                await self.start_together(version, number)
                await room.wait()

        async def watch() -> None:
            while True:
                if await self.open() < most:
                    room.set()
                else:
                    room.clear()
                await asyncio.sleep(_LOOK_S)

        watching = asyncio.create_task(watch())
        try:
            async with asyncio.TaskGroup() as clients:
                for _ in range(CLIENTS):
                    clients.create_task(client())
        finally:
            watching.cancel()
            await asyncio.wait([watching])
        return started

    def _used(self, workers: Workers) -> tuple[float, float, float]:
        """Return the processor time of database, workers and this process so far, in seconds."""
        return processor_s(with_children(self.server)), workers.processor_s(), time.process_time()


@asynccontextmanager
async def open_load(options: Options) -> AsyncIterator[Load]:
    """Open Weft on an empty database for the length of the block, without a worker."""
    await migrate(options.url)
    async with open_platform(options.url, catalog=Catalog.load(testing=True)) as platform:
        yield Load(platform, postgres(options.home))
