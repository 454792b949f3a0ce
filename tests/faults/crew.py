"""Worker processes under fire: started, killed, frozen, told to leave."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.drills.crash_scene import PROGRAM, clean_environment
from tests.faults.nursery import Child, Nursery
from tests.faults.view import View

TTL_S = 3.0
START_PATIENCE_S = 60.0
_LOOK_S = 0.01


@dataclass(eq=False)
class WorkerProcess:
    """One worker process.

    Attributes:
        number: Its number in the table of workers once it is ready; it takes another one after it was declared dead.
        words: The file of what it says.
        killed_at: When it was killed, in seconds since the epoch.
    """

    process: Child
    words: Path
    number: int | None = None
    killed_at: float | None = None

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.process.returncode is None

    def refusals(self) -> int:
        """Return how often it was told that its records belong to somebody else's execution."""
        return self.words.read_text(errors="replace").count("records refused")

    async def kill(self) -> None:
        """Kill -9."""
        self.killed_at = time.time()
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    def freeze(self) -> None:
        """Stop it where it is."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    async def leave(self, patience_s: float = START_PATIENCE_S) -> float:
        """Tell it to leave in good order; return the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await self.ended(patience_s)
        return time.monotonic() - began

    async def ended(self, patience_s: float = START_PATIENCE_S) -> int:
        """Return its exit code once it has ended."""
        async with asyncio.timeout(patience_s):
            return await self.process.wait()


@dataclass
class Crew:
    """The workers of one database."""

    url: str
    home: Path
    view: View
    nursery: Nursery
    settings: Mapping[str, str] = field(default_factory=dict)
    all: list[WorkerProcess] = field(default_factory=list)
    runs: int = 0

    @property
    def alive(self) -> list[WorkerProcess]:
        """Return those that have not ended."""
        return [worker for worker in self.all if worker.alive]

    @property
    def ready(self) -> list[WorkerProcess]:
        """Return those that work."""
        return [worker for worker in self.alive if worker.number is not None]

    @property
    def refusals(self) -> int:
        """Return how many writes of all of them were refused."""
        return sum(worker.refusals() for worker in self.all)

    async def start(
        self,
        *,
        slots: int = 10,
        failpoint: str | None = None,
        url: str | None = None,
        ready: bool = True,
        **settings: str,
    ) -> WorkerProcess:
        """Start a worker and return it once it is ready to work.

        Args:
            slots: How many executions it runs at once.
            failpoint: What to arm in it.
            url: Another way to the same database.
            ready: Wait until it has registered; one that dies before never does.
            settings: More variables of its environment.
        """
        if failpoint is not None:
            settings["WEFT_FAILPOINT"] = failpoint
        worker = await self.run("worker", "--concurrency", str(slots), url=url, **settings)
        self.all.append(worker)
        if ready:
            await self._until_ready(worker)
        return worker

    async def run(self, *arguments: str, url: str | None = None, **settings: str) -> WorkerProcess:
        """Start `weft` with these arguments; it is nobody of the crew.

        Args:
            arguments: What follows `weft`.
            url: Another way to the same database.
            settings: More variables of its environment.
        """
        words = self._new_words()
        env = self._environment(url or self.url, settings)
        return WorkerProcess(await self.nursery.start(arguments, env=env, folder=self.home, words=words), words)

    async def start_by(self, command: Sequence[str], *, url: str, slots: int = 10, **settings: str) -> WorkerProcess:
        """Start a worker by a command which becomes what is named behind it; return it once it is ready to work.

        Args:
            command: Such as one that enters another network.
            url: The address of the database as it is seen there.
            slots: How many executions it runs at once.
            settings: More variables of its environment.
        """
        words = self._new_words()
        with words.open("ab") as said:
            process = await asyncio.create_subprocess_exec(
                *(*command, str(PROGRAM), "worker", "--concurrency", str(slots)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self.home,
                env=self._environment(url, settings),
                start_new_session=True,
            )
        worker = WorkerProcess(Child(process.pid, asyncio.create_task(process.wait())), words)
        self.all.append(worker)
        await self._until_ready(worker)
        return worker

    def _new_words(self) -> Path:
        """Make the file of what the next process says."""
        self.runs += 1
        words = self.home / f"words-{self.runs}.txt"
        words.touch()
        return words

    def _environment(self, url: str, settings: Mapping[str, str]) -> dict[str, str]:
        return clean_environment() | {
            "WEFT_DATABASE_URL": url,
            "WEFT_HOME": str(self.home),
            "WEFT_TESTING_BLOCKS": "true",
            "WEFT_LEASE_TTL": str(TTL_S),
            "WEFT_SANDBOX_WORKERS": "1",
            **self.settings,
            **settings,
        }

    async def _until_ready(self, worker: WorkerProcess) -> None:
        async with asyncio.timeout(START_PATIENCE_S):
            while (number := await self.view.fetchval(_NUMBER, worker.process.pid)) is None:
                said = worker.words.read_text(errors="replace")
                assert worker.alive, f"a worker ended while it started: {said[-2000:]}"
                await asyncio.sleep(_LOOK_S)
        worker.number = number

    async def end(self) -> None:
        """Kill all that are left: each before anything is waited for, and a second Ctrl-C ends the waiting alone."""
        left = self.alive
        for worker in left:
            worker.process.send_signal(signal.SIGKILL)
        for worker in left:
            await worker.process.wait()


_NUMBER = "SELECT id FROM workers WHERE pid = $1 AND role = 'worker'"


@asynccontextmanager
async def crew_of(url: str, home: Path, view: View, nursery: Nursery) -> AsyncIterator[Crew]:
    """Lend a crew without members; all members are gone at the end."""
    crew = Crew(url, home, view, nursery)
    try:
        yield crew
    finally:
        await crew.end()
