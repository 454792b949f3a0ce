"""A PostgreSQL that other machines reach: it listens on one address, and asks whoever comes that way for a password."""

import asyncio
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests.support.postgres import wait_until_stopped
from weft.db.connector import Connector
from weft.db.embedded.account import Account, service_account
from weft.db.embedded.binaries import Binaries, bin_dir, reachable
from weft.db.embedded.cluster import DATABASE, ROLE
from weft.db.embedded.layout import Layout
from weft.db.embedded.server import start_embedded

START_S = 60.0
STOP_S = 30.0
LOGIN = "weft_elsewhere"
"""The login of other machines."""

_HBA = """\
local all all trust
host all all {subnet} scram-sha-256
"""


@dataclass(frozen=True)
class NetworkServer:
    """A server that runs.

    Attributes:
        url: Of Weft's own login, which makes databases, through the unix socket.
        address: Where it listens, and on which port.
        password: Of the login of other machines.
    """

    url: str
    address: str
    port: int
    password: str = field(default_factory=secrets.token_urlsafe, repr=False)

    async def admit(self, url: str) -> str:
        """Let other machines work in a migrated database; return its address as they need it.

        Args:
            url: The address of the database here.
        """
        connection = await Connector.to(url).connect()
        try:
            await connection.execute(await connection.fetchval(_CREATE, LOGIN, self.password))
            await connection.execute(_GRANT)
        finally:
            await connection.close()
        return self._address_of(url, self.password)

    async def refuses_strangers(self, url: str) -> bool:
        """Return whether a wrong password is refused."""
        try:
            connection = await asyncpg.connect(self._address_of(url, "wrong"), timeout=START_S)
        except asyncpg.InvalidPasswordError:
            return True
        await connection.close()
        return False

    def _address_of(self, url: str, password: str) -> str:
        return f"postgresql://{LOGIN}:{password}@{self.address}:{self.port}{urlsplit(url).path}"


_CREATE = "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L IN ROLE weft_api, weft_worker', $1::text, $2::text)"
_GRANT = f"GRANT SELECT ON alembic_version TO {LOGIN}"  # a worker looks whether the schema is its own program's


@asynccontextmanager
async def network_server(home: Path, address: str, subnet: str) -> AsyncIterator[NetworkServer]:
    """Lend a server of its own; it has stopped at the end. Root alone may call this.

    Args:
        home: Where its files go.
        address: Of this machine, to listen on.
        subnet: Whence other machines come.
    """
    embedded = await start_embedded(home)  # makes the data; but it never listens on a network
    await embedded.release()
    await asyncio.to_thread(wait_until_stopped, home)
    account = service_account()
    layout, binaries = await asyncio.to_thread(_open, home, account, embedded.major, subnet)
    port = _free_port(address)
    url = f"postgresql://{ROLE}@/{DATABASE}?host={layout.socket_folder}&port={port}"
    process = await _start(layout, binaries, account, address, port)
    try:
        await Connector.to(url).wait_until_reachable(START_S)
        yield NetworkServer(url, address, port)
    finally:
        await _stop(process)


def _open(home: Path, account: Account, major: int, subnet: str) -> tuple[Layout, Binaries]:
    """Let machines of a subnet in by password; return where the data are, and what runs them."""
    layout = Layout(home.resolve(), account.uid)
    (layout.data / "pg_hba.conf").write_text(_HBA.format(subnet=subnet))
    return layout, reachable(bin_dir(major), account, layout.home)


async def _start(
    layout: Layout, binaries: Binaries, account: Account, address: str, port: int
) -> asyncio.subprocess.Process:
    with (layout.logs / "postgresql.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(binaries.folder / "postgres", "-D", layout.data, "-p", str(port)),
            *("-c", f"listen_addresses={address}"),
            *("-c", f"unix_socket_directories={layout.socket_folder}"),
            *("-c", "unix_socket_permissions=0700"),
            *("-c", "password_encryption=scram-sha-256"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            umask=0o077,
            start_new_session=True,  # a Ctrl-C in the terminal is for the matrix, which stops the server in its turn
        )


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End it in order; what still talks to it then is cut off."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.send_signal(signal.SIGQUIT)
        await process.wait()


def _free_port(address: str) -> int:
    with socket.create_server((address, 0)) as taken:
        return int(taken.getsockname()[1])
