"""A dedicated connection that comes back by itself after a loss."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog

from weft.db.failures import DRIVER_FAILURES, is_connection_loss
from weft.errors import DatabaseError, DatabaseUnreachable

T = TypeVar("T")
Connect = Callable[[], Awaitable[asyncpg.Connection]]
Greet = Callable[[asyncpg.Connection], Awaitable[None]]

_LOST = (*DRIVER_FAILURES, DatabaseUnreachable)
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# The disk is full, memory or connections are out, the disk does not answer: nothing is wrong with what was to be written.
_SHORTAGE = (asyncpg.InsufficientResourcesError, asyncpg.PostgresSystemError)
# The engine's statements touch few rows of large tables by key. A planner that has no statistics yet, as after the first
# thousand executions of a new database, would read whole tables instead; and planning anew costs more than running.
_HABITS = "SET enable_seqscan = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan"
_LONGEST_PAUSE_S = 1.0
# A way that swallows everything tells nobody, and the kernel goes on sending for a quarter of an hour. No piece of work takes
# this long, so the connection is given up then.
_LONGEST_SILENCE_S = 30.0

_log = structlog.get_logger()


class Line:
    """Runs work on one connection, one piece at a time, again after every loss.

    Work must be safe to repeat: after a loss nobody knows whether it was committed.
    """

    def __init__(self, connect: Connect, *, patience_s: float, greet: Greet | None = None) -> None:
        self._connect = connect
        self._greet = greet
        self._patience_s = patience_s
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    def alive(self) -> bool:
        """Return whether the connection stands, as far as this side knows."""
        return self._connection is not None and not self._connection.is_closed()

    async def call(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Return what `work` returns for the connection.

        Raises:
            DatabaseUnreachable: No connection for `patience_s`; the work may or may not have been done.
            DatabaseError: The database refused the work; nothing of it was done.
        """
        async with self._turn:
            clock = asyncio.get_running_loop().time
            give_up = clock() + self._patience_s
            pause = 0.02
            while True:
                try:
                    return await self._attempt(work)
                except _AGAIN:
                    pass
                except _SHORTAGE as error:
                    if clock() > give_up:
                        raise DatabaseUnreachable(
                            f"the database could not write for {self._patience_s:.0f} s: {error}"
                        ) from error
                    _log.warning("the database is short of something, trying again", error=str(error))
                except _LOST as error:
                    if not isinstance(error, DatabaseUnreachable) and not is_connection_loss(error):
                        raise DatabaseError(f"the database refused the engine's write: {error}") from error
                    await self._drop()
                    if clock() > give_up:
                        raise DatabaseUnreachable(
                            f"the database did not answer for {self._patience_s:.0f} s"
                        ) from error
                    _log.debug("database connection lost, trying again", error=str(error))
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _attempt(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        connection = await self._open()
        silence = asyncio.get_running_loop().call_later(_LONGEST_SILENCE_S, connection.terminate)
        try:
            return await work(connection)
        finally:
            silence.cancel()

    async def close(self) -> None:
        """Close the connection, if there is one; a later `call` opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_LOST, TimeoutError):
                await connection.close(timeout=2)

    async def _open(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            connection = await self._connect()
            try:
                await connection.execute(_HABITS)
                if self._greet is not None:
                    await self._greet(connection)
            except BaseException:
                connection.terminate()  # nobody else knows of it
                raise
            self._connection = connection
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
