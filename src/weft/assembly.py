"""The only place that builds objects: settings in, a platform out."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from weft.db.database import Database
from weft.db.embedded.server import start_embedded
from weft.db.migrate import migrate, require_current
from weft.executions.context import lender
from weft.executions.firing import Lend
from weft.executions.leases import LeaseClock
from weft.executions.limits import Limits
from weft.executions.repository.dispatch import PostgresDispatch
from weft.executions.repository.journal import PostgresStore
from weft.executions.service import Executions
from weft.files.limits import FileLimits
from weft.files.postgres import PostgresFileStore
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
    catalog: Catalog
    lend: Lend
    limits: Limits
    ttl_s: float

    async def close(self) -> None:
        """Take the worker's row away and close its connections."""
        await self.store.close()
        await self.dispatch.close()


@dataclass(slots=True)
class Wakes:
    """Whom to tell, in this process, that there is new work."""

    listeners: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self) -> None:
        """Tell them all."""
        for listener in self.listeners:
            listener()


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
    ttl_s: float

    def files(self) -> PostgresFileStore:
        """Return the store of files for whoever acts for one user; a lost database is not waited for."""
        return PostgresFileStore(self.database, self.file_limits)

    @asynccontextmanager
    async def engine(self, *, patience_s: float = 120) -> AsyncIterator[EngineParts]:
        """Lend the parts of a worker; its connections are closed afterwards.

        Args:
            patience_s: How long the worker holds on to what it runs while the database is lost; then it gives it back.
        """
        connect = self.engine_database.connect_raw
        dispatch = PostgresDispatch(connect, ttl_s=self.ttl_s, patience_s=patience_s)
        store = PostgresStore(connect, worker=lambda: dispatch.worker, patience_s=patience_s)
        clock = LeaseClock(self.ttl_s)
        files = PostgresFileStore(self.engine_database, self.file_limits, patience_s=patience_s)
        lend = lender(self.client, self.sandbox, files)
        parts = EngineParts(dispatch, store, clock, self.catalog, lend, self.limits, self.ttl_s)
        try:
            yield parts
        finally:
            await parts.close()


@asynccontextmanager
async def open_installation(
    settings: Settings, *, catalog: Catalog | None = None, ttl_s: float = 15.0
) -> AsyncIterator[Platform]:
    """Open the platform that the settings describe, with its database; all is closed when the block ends.

    Raises:
        ConfigurationError: A setting or the machine is wrong, or a server of one's own has another schema
            than this program's; nothing is left open.
        DatabaseUnreachable: No connection could be made; nothing is left open.
    """
    async with database_address(settings) as url:
        platform = open_platform(
            url,
            schema=settings.database.schema_name,
            limits=limits_of(settings.engine),
            file_limits=file_limits_of(settings.files),
            sandbox_limits=sandbox_limits_of(settings.sandbox),
            pool=settings.database,
            ttl_s=ttl_s,
            catalog=catalog or Catalog.load(testing=settings.engine.testing_blocks),
        )
        async with platform as opened:
            yield opened


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
    ttl_s: float = 15.0,
    catalog: Catalog | None = None,
) -> AsyncIterator[Platform]:
    """Open the platform on a migrated database; everything is closed when the block ends.

    Raises:
        DatabaseUnreachable: No connection could be made; nothing is left open.
    """
    limits = limits or Limits()
    file_limits = file_limits or FileLimits()
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
        wakes = Wakes()
        executions = Executions(catalog, limits, wakes)
        yield Platform(
            database, engine_database, catalog, limits, file_limits, executions, client, sandbox, wakes, ttl_s
        )
