"""A real PostgreSQL for tests: one server for a session, a fresh migrated database for each test."""

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from weft.db.connector import Connector
from weft.db.database import Database
from weft.db.embedded.server import EmbeddedServer, start_embedded
from weft.db.migrate import migrate
from weft.db.urls import quote_identifier

TEMPLATE = "weft_test_template"

DISK = Path("/var/tmp")
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 * 2**30
"""What must be free in memory for a server to lie there; it uses a tenth of it."""

UNHURT_BY_THE_LOSS_OF_ITS_PROCESSES = """
fsync = off
full_page_writes = off
max_wal_size = 256MB
"""


class Server(Protocol):
    """Where tests make databases: `url` is the address of a login that may."""

    @property
    def url(self) -> str: ...


@contextmanager
def scratch_home(folder: Path = DISK) -> Iterator[Path]:
    """A WEFT_HOME that PostgreSQL's user can reach; at the end the server is stopped and all is removed."""
    home = Path(tempfile.mkdtemp(prefix="weft-test-", dir=folder))
    home.chmod(0o755)
    try:
        yield home
    finally:
        wait_until_stopped(home)
        shutil.rmtree(home)


@contextmanager
def running_server(*, major: int = 18) -> Iterator[EmbeddedServer]:
    """An embedded server in a scratch home, for a session of tests; usable from any event loop.

    It lies in memory where that has room, and would not survive a power cut; its tests end processes at most.
    """
    with scratch_home(MEMORY if _has_room(MEMORY) else DISK) as home:
        server = asyncio.run(start_embedded(home, major=major))
        try:
            _hurry(server)
            yield server
        finally:
            asyncio.run(server.release())


def wait_until_stopped(home: Path) -> None:
    """Return when no supervisor is left in `home`; the kernel wakes us, nothing is polled."""
    lock = home / "pg" / "sup.lock"
    if lock.exists():
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)


async def fresh_database(server: Server, *, migrated: bool = True) -> str:
    """Make a database of its own and return its address.

    Args:
        server: Its login may make databases.
        migrated: Copy the migrated template, which the first call makes; else copy an empty one.
    """
    name = f"test_{os.urandom(6).hex()}"
    template = await _template(server) if migrated else "template1"
    await _copy(server, template, name)
    return database_url(server, name)


async def renew_database(server: Server) -> None:
    """Put a migrated database without content in the place of the one that `server.url` names."""
    name = urlsplit(server.url).path.lstrip("/")
    template = await _template(server)
    await drop_database(server, server.url)
    await _copy(server, template, name)


async def drop_database(server: Server, url: str) -> None:
    """Drop a database of `fresh_database`; sessions that are still in it are ended."""
    name = urlsplit(url).path.lstrip("/")
    try:
        await _administer(server, f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")
    except asyncpg.InsufficientPrivilegeError:
        # A vacuum of the server's own is in it, which is not ours to end, but makes way for a plain drop.
        await _administer(server, f"DROP DATABASE IF EXISTS {quote_identifier(name)}")


def database_url(server: Server, name: str) -> str:
    """The address of another database of the same server."""
    parts = urlsplit(server.url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


async def open_database(url: str, *, role: str | None = None, schema: str | None = None) -> Database:
    """A database with a pool small enough for tests and attempts without pauses."""
    return await Database.open(url, role=role, schema=schema, pool_size=2, max_overflow=3, retry_delay_s=0)


async def _template(server: Server) -> str:
    found = await _administer(server, "SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE)
    if not found:
        await _administer(server, f"CREATE DATABASE {TEMPLATE}_new")
        await migrate(database_url(server, f"{TEMPLATE}_new"))
        await _administer(server, f"ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}")
    return TEMPLATE


async def _copy(server: Server, template: str, name: str) -> None:
    # Files are copied as they are: ten times quicker than through the log, which is for databases that are backed up.
    await _administer(
        server,
        f"CREATE DATABASE {quote_identifier(name)} TEMPLATE {quote_identifier(template)} STRATEGY file_copy",
    )


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM_BYTES


def _hurry(server: EmbeddedServer) -> None:
    with (server.data_directory / "postgresql.conf").open("a") as file:
        file.write(UNHURT_BY_THE_LOSS_OF_ITS_PROCESSES)
    process = (server.data_directory / "postmaster.pid").read_text().split()[0]
    os.kill(int(process), signal.SIGHUP)


async def _administer(server: Server, statement: str, *args: object) -> list[object]:
    connection = await Connector.to(database_url(server, "postgres")).connect()
    try:
        return list(await connection.fetch(statement, *args))
    finally:
        await connection.close()
