"""Worker processes, started as an operator starts them: `weft worker`, or `weft serve` with one."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.cases.process import CannotRun, Options
from benchmarks.cases.program import PROGRAM, environment
from benchmarks.cases.usage import processor_s, with_children
from benchmarks.server import value_of

SLOTS = 50
_LOOK_S = 0.02
_START_S = 60.0
_LEAVE_S = 40.0


@dataclass
class Workers:
    """Worker processes on one database.

    Attributes:
        log: Takes what they write to stderr.
        slots: Executions that one runs at once.
        ttl_s: Seconds without a sign of life after which one is taken for dead; None for the program's default.
        command: What starts one.
    """

    url: str
    home: Path
    log: Path
    slots: int = SLOTS
    ttl_s: float | None = None
    command: str = "worker"
    processes: list[psutil.Popen] = field(default_factory=list)

    async def start(self, count: int = 1) -> None:
        """Start so many more, and return once all of them look for work.

        Raises:
            CannotRun: One has ended, or they are not ready in a minute.
        """
        settings = {"WEFT_DATABASE_URL": self.url, "WEFT_HOME": str(self.home), "WEFT_TESTING_BLOCKS": "true"}
        if self.ttl_s is not None:
            settings["WEFT_LEASE_TTL"] = str(self.ttl_s)
        known = await self._registered()
        with self.log.open("a") as log:
            for _ in range(count):
                self.processes.append(
                    psutil.Popen(
                        [PROGRAM, self.command, "--concurrency", str(self.slots)],
                        env=environment(settings),
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=log,
                        start_new_session=True,  # Ctrl-C reaches the case alone, which ends them in order
                    )
                )
        try:
            async with asyncio.timeout(_START_S):
                while await self._registered() < known + count:
                    if any(process.poll() is not None for process in self.processes[-count:]):
                        raise CannotRun(f"weft {self.command}: {self._last_words()}")
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise CannotRun(f"weft {self.command} was not ready after {_START_S:.0f} s: {self._last_words()}") from None

    def kill(self) -> psutil.Popen:
        """Kill the oldest without a warning, and return it."""
        process = self.processes.pop(0)
        process.kill()
        process.wait()
        return process

    def pause(self) -> None:
        """Let all of them stand still; not for longer than their lease lasts."""
        for process in self.processes:
            process.suspend()

    def go_on(self) -> None:
        """Let all of them go on."""
        for process in self.processes:
            process.resume()

    def processor_s(self) -> float:
        """Return how long they have computed."""
        return processor_s(one for process in self.processes for one in with_children(process))

    async def end_one(self) -> None:
        """Have the youngest end in good order."""
        last = self.processes.pop()
        last.send_signal(signal.SIGTERM)
        await asyncio.to_thread(last.wait, _LEAVE_S)

    def end(self) -> None:
        """Have all of them end in good order; who has not after a while is killed."""
        for process in self.processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)
        for late in psutil.wait_procs(self.processes, timeout=_LEAVE_S)[1]:
            late.kill()
            late.wait()
        self.processes.clear()

    async def _registered(self) -> int:
        return int(await value_of(self.url, "SELECT count(*) FROM workers WHERE role = 'worker'"))

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        words = [line.strip(" │") for line in lines if any(map(str.isalpha, line))]
        return words[-1] if words else "it said nothing"


@asynccontextmanager
async def workers(
    options: Options, count: int, *, slots: int = SLOTS, ttl_s: float | None = None, command: str = "worker"
) -> AsyncIterator[Workers]:
    """Run worker processes for the length of the block."""
    started = Workers(options.url, options.scratch, options.scratch / "workers.log", slots, ttl_s, command)
    try:
        if count:
            await started.start(count)
        yield started
    finally:
        await asyncio.to_thread(started.end)
