"""The only place that builds objects: settings in, a platform out."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from weft.db.database import Database
from weft.executions.context import lender
from weft.executions.firing import Lend
from weft.executions.leases import LeaseClock
from weft.executions.limits import Limits
from weft.executions.repository.dispatch import PostgresDispatch
from weft.executions.repository.journal import PostgresStore
from weft.executions.service import Executions
from weft.net.client import GuardedClient
from weft.net.policy import EgressPolicy
from weft.sandbox.service import Sandbox
from weft.sdk import Catalog


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
    executions: Executions
    client: GuardedClient
    sandbox: Sandbox
    wakes: Wakes
    ttl_s: float

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[EngineParts]:
        """Lend the parts of a worker; its connections are closed afterwards."""
        connect = self.engine_database.connect_raw
        dispatch = PostgresDispatch(connect, ttl_s=self.ttl_s)
        store = PostgresStore(connect, worker=lambda: dispatch.worker)
        clock = LeaseClock(self.ttl_s)
        parts = EngineParts(
            dispatch, store, clock, self.catalog, lender(self.client, self.sandbox), self.limits, self.ttl_s
        )
        try:
            yield parts
        finally:
            await parts.close()


@asynccontextmanager
async def open_platform(
    url: str,
    *,
    schema: str = "public",
    limits: Limits | None = None,
    egress: EgressPolicy | None = None,
    ttl_s: float = 15.0,
    catalog: Catalog | None = None,
) -> AsyncIterator[Platform]:
    """Open the platform on a migrated database; everything is closed when the block ends.

    Raises:
        DatabaseUnreachable: No connection could be made; nothing is left open.
    """
    limits = limits or Limits()
    catalog = catalog or Catalog.load()
    async with AsyncExitStack() as stack:
        database = await Database.open(url, role="weft_api", schema=schema)
        stack.push_async_callback(database.disconnect)
        engine_database = await Database.open(url, role="weft_worker", schema=schema)
        stack.push_async_callback(engine_database.disconnect)
        client = await stack.enter_async_context(GuardedClient(egress))
        sandbox = await stack.enter_async_context(await Sandbox.start())
        wakes = Wakes()
        executions = Executions(catalog, limits, wakes)
        yield Platform(database, engine_database, catalog, limits, executions, client, sandbox, wakes, ttl_s)
