"""A way to the database that can be cut and mended: a port of this machine in front of the server's socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from weft.db.embedded.layout import PORT


class Cable:
    """Carries every connection to a server until it is cut.

    Args:
        url: The address of a database of the embedded server.
    """

    def __init__(self, url: str) -> None:
        self._direct = urlsplit(url)
        self._socket = Path(parse_qs(self._direct.query)["host"][0]) / f".s.PGSQL.{PORT}"
        self._ends: set[asyncio.StreamWriter] = set()
        self._cut = False
        self._deaf = False
        self._stranded: set[asyncio.StreamWriter] = set()
        self.delay_s = 0.0
        """How much later each piece arrives."""
        self.refused = asyncio.Event()
        """Somebody tried to connect since the last cut."""
        self.port = 0

    @property
    def url(self) -> str:
        """The address of the same database, reached through the cable."""
        user = self._direct.netloc.rpartition("@")[0]
        return urlunsplit((self._direct.scheme, f"{user}@127.0.0.1:{self.port}", self._direct.path, "", ""))

    def cut(self) -> None:
        """End all connections, and refuse new ones until `mend`."""
        self._cut = True
        self.refused.clear()
        for end in list(self._ends):
            end.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self._cut = self._deaf = False

    def deafen(self) -> None:
        """Carry what is said to the server, and nothing of what it answers, until `cut` or `mend`."""
        self._deaf = True

    def strand(self) -> None:
        """Carry nothing any more for those who are connected now, and never tell them; new connections work."""
        self._stranded |= self._ends

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        if self._cut:
            self.refused.set()
            writer.transport.abort()
            return
        from_server, to_server = await asyncio.open_unix_connection(self._socket)
        self._ends |= {writer, to_server}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, to_server))
                both.create_task(self._carry(from_server, writer, answers=True))
        finally:
            self._ends -= {writer, to_server}

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        try:
            while data := await reader.read(2**16):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if not (answers and self._deaf) and writer not in self._stranded:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass  # one end is gone, so the other one goes too
        finally:
            writer.close()


@asynccontextmanager
async def laid_to(url: str) -> AsyncIterator[Cable]:
    """Lend a cable to the server of a database; it is cut at the end."""
    cable = Cable(url)
    listening = await asyncio.start_server(cable.serve, "127.0.0.1", 0)
    cable.port = listening.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        cable.cut()
        listening.close()
