"""One block host: start it, have it run one firing at a time, end it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import orjson

from weft.executions.emitted import Encoded
from weft.executions.errors import FiringFailed
from weft.executions.isolation.desk import Desk
from weft.executions.isolation.failures import failure_from_json
from weft.executions.isolation.wire import Frames, framed
from weft.sdk import Context

_BOOT = "import sys; sys.path[:] = sys.argv[4:]; from weft.executions.isolation.child import main; main()"
_START_S = 30.0
_STOP_S = 1.0


class HostDied(FiringFailed):
    """A block host ended before the firing in it did."""

    def __init__(self, why: str = "the process that ran the block ended") -> None:
        super().__init__(why, code="HOST_DIED", retryable=True)


class HostUnavailable(FiringFailed):
    """No block host could be started; nothing was run."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no process could be started for the block: {why}", code="HOST_UNAVAILABLE", retryable=True)


class Host:
    """A child process that runs firings, one at a time.

    Invariant: between two firings nothing is under way on the line; a host of which that is not sure is ended.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        memory: int,
    ) -> None:
        self._process = process
        self._frames = Frames(reader)
        self._writer = writer
        self._memory = memory
        self._under_way = False

    @classmethod
    async def start(cls, memory_bytes: int) -> "Host":
        """Return a host that is ready.

        Raises:
            HostUnavailable: It did not start; nothing is left running.
        """
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        arguments = [str(theirs.fileno()), str(os.getpid()), str(memory_bytes), *sys.path]
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-X", "utf8", "-c", _BOOT, *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                # What a block prints is no output of the program.
                stdout=asyncio.subprocess.DEVNULL,
                # Without the environment, where secrets of the installation stand.
                env={},
                pass_fds=[theirs.fileno()],
                # A Ctrl-C in the terminal is for the worker; and what the block starts is ended with it.
                start_new_session=True,
            )
        except OSError as error:
            writer.close()
            raise HostUnavailable(error.strerror or "the system refused") from error
        finally:
            theirs.close()
        host = cls(process, reader, writer, memory_bytes)
        try:
            async with asyncio.timeout(_START_S):
                ready = await host._frames.read()
        except BaseException:
            await host.end()
            raise
        if ready is None:
            await host.end()
            raise HostUnavailable("it ended at once")
        return host

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it lives and nothing is under way."""
        return self._process.returncode is None and not self._under_way and not self._frames.ended

    async def run(self, job: Mapping[str, Any], context: Context | None) -> AsyncGenerator[tuple[str, Encoded], None]:
        """Yield what a firing emits, written as JSON; each is asked for when the one before it was taken.

        Args:
            job: What to run; see `Job`.
            context: Does what the block asks for.

        Raises:
            HostDied: The process ended; what it did until then is done.
            Exception: What the block raised.
        """
        self._under_way = True
        desk = Desk(context, self._send)
        try:
            self._send({"t": "run", **job})
            while True:
                message = await self._frames.read()
                if desk.fenced is not None:
                    raise desk.fenced
                match message:
                    case None:
                        raise await self._cause_of_death()
                    case {"t": "emit"}:
                        yield message["pin"], Encoded(orjson.dumps(message["value"]))
                        self._send({"t": "more"})
                    case {"t": "call"}:
                        desk.call(message)
                    case {"t": "note"}:
                        desk.note(message)
                    case {"t": "memory"}:
                        raise HostDied(f"the block needed more than the {self._memory >> 20} MB of memory it may use")
                    case {"t": "ended"}:
                        self._under_way = False
                        return
                    case {"t": "failed"}:
                        self._under_way = False
                        raise failure_from_json(message["failure"])
        finally:
            await desk.close()

    async def stop(self) -> None:
        """Have the firing under way end: asked first, and killed with all it started if it does not within a second."""
        if self._under_way and self._process.returncode is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    self._send({"t": "stop"})
                    while (message := await self._frames.read()) is not None:
                        if message["t"] in {"ended", "failed"}:
                            self._under_way = False
                            return
                        if message["t"] == "emit":
                            self._send({"t": "more"})
        await self.end()

    async def end(self) -> None:
        """Kill the process, with all that it started, and wait until it is gone; may be called again."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._writer.close()
        await self._process.wait()

    def _send(self, message: Mapping[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(framed(message))

    async def _cause_of_death(self) -> HostDied:
        code = await self._process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return HostDied(f"the process that ran the block {how}")
