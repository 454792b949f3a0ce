"""A view of a database that comes back by itself, for several tasks at once."""

from typing import Any

import asyncpg

from weft.db.connector import Connector
from weft.executions.repository.line import Line


class View:
    """Reads as the engine's role; when the database restarts, it waits.

    Args:
        url: The address of the database.
        patience_s: How long it waits before it raises.
    """

    def __init__(self, url: str, *, patience_s: float = 60.0) -> None:
        self._line = Line(Connector.to(url, role="weft_worker").connect, patience_s=patience_s)

    async def fetch(self, statement: str, *args: object) -> list[Any]:
        """Return all rows."""

        async def read(connection: asyncpg.Connection) -> list[Any]:
            return list(await connection.fetch(statement, *args))

        return await self._line.call(read)

    async def fetchval(self, statement: str, *args: object) -> Any:
        """Return the first value of the first row."""
        rows = await self.fetch(statement, *args)
        return rows[0][0] if rows else None

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()
