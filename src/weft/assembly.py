"""The only place that builds objects: settings in, a platform out."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module, metadata

from weft.db.database import Database
from weft.db.embedded.server import start_embedded
from weft.db.migrate import migrate, require_current
from weft.events.bus import WORK, EventBus
from weft.events.memory import MemoryBus
from weft.events.postgres import postgres_bus
from weft.executions.context import lender
from weft.executions.firing import Lend
from weft.executions.isolation.hosts import HostLimits, Hosts
from weft.executions.leases import LeaseClock
from weft.executions.lent_log import LogRules
from weft.executions.limits import Limits
from weft.executions.repository.crew import PostgresCrew
from weft.executions.repository.dispatch import PostgresDispatch
from weft.executions.repository.journal import PostgresStore
from weft.executions.repository.leading import Leadership
from weft.executions.service import Executions
from weft.executions.stream import EventStream, announce
from weft.failpoints import arm
from weft.files.limits import FileLimits
from weft.files.postgres import PostgresFileStore
from weft.logs import BusinessLogger, Masker, StructuredFormatter, StructuredLogger
from weft.net.client import GuardedClient
from weft.net.policy import EgressPolicy
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.service import Sandbox
from weft.sdk import Catalog
from weft.settings import DatabaseSettings, EngineSettings, FileSettings, SandboxSettings, Settings


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What one worker needs of the platform; `close` gives its connections back."""

    dispatch: PostgresDispatch
    store: PostgresStore
    clock: LeaseClock
    crew: PostgresCrew
    catalog: Catalog
    lend: Lend
    limits: Limits
    ttl_s: float
    hosts: Hosts
    masker: Masker

    async def close(self) -> None:
        """Take the worker's row away, close its connections, and end its block hosts."""
        await self.hosts.close()
        await self.store.close()
        await self.dispatch.close()


_SCATTER_S = 0.001
_SCATTER_AT_MOST_S = 0.02
"""A look into an empty queue costs the database 0.05 ms, so a thousand looks at the same moment would hold it up."""


