"""One open transaction: statements in, rows out."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast
from uuid import UUID

import asyncpg
from sqlalchemy import Executable, Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from weft.db.failures import STORAGE_FAILURES
from weft.db.urls import quote_identifier
from weft.errors import DatabaseError, InvalidInput
from weft.failpoints import failpoint

Statement: TypeAlias = str | Executable
Parameters: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT set_config('app.user_id', '{user_id}', true)"
SCHEMA_PLACEHOLDER = "{schema}"


@dataclass
class Transaction:
    """An open transaction at READ COMMITTED, made by `Database.transaction`, never by its user.

    Nobody commits or rolls back inside it. A statement is a SQLAlchemy construct, or text with parameters
    such as `:name`; values never become part of the text. After a statement has failed, PostgreSQL refuses
    all others.

    Attributes:
        raw: The driver's connection, on which this very transaction has begun: what it executes commits and
            rolls back with everything else, and JSON it reads comes decoded. Never begin or end a transaction
            on it.
        schema: The schema that unqualified names mean.
    """

    connection: AsyncConnection
    raw: "asyncpg.Connection[asyncpg.Record]"
    schema: str
    _callbacks: list[Callable[[], None]] = field(default_factory=list)

    async def execute(self, statement: Statement, parameters: Parameters = None) -> int:
        """Run a statement and return how many rows it inserted, updated or deleted; zero for others.

        With a list of parameter sets it runs once for each; the count is then zero, for the driver knows
        none.
        """
        result = await self.connection.execute(_statement(statement), parameters)
        return max(cast("int", getattr(result, "rowcount", 0)), 0)

    async def scalar(self, statement: Statement, parameters: Parameters = None) -> Any:
        """Return the first column of the first row; None if there is no row."""
        return await self.connection.scalar(_statement(statement), _one(parameters))

    async def scalars(self, statement: Statement, parameters: Parameters = None) -> Sequence[Any]:
        """Return the first column of all rows, in their order."""
        return (await self.connection.scalars(_statement(statement), _one(parameters))).all()

    async def one_or_none(self, statement: Statement, parameters: Parameters = None) -> RowMapping | None:
        """Return the only row by column name; None if there is none.

        Raises:
            DatabaseError: There is more than one. The transaction rolls back.
        """
        result = await self.connection.execute(_statement(statement), parameters)
        return result.mappings().one_or_none()

    async def all(self, statement: Statement, parameters: Parameters = None) -> Sequence[RowMapping]:
        """Return all rows by column name, in their order; the whole result is held in memory."""
        return (await self.connection.execute(_statement(statement), parameters)).mappings().all()

    async def rows(self, statement: Statement, parameters: Parameters = None) -> Sequence[Row[Any]]:
        """Return all rows as tuples, in their order; the whole result is held in memory."""
        return (await self.connection.execute(_statement(statement), parameters)).all()

    async def query_raw_with_schema(self, template: str, *args: Any) -> list[dict[str, Any]]:
        """Run SQL with `{schema}` where the schema belongs and `$1 … $n` where values belong.

        Other braces stay as they are, so that JSON and arrays may be written in the text.

        Raises:
            InvalidInput: The text has no `{schema}`, so it would ignore the schema; nothing ran.
        """
        records = await self.raw.fetch(fill_schema(template, self.schema), *args)
        return [dict(record) for record in records]

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the commit has succeeded and the connection is back; never after a rollback.

        Callbacks run in the order given, on the event loop, so they must not block: set an event, put into a
        queue. What one raises reaches the code that opened the transaction; the commit stands.
        """
        self._callbacks.append(callback)

    def committed(self) -> None:
        """Run the callbacks; called by `Database` alone."""
        failpoint("transaction.committed")
        for callback in self._callbacks:
            callback()


def fill_schema(template: str, schema: str) -> str:
    """Return `template` with each `{schema}` replaced by the quoted name.

    Raises:
        InvalidInput: There is no `{schema}` in it.
    """
    if SCHEMA_PLACEHOLDER not in template:
        raise InvalidInput("the query has no {schema} placeholder, so it would ignore the configured schema")
    return template.replace(SCHEMA_PLACEHOLDER, quote_identifier(schema))


def affected_rows(status: str) -> int:
    """Return the number of rows in what the driver answers to a statement: "UPDATE 3" is 3, "BEGIN" is 0."""
    number = re.search(r" (\d+)$", status)
    return int(number[1]) if number else 0


async def open_transaction(connection: AsyncConnection, *, schema: str, user_id: UUID | None) -> Transaction:
    """Begin a transaction on a free connection and tell row-level security whose it is, in one round trip.

    SQLAlchemy takes the connection for one that commits by itself, and so leaves beginning and ending to us.
    """
    proxied = connection.sync_connection
    assert proxied is not None, "the connection has been checked out"
    raw = cast("asyncpg.Connection[asyncpg.Record]", proxied.connection.driver_connection)
    await raw.execute(_BEGIN.format(user_id="" if user_id is None else UUID(str(user_id))))
    return Transaction(connection, raw, schema)


def _statement(statement: Statement) -> Executable:
    return text(statement) if isinstance(statement, str) else statement


def _one(parameters: Parameters) -> Mapping[str, Any] | None:
    assert parameters is None or isinstance(parameters, Mapping), "one set of parameters gives one result"
    return parameters


async def abandon(tx: Transaction) -> None:
    """Roll back and hand the connection back; one that cannot be rolled back is thrown away."""
    try:
        await tx.raw.execute("ROLLBACK")
    except (*STORAGE_FAILURES, OSError):
        await tx.connection.invalidate()
    await tx.connection.close()


async def discard(connection: AsyncConnection) -> None:
    """Throw away a connection on which nothing has begun."""
    await connection.invalidate()
    await connection.close()


async def commit(tx: Transaction) -> None:
    """Commit, hand the connection back and run the callbacks; a failed commit is abandoned.

    Raises:
        DatabaseError: A statement had failed, and whoever ran it went on: everything is rolled back.
    """
    try:
        ending = await tx.raw.execute("COMMIT")
    except BaseException:
        await abandon(tx)
        raise
    await tx.connection.close()
    if ending != "COMMIT":
        raise DatabaseError("a statement of the transaction had failed, so PostgreSQL rolled it back")
    tx.committed()


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work` even if this task is cancelled meanwhile; the cancellation then takes effect after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    failure = None if task.cancelled() else task.exception()
    if cancelled is not None:
        raise cancelled from failure
    task.result()
