"""Which of several processes leads: the one that holds a lock of the database, as long as its connection lives."""

import asyncpg

from weft.executions.repository.line import Connect, Line

# One lock for each schema: installations may share a database.
_TRY = "SELECT pg_try_advisory_lock(hashtextextended('weft scheduler of ' || current_schema(), 0))"
_LOOK = "SELECT 1"


class Leadership:
    """A claim to lead; whoever dies or loses its connection leads no more, and another one can."""

    def __init__(self, connect: Connect, *, patience_s: float = 120) -> None:
        self._line = Line(connect, patience_s=patience_s)
        self._locked_on: asyncpg.Connection | None = None

    async def held(self) -> bool:
        """Return whether this process leads, trying to if nobody does.

        Raises:
            DatabaseUnreachable: No connection for a long time; this process does not lead.
        """
        return await self._line.call(self._try)

    async def _try(self, connection: asyncpg.Connection) -> bool:
        if self._locked_on is connection:
            await connection.execute(_LOOK)
        else:
            self._locked_on = connection if await connection.fetchval(_TRY) else None
        return self._locked_on is connection

    async def close(self) -> None:
        """Lead no more."""
        self._locked_on = None
        await self._line.close()
