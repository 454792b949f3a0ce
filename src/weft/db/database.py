"""The way to PostgreSQL: a pool of connections, transactions on them, connections of one's own."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar, cast
from uuid import UUID

import asyncpg
import orjson
import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from weft.db.connector import CONNECT_TIMEOUT_S, Connector
from weft.db.errors import PoolExhausted
from weft.db.failures import STORAGE_FAILURES, describe, is_connection_loss, storage_error
from weft.db.retry import BASE_DELAY_S, MAX_RETRY_ATTEMPTS
from weft.db.transaction import Transaction, abandon, commit, discard, open_transaction, to_its_end
from weft.errors import DatabaseError, DatabaseUnreachable, WeftError

LONG_NUMBER = re.compile(r"\d{19}")

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class PoolStatus:
    """The pool at one moment; all are counts of connections.

    Attributes:
        checked_in: Open and free.
        checked_out: In use.
        overflow: Open above `size`; zero if there are none.
        limit: The most there can be.
    """

    size: int
    checked_in: int
    checked_out: int
    overflow: int
    limit: int


@dataclass(frozen=True)
class PoolLimits:
    """How many connections a pool holds and for how long; docs/design/pool-budget.md has the sum of all."""

    size: int
    max_overflow: int
    timeout_s: float
    recycle_s: int = 3600


class Database:
    """A PostgreSQL database as one role in one schema; used from one event loop. `open` makes it.

    Each connection, pooled or own, has the application name `weft_backend`, jit off, and the role and the
    schema as what a RESET returns to.

    Attributes:
        schema: What unqualified names mean.
    """

    def __init__(self, connector: Connector, limits: PoolLimits) -> None:
        self.schema = connector.schema
        self._connector = connector
        self._limits = limits
        self._engine: AsyncEngine | None = None

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        role: str | None = None,
        schema: str | None = None,
        pool_size: int = 20,
        max_overflow: int = 30,
        pool_timeout_s: float = 30.0,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        connect_attempts: int = MAX_RETRY_ATTEMPTS,
        retry_delay_s: float = BASE_DELAY_S,
    ) -> Self:
        """Connect to a database; end with `disconnect`.

        Args:
            url: `postgresql://…`. What `connection_limit`, `connect_timeout`, `pool_timeout` in its query
                say wins over the arguments, `schema` does not; all other parameters are the driver's.
            role: The role to act as, which the login must be a member of; None: the login itself.
            schema: What unqualified names mean, and nothing else: not even `public` unless it is named.
            pool_size: Connections that stay open; made when needed.
            max_overflow: Connections above that which are closed after use.
            pool_timeout_s: How long to wait for a free one.
            connect_timeout_s: For one attempt to connect.
            connect_attempts: How often a connection is tried, pooled or own.
            retry_delay_s: Upper bound of the first pause between attempts.

        Raises:
            ConfigurationError: The address or the schema's name is wrong.
            DatabaseUnreachable: No attempt succeeded.
        """
        connector = Connector.to(
            url,
            role=role,
            schema=schema,
            timeout_s=connect_timeout_s,
            attempts=connect_attempts,
            retry_delay_s=retry_delay_s,
        )
        address = connector.address
        most = address.connection_limit or pool_size + max_overflow
        size = min(pool_size, most)
        limits = PoolLimits(size, min(max_overflow, most - size), address.pool_timeout_s or pool_timeout_s)
        database = cls(connector, limits)
        await database.connect()
        return database

    def is_connected(self) -> bool:
        """Return whether `connect` has succeeded and `disconnect` has not been called since."""
        return self._engine is not None

    async def connect(self) -> None:
        """Open the pool and one connection in it; does nothing if that is done.

        Raises:
            DatabaseUnreachable: No attempt succeeded; `is_connected` stays False.
        """
        if self._engine is not None:
            return
        log.info("connecting to PostgreSQL", schema=self.schema)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self.connect_raw,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=self._limits.size,
            max_overflow=self._limits.max_overflow,
            pool_timeout=self._limits.timeout_s,
            pool_recycle=self._limits.recycle_s,
            # Transactions begin and end by `open_transaction` and `commit`: SQLAlchemy's own way takes five more round
            # trips for each, three of them to ask whether a connection still stands. Here its first statement tells.
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            json_serializer=_to_json,
            json_deserializer=_from_json,
        )
        try:
            async with engine.connect() as connection:
                await connection.exec_driver_sql("SELECT 1")
        except BaseException:
            await engine.dispose()
            raise
        self._engine = engine
        log.info("connected to PostgreSQL", schema=self.schema)

    async def disconnect(self) -> None:
        """Close the pool's free connections at once, the others when they come back; does nothing twice."""
        if self._engine is None:
            return
        log.info("disconnecting from PostgreSQL")
        engine, self._engine = self._engine, None
        await engine.dispose()
        log.info("disconnected from PostgreSQL")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Self]:
        """Connect on entry if need be; stays connected on exit, for the pool is shared."""
        await self.connect()
        yield self

    def pool_status(self) -> PoolStatus:
        """Return what the pool holds now; all zero but the limits while not connected."""
        limit = self._limits.size + self._limits.max_overflow
        if self._engine is None:
            return PoolStatus(self._limits.size, 0, 0, 0, limit)
        pool = cast("AsyncAdaptedQueuePool", self._engine.pool)
        return PoolStatus(pool.size(), pool.checkedin(), pool.checkedout(), max(pool.overflow(), 0), limit)

    @asynccontextmanager
    async def transaction(self, user_id: UUID | None = None) -> AsyncIterator[Transaction]:
        """Open a transaction: committed when the block ends, rolled back whatever ends it early.

        Cancellation rolls back too, and the connection is clean before it goes on. A commit that has begun is
        finished before a cancellation takes effect.

        Args:
            user_id: Whom row-level security lets see and write; None: nobody's rows. Ends with the
                transaction.

        Raises:
            DatabaseError: Storage failed, the cause is chained, `sqlstate` and `constraint` are in the
                details; everything is rolled back. Errors of other kinds pass unchanged.
            DatabaseUnreachable: There is no connection, or it was lost. If that was during the commit,
                whether it happened is unknown.
            PoolExhausted: No connection became free in time.
        """
        try:
            async with self.database_transaction(user_id) as tx:
                yield tx
        except STORAGE_FAILURES as error:
            raise storage_error(error) from error

    @asynccontextmanager
    async def database_transaction(self, user_id: UUID | None = None) -> AsyncIterator[Transaction]:
        """Open a transaction as `transaction` does, but let the driver's own errors pass unchanged."""
        tx = await self._begin(user_id)
        try:
            yield tx
        except BaseException as error:
            log.debug("transaction rolled back", reason=type(error).__name__)
            await to_its_end(abandon(tx))
            raise
        await to_its_end(commit(tx))

    async def execute_in_transaction(
        self, operations: Sequence[Callable[[Transaction], Awaitable[T]]], *, user_id: UUID | None = None
    ) -> list[T]:
        """Run the operations one after the other in one transaction and return their results in order.

        Raises:
            DatabaseError: One failed; the cause is chained and nothing was changed. Errors of Weft's own tree
                pass unchanged.
        """
        try:
            async with self.transaction(user_id) as tx:
                return [await operation(tx) for operation in operations]
        except WeftError:
            raise
        except Exception as error:  # the contract: any failure of an operation is told as one of storage
            log.exception("transaction failed", operations=len(operations))
            raise DatabaseError(f"the transaction failed and was rolled back: {describe(error)}") from error

    async def query_raw_with_schema(
        self, template: str, *args: Any, user_id: UUID | None = None
    ) -> list[dict[str, Any]]:
        """Run `Transaction.query_raw_with_schema` in a transaction of its own."""
        async with self.transaction(user_id) as tx:
            return await tx.query_raw_with_schema(template, *args)

    async def connect_raw(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a new connection outside the pool, for what must own one: a lock, LISTEN, the recorder.

        It commits each statement by itself; JSON comes and goes as text. Its owner closes it and deals with
        its loss.

        Raises:
            DatabaseUnreachable: No attempt succeeded.
        """
        return await self._connector.connect()

    async def wait_until_reachable(self, patience_s: float) -> None:
        """Return as soon as a connection can be made; for who has lost one and wants to go on.

        Raises:
            DatabaseUnreachable: It could not be made within `patience_s`.
        """
        await self._connector.wait_until_reachable(patience_s)

    async def _begin(self, user_id: UUID | None) -> Transaction:
        """Begin on a connection from the pool; those that were lost while they lay there are replaced."""
        for _ in range(self._limits.size + self._limits.max_overflow + 1):
            connection = await self._check_out()
            try:
                return await open_transaction(connection, schema=self.schema, user_id=user_id)
            except BaseException as error:
                await to_its_end(discard(connection))
                if not is_connection_loss(error):
                    raise
        raise DatabaseUnreachable("the connections to PostgreSQL are lost as soon as they are made")

    async def _check_out(self) -> AsyncConnection:
        """Take a connection from the pool, which may first have to make one."""
        if self._engine is None:
            raise DatabaseUnreachable("the database is not connected")
        connection = self._engine.connect()
        try:
            return await connection.start()
        except PoolTimeoutError as error:
            raise PoolExhausted(
                f"no database connection became free within {self._limits.timeout_s:g} s",
                limit=self._limits.size + self._limits.max_overflow,
            ) from error


def _from_json(text: str) -> Any:
    """Decode JSON; orjson would silently round whole numbers above 64 bits."""
    return json.loads(text) if LONG_NUMBER.search(text) else orjson.loads(text)


def _to_json(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # whole numbers above 64 bits, which PostgreSQL keeps and orjson refuses
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