@dataclass(slots=True)
class Wakes:
    """Whom to tell that there is new work: the listeners of this process, and by the bus those of all others."""

    bus: EventBus = field(default_factory=MemoryBus)
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self) -> None:
        """Tell them all."""
        self.here()
        self.bus.publish(WORK)

    def here(self) -> None:
        """Tell the listeners of this process."""
        for listener in self.listeners:
            listener()

    async def relay(self, known: Callable[[], int]) -> None:
        """Tell the listeners of this process whatever other processes say; for ever.

        Args:
            known: How many workers hear it. The more there are, the less they look at the same moment.
        """
        async with self.bus.subscribe(WORK, own=False) as told:
            async for _ in told:
                await asyncio.sleep(random.uniform(0, min((known() - 1) * _SCATTER_S, _SCATTER_AT_MOST_S)))
                self.here()


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything a process of Weft works with."""

    database: Database
    engine_database: Database
    catalog: Catalog
    limits: Limits
    file_limits: FileLimits
    executions: Executions
    client: GuardedClient
    sandbox: Sandbox
    wakes: Wakes
    bus: EventBus
    ttl_s: float
    masker: Masker = field(default_factory=Masker)
    """Which values are secrets now; whoever decrypts one tells it."""
    service: str = ""
    """What the program is called in its log."""

    def stream(self) -> EventStream:
        """Return the streams of events of executions."""
        return EventStream(self.database, self.catalog, self.bus)

    def files(self) -> PostgresFileStore:
        """Return the store of files for whoever acts for one user; a lost database is not waited for."""
        return PostgresFileStore(self.database, self.file_limits)

    def actions(self) -> BusinessLogger:
        """Return the log of what users do, which repeats no secret that the platform knows."""
        formatter = StructuredFormatter(self.masker, service=self.service, version=metadata.version("weft"))
        return BusinessLogger(StructuredLogger("business", formatter))

    def crew(self) -> PostgresCrew:
        """Return what is on record of the processes that work on this installation."""
        return PostgresCrew(self.engine_database)

    @asynccontextmanager
    async def engine(self, *, patience_s: float = 120) -> AsyncIterator[EngineParts]:
        """Lend the parts of a worker; its connections are closed afterwards.

        Args:
            patience_s: How long the worker holds on to what it runs while the database is lost; then it gives it back.
        """
        connect = self.engine_database.connect_raw
        dispatch = PostgresDispatch(connect, ttl_s=self.ttl_s, patience_s=patience_s)
        flushed = partial(announce, self.bus)
        store = PostgresStore(connect, worker=lambda: dispatch.worker, patience_s=patience_s, flushed=flushed)
        clock = LeaseClock(self.ttl_s)
        files = PostgresFileStore(self.engine_database, self.file_limits, patience_s=patience_s)
        lend = lender(self.client, self.sandbox, files, LogRules(self.masker, self.limits.log_lines))
        hosts = Hosts(HostLimits(self.limits.hosts, self.limits.host_bytes))
        parts = EngineParts(
            dispatch, store, clock, self.crew(), self.catalog, lend, self.limits, self.ttl_s, hosts, self.masker
        )
        relay = asyncio.create_task(self.wakes.relay(lambda: dispatch.known), name="wake-ups of other processes")
        try:
            yield parts
        finally:
            relay.cancel()
            await asyncio.wait([relay])
            await parts.close()


@asynccontextmanager
async def open_installation(
    settings: Settings, *, catalog: Catalog | None = None, masker: Masker | None = None
) -> AsyncIterator[Platform]:
    """Open the platform that the settings describe, with its database; all is closed when the block ends.

    Args:
        settings: Of this process.
        catalog: Which blocks there are; by default those that are installed.
        masker: What the process's own log masks with, so that it knows the secrets of the platform too.

    Raises:
        ConfigurationError: A setting or the machine is wrong, or a server of one's own has another schema
            than this program's; nothing is left open.
        DatabaseUnreachable: No connection could be made; nothing is left open.
    """
    arm(settings.engine.failpoint)
    async with database_address(settings) as url:
        platform = open_platform(
            url,
            schema=settings.database.schema_name,
            limits=limits_of(settings.engine),
            file_limits=file_limits_of(settings.files),
            sandbox_limits=sandbox_limits_of(settings.sandbox),
            pool=settings.database,
            redis_url=None if settings.redis.url is None else settings.redis.url.get_secret_value(),
            ttl_s=settings.engine.lease_ttl_s,
            catalog=catalog or Catalog.load(testing=settings.engine.testing_blocks),
            masker=masker or masker_of(settings),
            service=settings.server.service_name,
        )
        async with platform as opened:
            yield opened


@dataclass(frozen=True, slots=True)
class SchedulerParts:
    """What a scheduler needs: no blocks, no sandbox, nothing that runs a graph."""

    dispatch: PostgresDispatch
    leadership: Leadership
    crew: PostgresCrew
    clock: LeaseClock
    wake: Wakes
    ttl_s: float


@asynccontextmanager
async def open_scheduler(settings: Settings) -> AsyncIterator[SchedulerParts]:
    """Open what a scheduler needs, with its database; all is closed when the block ends.

    Raises:
        ConfigurationError: A setting or the machine is wrong; nothing is left open.
        DatabaseUnreachable: No connection could be made; nothing is left open.
    """
    arm(settings.engine.failpoint)
    ttl_s = settings.engine.lease_ttl_s
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database_address(settings))
        opened = await Database.open(
            url, role="weft_worker", schema=settings.database.schema_name, pool_size=1, max_overflow=1
        )
        database = await stack.enter_async_context(opened)
        redis = settings.redis.url
        redis_url = None if redis is None else redis.get_secret_value()
        bus = await stack.enter_async_context(_open_bus(database, redis_url, notify=settings.database.notify))
        dispatch = PostgresDispatch(database.connect_raw, ttl_s=ttl_s)
        stack.push_async_callback(dispatch.close)
        leadership = Leadership(database.connect_raw)
        stack.push_async_callback(leadership.close)
        yield SchedulerParts(dispatch, leadership, PostgresCrew(database), LeaseClock(ttl_s), Wakes(bus), ttl_s)


@asynccontextmanager
async def database_address(settings: Settings) -> AsyncIterator[str]:
    """Lend the address of a database with this program's schema.

    The embedded database is started and migrated, and runs at least until the block ends; a server of one's
    own is never migrated here.

    Raises:
        ConfigurationError: A setting or the machine is wrong, or the server's schema is another one.
        DatabaseUnreachable: It does not start or answer.
    """
    database, home = settings.database, settings.home
    if database.url is not None:
        url = database.url.get_secret_value()
        await require_current(url, schema=database.schema_name)
        yield url
        return
    embedded = await start_embedded(home.path, major=home.postgres_major, binaries=home.postgres_bin)
    async with embedded as server:
        await migrate(server.url, schema=database.schema_name)
        yield server.url


def masker_of(settings: Settings) -> Masker:
    """Return what masks the secrets among the settings, and those that it will be told of."""
    masker = Masker()
    masker.add(*settings.secret_values)
    return masker


def limits_of(settings: EngineSettings) -> Limits:
    """Return the limits of executions as the settings say."""
    return Limits(
        attempts=settings.max_retry_attempts,
        node_timeout_s=settings.node_timeout_s,
        run_limit_s=settings.run_limit_s,
        firings=settings.max_firings,
        emissions=settings.max_emissions,
        value_bytes=settings.max_value_bytes,
        execution_bytes=settings.max_execution_bytes,
        executions=settings.max_concurrent_executions,
        queued=settings.max_queued,
        queued_per_user=settings.max_queued_per_user,
        log_lines=settings.max_log_lines,
        hosts=settings.block_hosts,
        host_bytes=settings.block_memory_mb * 1024 * 1024,
    )


def file_limits_of(settings: FileSettings) -> FileLimits:
    """Return the limits of stored files as the settings say."""
    return FileLimits(
        file_bytes=settings.max_file_bytes,
        execution_bytes=settings.max_execution_bytes,
        user_bytes=settings.max_user_bytes,
    )


def sandbox_limits_of(settings: SandboxSettings) -> SandboxLimits:
    """Return the limits of the sandbox as the settings say; on the clock a call has some more time."""
    return SandboxLimits(
        workers=settings.workers,
        cpu_s=settings.cpu_s,
        wall_s=1.6 * settings.cpu_s,
        memory_bytes=settings.memory_mb * 1024 * 1024,
    )


@asynccontextmanager
async def open_platform(
    url: str,
    *,
    schema: str = "public",
    limits: Limits | None = None,
    file_limits: FileLimits | None = None,
    egress: EgressPolicy | None = None,
    sandbox_limits: SandboxLimits | None = None,
    pool: DatabaseSettings | None = None,
    redis_url: str | None = None,
    ttl_s: float = 15.0,
    catalog: Catalog | None = None,
    masker: Masker | None = None,
    service: str = "",
) -> AsyncIterator[Platform]:
    """Open the platform on a migrated database; everything is closed when the block ends.

    Raises:
        DatabaseUnreachable: No connection could be made; nothing is left open.
    """
    limits, file_limits = limits or Limits(), file_limits or FileLimits()
    egress = egress or EgressPolicy(max_stream_bytes=file_limits.file_bytes)
    catalog = catalog or Catalog.load()
    pool = pool or DatabaseSettings()
    pool_size, max_overflow = pool.limited_pool
    async with AsyncExitStack() as stack:
        databases = []
        for role in ("weft_api", "weft_worker"):
            opened = await Database.open(
                url,
                role=role,
                schema=schema,
                pool_size=pool_size,
                max_overflow=max_overflow,
                pool_timeout_s=pool.pool_timeout_s,
                connect_timeout_s=pool.connect_timeout_s,
            )
            stack.push_async_callback(opened.disconnect)
            databases.append(opened)
        database, engine_database = databases
        client = await stack.enter_async_context(GuardedClient(egress))
        sandbox = await stack.enter_async_context(await Sandbox.start(sandbox_limits))
        bus = await stack.enter_async_context(_open_bus(database, redis_url, notify=pool.notify))
        wakes = Wakes(bus)
        executions = Executions(catalog, limits, wakes, bus.publish)
        yield Platform(
            database,
            engine_database,
            catalog,
            limits,
            file_limits,
            executions,
            client,
            sandbox,
            wakes,
            bus,
            ttl_s,
            masker or Masker(),
            service,
        )


@asynccontextmanager
async def _open_bus(database: Database, redis_url: str | None, *, notify: bool) -> AsyncIterator[EventBus]:
    """Lend the bus by which processes wake each other: Redis where there is one, else the database, else none."""
    if redis_url is not None:
        # Its client is imported by those alone who use it.
        connection = import_module("weft.cache.connection").RedisConnection(redis_url)
        redis_bus = import_module("weft.events.redis").redis_bus
        async with connection, redis_bus(connection) as bus:
            yield bus
    elif notify:
        async with postgres_bus(database.connect_raw, schema=database.schema) as bus:
            yield bus
    else:
        yield MemoryBus()
