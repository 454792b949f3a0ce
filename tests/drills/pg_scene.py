"""What the drills of the embedded PostgreSQL share: a home, its processes, other processes of Weft, rows."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.postgres import wait_until_stopped
from weft.db.connector import Connector
from weft.db.embedded.layout import Layout
from weft.db.embedded.server import EmbeddedServer, start_embedded

PATIENCE_S = 60.0

CLIENT = """
import asyncio, sys
from pathlib import Path
from weft.db.embedded.server import start_embedded

async def main():
    async with await start_embedded(Path(sys.argv[1]), major=int(sys.argv[2])):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@dataclass
class Scene:
    """One home with its server and everybody who uses it."""

    home: Path
    major: int = 18
    rows: int = 500
    clients: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return Layout(self.home, (self.home / "pg").stat().st_uid)

    @property
    def pid_file(self) -> Path:
        return self.layout.data / "postmaster.pid"

    @property
    def server_log(self) -> str:
        return (self.layout.logs / "postgresql.log").read_text()

    async def start(self) -> EmbeddedServer:
        return await start_embedded(self.home, major=self.major)

    @asynccontextmanager
    async def server(self) -> AsyncIterator[EmbeddedServer]:
        async with await self.start() as server:
            yield server

    def server_pid(self) -> int:
        return int(self.pid_file.read_text().split()[0])

    async def kill_server(self) -> None:
        """Kill -9 the server and wait for its death."""
        pid = self.server_pid()
        kill(pid)
        await eventually(lambda: is_gone(pid), "the server is gone")

    def supervisor_pids(self) -> list[int]:
        """Who holds the supervisor's lock, by the kernel's own list."""
        inode = self.layout.supervisor_lock.stat().st_ino
        return [
            int(words[-4])
            for words in (line.split() for line in Path("/proc/locks").read_text().splitlines())
            if "FLOCK" in words and "WRITE" in words and words[-3].endswith(f":{inode}")
        ]

    def postmasters(self) -> list[int]:
        """Servers of this home: processes started for its data directory, without their children."""
        inside: dict[int, int] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError, ValueError):
                command = (folder / "cmdline").read_bytes().split(b"\0")
                if command[0].endswith(b"/postgres") and os.fsencode(self.layout.data) in command:
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                    inside[int(folder.name)] = parent
        return [pid for pid, parent in inside.items() if parent not in inside]

    def client(self) -> subprocess.Popen[str]:
        """Another process of Weft that uses the server; returns at once, see `wait_for_client`."""
        process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(self.home), str(self.major)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self.clients.append(process)
        return process

    async def fill(self, server: EmbeddedServer) -> None:
        connection = await Connector.to(server.url).connect()
        await connection.execute("CREATE TABLE IF NOT EXISTS drill (n bigint PRIMARY KEY)")
        await connection.execute("TRUNCATE drill")
        await connection.execute("INSERT INTO drill SELECT generate_series(1, $1)".replace("$1", str(self.rows)))
        await connection.close()

    async def count(self, server: EmbeddedServer) -> int:
        connector = Connector.to(server.url)
        await connector.wait_until_reachable(PATIENCE_S)
        connection = await connector.connect()
        try:
            return int(await connection.fetchval("SELECT count(*) FROM drill"))
        finally:
            await connection.close()

    def close(self) -> None:
        """End what this scene has started, and wait for its server to stop."""
        for process in self.clients:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        wait_until_stopped(self.home)


async def wait_for_client(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    assert line == "ready\n", f"another process of Weft could not start: {line!r}"


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for what another process brings about."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)
    assert condition(), what


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a corpse that nobody has collected yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
