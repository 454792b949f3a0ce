"""The PostgreSQL under all engines: Weft's embedded server with its default settings, in a folder of its own."""

import asyncio
import fcntl
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from weft.db.connector import Connector
from weft.db.embedded.server import EmbeddedServer, start_embedded
from weft.db.urls import quote_identifier

SCRATCH = Path("/var/tmp")
"""Not /tmp, which may lie in memory, where a flush to disk costs nothing."""

SHOWN = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
)


@dataclass(frozen=True)
class Server:
    """A running server; every measurement gets a database of its own on it."""

    embedded: EmbeddedServer

    @property
    def home(self) -> Path:
        """Return the folder that, given as `WEFT_HOME`, makes the program use this server."""
        return self.embedded.data_directory.parents[1]

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[str]:
        """Make a database for the length of the block; yields its address. Sessions left in it are ended."""
        await self._execute(f"CREATE DATABASE {quote_identifier(name)}")
        parts = urlsplit(self.embedded.url)
        try:
            yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        finally:
            await self._drop(quote_identifier(name))

    async def facts(self) -> dict[str, str]:
        """Return the settings that decide what durable means, as the server itself tells them."""
        return {name: str(await value_of(self.embedded.url, f"SHOW {name}")) for name in SHOWN}

    async def _drop(self, name: str) -> None:
        """Drop a database; a vacuum of the server's own is not ours to end, but makes way for a plain drop."""
        try:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")
        except asyncpg.InsufficientPrivilegeError:
            await self._execute(f"DROP DATABASE {name}")

    async def _execute(self, statement: str) -> None:
        connection = await Connector.to(self.embedded.url).connect()
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def value_of(url: str, query: str) -> Any:
    """Return the value that a query gives, asked over a connection of its own."""
    connection = await Connector.to(url).connect()
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@asynccontextmanager
async def running_server() -> AsyncIterator[Server]:
    """Start the server in a new folder; at the end it is stopped and the folder removed."""
    home = await asyncio.to_thread(_new_home)
    try:
        server = await start_embedded(home)
        try:
            yield Server(server)
        finally:
            await server.release()
    finally:
        await asyncio.to_thread(_remove, home)


def _new_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="weft-bench-", dir=SCRATCH))
    home.chmod(0o755)  # PostgreSQL runs as another user when we are root
    return home


def _remove(home: Path) -> None:
    """Wait until the server has stopped, which it does by itself, and remove its files."""
    lock = home / "pg" / "sup.lock"
    if lock.exists():
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
    shutil.rmtree(home)
