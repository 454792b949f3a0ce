"""One worker process: start it, ask it one thing at a time, end it."""

import asyncio
import json
import os
import signal
import struct
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import weft
from weft.sandbox.errors import SandboxUnavailable
from weft.sandbox.limits import SandboxLimits

_BOOT = "import sys; sys.path[:0] = sys.argv[3:]; from weft.sandbox.child.main import main; main()"
_LARGEST_ANSWER = 32 * 1024 * 1024
_TIMER_SIGNALS = frozenset({-signal.SIGPROF, -signal.SIGXCPU})


class WorkerDiedError(Exception):
    """The worker ended before it answered.

    Attributes:
        timed_out: Its request took too long.
        killed: Somebody else killed it, not its request.
    """

    def __init__(self, *, timed_out: bool = False, killed: bool = False) -> None:
        super().__init__("the worker ended")
        self.timed_out = timed_out
        self.killed = killed


class Worker:
    """A process behind walls that renders templates and matches patterns, one request at a time.

    After any exception of `ask` the worker is of no more use and must be ended with `stop`.
    """

    def __init__(self, process: asyncio.subprocess.Process, walls: dict[str, bool], limits: SandboxLimits) -> None:
        self._process = process
        self._limits = limits
        self.walls = walls
        self.served = 0

    @classmethod
    async def start(cls, limits: SandboxLimits) -> "Worker":
        """Return a worker that is ready.

        Raises:
            SandboxUnavailable: It did not start in time; nothing is left running.
        """
        arguments = [str(limits.memory_bytes), str(os.getpid()), *_import_paths()]
        try:
            process = await asyncio.create_subprocess_exec(
                # Neither site-packages' .pth files nor the user's: what the worker imports is named one by
                # one.
                *(sys.executable, "-I", "-S", "-B", "-c", _BOOT, *arguments),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                cwd="/",
                # A Ctrl-C in the terminal is for the parent, which then ends its workers in order.
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxUnavailable(f"a sandbox worker could not be started: {error.strerror}") from error
        worker = cls(process, {}, limits)
        try:
            async with asyncio.timeout(limits.start_s):
                worker.walls = (await worker._receive())["ok"]
        except (TimeoutError, WorkerDiedError) as error:
            await worker.stop()
            raise SandboxUnavailable("a sandbox worker did not start") from error
        except BaseException:
            await worker.stop()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process, as far as is known, still runs."""
        output = self._process.stdout
        return self._process.returncode is None and output is not None and not output.at_eof()

    async def ask(self, request: bytes) -> dict[str, Any]:
        """Send one request and return its answer.

        Raises:
            WorkerDiedError: The time was over, or the process ended.
        """
        self.served += 1
        try:
            async with asyncio.timeout(self._limits.wall_s):
                return await self._exchange(request)
        except TimeoutError:
            raise WorkerDiedError(timed_out=True) from None

    async def stop(self) -> None:
        """End the process at once and wait until it is gone; may be called again."""
        if self._process.returncode is None:
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    async def _exchange(self, request: bytes) -> dict[str, Any]:
        assert self._process.stdin is not None, "started with a pipe"
        try:
            self._process.stdin.write(struct.pack(">I", len(request)) + request)
            await self._process.stdin.drain()
        except ConnectionError:
            raise await self._cause_of_death() from None
        return await self._receive()

    async def _cause_of_death(self) -> WorkerDiedError:
        code = await self._process.wait()
        return WorkerDiedError(timed_out=code in _TIMER_SIGNALS, killed=code == -signal.SIGKILL)

    async def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None, "started with a pipe"
        try:
            (size,) = struct.unpack(">I", await self._process.stdout.readexactly(4))
            if size > _LARGEST_ANSWER:
                raise WorkerDiedError
            answer: dict[str, Any] = json.loads(await self._process.stdout.readexactly(size))
        except asyncio.IncompleteReadError:
            raise await self._cause_of_death() from None
        return answer


def _import_paths() -> list[str]:
    """Return the folders that hold the only packages a worker imports besides the standard library."""
    folders = [str(Path(weft.__path__[0]).parent)]
    for name in ("jinja2", "markupsafe"):
        spec = find_spec(name)
        assert spec is not None, f"{name} is a dependency"
        assert spec.origin is not None, f"{name} is a package with a file"
        folders.append(str(Path(spec.origin).parent.parent))
    return list(dict.fromkeys(folders))
