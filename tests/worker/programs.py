"""The program as processes that run until they are told to stop: what they say, how they end."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0
"""For whatever is waited for; only a machine that hangs ever comes near it."""

Said = dict[str, Any]


class Program:
    """`weft COMMAND --json` as a process, and all that it and its children say."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.said: list[Said] = []

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    async def until(self, event: str, **facts: Any) -> Said:
        """Return the next line that tells this; what was read before is not looked at again."""
        async with asyncio.timeout(DEADLINE_S):
            while (line := await self._line()) is not None:
                if line.get("event") == event and facts.items() <= line.items():
                    return line
        raise AssertionError(f"{event} {facts} was never said, but: {self.said}")

    async def silence(self) -> None:
        """Return once nobody is left who could say something: the process and its children are gone."""
        async with asyncio.timeout(DEADLINE_S):
            while await self._line() is not None:
                pass

    async def end(self) -> int:
        """Return its exit code, once nobody is left who could say something."""
        await self.silence()
        async with asyncio.timeout(DEADLINE_S):
            return await self.process.wait()

    async def stop(self) -> int:
        """Tell it to stop, and return its exit code."""
        self.signal(signal.SIGTERM)
        return await self.end()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def events(self) -> list[str]:
        """Return the names of all that was said up to now."""
        return [line.get("event", "error") for line in self.said]

    async def _line(self) -> Said | None:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            return None
        said: Said = json.loads(line)
        self.said.append(said)
        return said


class Programs:
    """Starts programs for one test; what is left of them at its end is killed."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._started: list[Program] = []

    async def start(self, command: str, *arguments: str, **environment: str) -> Program:
        """Start `weft COMMAND --json` in a process group of its own."""
        inherited = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "weft.cli", command, "--json", *arguments),
            env={**inherited, "WEFT_TESTING_BLOCKS": "true", "WEFT_LEASE_TTL": "3", **self._environment, **environment},
            cwd=self._folder,
            stdout=PIPE,
            start_new_session=True,
        )
        program = Program(process)
        self._started.append(program)
        return program

    async def started(self, command: str, *arguments: str, **environment: str) -> Program:
        """Start it, and return once it says that it works."""
        program = await self.start(command, *arguments, **environment)
        await program.until("started")
        return program

    async def close(self) -> None:
        """Kill what is left, children of the supervisor too."""
        for program in self._started:
            pids = {program.pid} if program.process.returncode is None else set()
            for pid in pids | {line["pid"] for line in program.said if _is_left(line, program)}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await program.process.wait()


def _is_left(line: Said, program: Program) -> bool:
    """Return whether who said this may live still, which nobody knows who has not heard the end of all of them."""
    return "pid" in line and program.process.stdout is not None and not program.process.stdout.at_eof()


@asynccontextmanager
async def programs(folder: Path, **environment: str) -> AsyncIterator[Programs]:
    """Lend a starter of programs, with this environment beside the test's own."""
    starter = Programs(folder, environment)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(starter.close)
        yield starter


class Gate:
    """A named pipe at which the effects of graphs wait: who opens it for writing waits for a reader."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        os.mkfifo(self.path)
        self._reader: int | None = None

    def open(self) -> None:
        """Let everybody through, now and from now on."""
        self._reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def lines(self) -> list[str]:
        """Return what was written by those who came through."""
        assert self._reader is not None, "nobody came through: the gate is closed"
        return os.read(self._reader, 65_536).decode().splitlines()

    def close(self) -> None:
        """Let go of those who still wait."""
        if self._reader is None:
            with suppress(OSError):
                self.open()
        if self._reader is not None:
            os.close(self._reader)
