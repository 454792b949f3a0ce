"""A supervisor: starts processes, starts again what dies, and has all of them leave in good order.

Each child holds one end of a socket, its lifeline. It writes a byte when it has started; it leaves in good order when the
other end closes, as it does however the supervisor ends.
"""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from weft.worker.tell import Tell

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
_LONG_LIFE_S = 60.0


class NeverStarted(Exception):
    """A child ended before it had started even once, so starting it again would not help.

    Attributes:
        exit_code: With what it ended; it has told why.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__("a process did not start")
        self.exit_code = exit_code


@dataclass(slots=True)
class Backoff:
    """How long to wait before a process is started again: longer each time, until one lives for a minute."""

    _pause_s: float = 0.0

    def next(self, lived_s: float) -> float:
        """Return the pause after a process that lived so long, in seconds."""
        if not self._pause_s or lived_s >= _LONG_LIFE_S:
            self._pause_s = _FIRST_PAUSE_S
        else:
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return self._pause_s


class Child:
    """One process that is kept running.

    Args:
        name: How it is called in what is told.
        arguments: Its command line, without the program.
        tell: Is told when it dies.
    """

    def __init__(self, name: str, arguments: Sequence[str], tell: Tell) -> None:
        self.name = name
        self.started = asyncio.Event()
        self._arguments = arguments
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._backoff = Backoff()
        self._stopping = asyncio.Event()

    async def keep(self) -> None:
        """Run it, again and again, until `stop`.

        Raises:
            NeverStarted: It ended before it had started for the first time.
        """
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run()
            if self._stopping.is_set():
                return
            how = how_it_ended(code)
            if code > 0 and not self.started.is_set():
                self._tell("failed", f"{self.name} {how} before it had started", child=self.name, exit_code=code)
                raise NeverStarted(code)
            pause = self._backoff.next(time.monotonic() - began)
            self._tell("restarts", f"{self.name} {how}; starts again in {pause:g} s", child=self.name, exit_code=code)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    def stop(self) -> None:
        """Have it leave in good order; it is not started again."""
        self._stopping.set()
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _run(self) -> int:
        ours, theirs = socket.socketpair()
        with ours:
            ours.setblocking(False)
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "weft.cli", *self._arguments, "--lifeline", str(theirs.fileno())),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    # A Ctrl-C in the terminal is for the supervisor, which then has its children leave in order.
                    start_new_session=True,
                )
            if self._stopping.is_set():
                self._signal(signal.SIGTERM)
            listening = asyncio.create_task(self._listen(ours))
            try:
                return await self._process.wait()
            finally:
                await asyncio.wait([listening])

    async def _listen(self, lifeline: socket.socket) -> None:
        with suppress(OSError):
            if await asyncio.get_running_loop().sock_recv(lifeline, 1):
                self.started.set()


class Supervisor:
    """Keeps children running until it is told to stop.

    Args:
        children: The first one is started alone: what keeps all of them from starting is told once.
        tell: Is told what happens.
    """

    def __init__(self, children: Sequence[Child], tell: Tell) -> None:
        self._children = children
        self._tell = tell

    async def run(self, stop: asyncio.Event, *, leave_within_s: float) -> None:
        """Keep all children running until `stop` is set; return once all have left, or were killed for being late.

        Raises:
            NeverStarted: One of them did not start; the others have left.
        """
        first, *others = self._children
        keeping = [asyncio.create_task(first.keep(), name=first.name)]
        stopped, started = asyncio.create_task(stop.wait()), asyncio.create_task(first.started.wait())
        try:
            await asyncio.wait([stopped, started, *keeping], return_when=asyncio.FIRST_COMPLETED)
            if started.done() and not stopped.done():
                keeping += [asyncio.create_task(child.keep(), name=child.name) for child in others]
                await asyncio.wait([stopped, *keeping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            started.cancel()
            await self._end(keeping, leave_within_s)
        for task in keeping:
            task.result()

    def kill(self) -> None:
        """End all children at once."""
        for child in self._children:
            child.kill()

    async def _end(self, keeping: Sequence[asyncio.Task[None]], leave_within_s: float) -> None:
        for child in self._children:
            child.stop()
        _, late = await asyncio.wait(keeping, timeout=leave_within_s)
        if late:
            names = ", ".join(task.get_name() for task in late)
            self._tell("killed", f"did not leave in time and was killed: {names}", children=len(late))
            self.kill()
            await asyncio.wait(late)


def how_it_ended(code: int) -> str:
    """Return in words how a process ended, from its exit code or, negative, the number of the signal."""
    if code == 0:
        return "left in good order"
    if code > 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
