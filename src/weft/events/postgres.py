"""LISTEN and NOTIFY: one connection for each process, sending in transactions of its own.

A transaction that notifies holds a lock of the whole cluster until it is durable. So nobody notifies in a transaction that
does something else, and the one that does only this does not wait for the disk.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256

import asyncpg

from weft.db.failures import DRIVER_FAILURES
from weft.errors import DatabaseUnreachable
from weft.events.remote import RemoteBus, WireLost

Connect = Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]

_LOST = (*DRIVER_FAILURES, DatabaseUnreachable)


class PostgresWire:
    """A connection that listens and notifies."""

    def __init__(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        channel: str,
        heard: Callable[[str], None],
        lost: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._channel = channel
        self._heard = heard
        connection.add_termination_listener(lambda _: lost())

    def alive(self) -> bool:
        """Return whether the connection stands; see `Wire.alive`."""
        return not self._connection.is_closed()

    async def listen(self) -> None:
        """Listen on the channel."""
        try:
            await self._connection.add_listener(self._channel, self._notified)
        except _LOST as error:
            raise WireLost(str(error)) from error

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._heard(str(payload))

    async def send(self, text: str) -> None:
        """Notify; the text holds no quotes, for it is made of hexadecimal numbers and a few words."""
        await self._execute(f"BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {self._channel}, '{text}'; COMMIT")

    async def check(self) -> None:
        """Have the server answer."""
        await self._execute("SELECT 1")

    async def _execute(self, statements: str) -> None:
        try:
            await self._connection.execute(statements)
        except _LOST as error:
            raise WireLost(str(error)) from error

    async def close(self) -> None:
        """Close the connection; one that does not answer is dropped."""
        with suppress(*_LOST, TimeoutError):
            await self._connection.close(timeout=1)


def postgres_bus(connect: Connect, *, schema: str) -> RemoteBus:
    """Return a bus over a database; installations in other schemas of it hear nothing.

    Args:
        connect: Makes a connection that is not behind a pooler in transaction mode.
        schema: The installation's.
    """
    channel = f"weft_{sha256(schema.encode()).hexdigest()[:16]}"

    async def dial(heard: Callable[[str], None], lost: Callable[[], None]) -> PostgresWire:
        try:
            connection = await connect()
        except _LOST as error:
            raise WireLost(str(error)) from error
        return PostgresWire(connection, channel, heard, lost)

    return RemoteBus(dial, name="PostgreSQL")
