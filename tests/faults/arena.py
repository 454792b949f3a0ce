"""Where a row is played: a database of its own that notes what happens, clients, and workers."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.audit import install
from tests.faults.crew import TTL_S, Crew, crew_of
from tests.faults.history import History, check_history
from tests.faults.invariants import Expected, check_snapshot
from tests.faults.load import Load, Wanted
from tests.faults.nursery import Nursery
from tests.faults.snapshot import Snapshot, read_snapshot
from tests.faults.view import View
from tests.faults.violations import Kind, Violation
from tests.support.postgres import Server, drop_database, fresh_database
from weft.assembly import Platform, open_platform
from weft.db.connector import Connector
from weft.executions.limits import Limits
from weft.sdk import Catalog
from weft.worker.worker import Worker

SETTLE_S = 60.0
"""So long may executions take after the last fault; what has not ended then is stuck."""


@dataclass
class Tally:
    """What a row did and found; the counts of its parts add up."""

    executions: int = 0
    faults: int = 0
    refused: int = 0
    takeovers_s: list[float] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str | None = None

    def add(self, other: "Tally") -> None:
        """Add a part."""
        self.executions += other.executions
        self.faults += other.faults
        self.refused += other.refused
        self.takeovers_s += other.takeovers_s
        self.violations += other.violations
        self.notes += other.notes

    def count(self, kind: Kind) -> int:
        """Return how many promises of a kind were broken."""
        return sum(violation.kind is kind for violation in self.violations)

    def require(self, claim: bool, sentence: str) -> None:
        """Note that a row's own claim does not hold."""
        if not claim:
            self.violations.append(Violation(Kind.FAULT, sentence))


@dataclass
class Arena:
    """One database, its clients and its workers."""

    platform: Platform
    view: View
    crew: Crew
    load: Load
    home: Path
    chance: random.Random
    tally: Tally = field(default_factory=Tally)

    @asynccontextmanager
    async def rescuer(self, slots: int = 20) -> AsyncIterator[None]:
        """Have a worker that nothing happens to work in this process for the length of the block."""
        async with self.platform.engine() as parts:
            worker = Worker(parts, slots=slots)
            self.platform.wakes.listeners.append(worker.wake)
            async with worker.running():
                yield
            self.platform.wakes.listeners.remove(worker.wake)

    async def settle(self, patience_s: float = SETTLE_S) -> None:
        """Wait until everything has ended, but not for ever; then have the workers leave."""
        ended = await self.load.until_ended(patience_s)
        if not ended:
            await self._note_standing()
        for worker in self.crew.alive:
            worker.thaw()
            if not ended:
                worker.process.send_signal(signal.SIGUSR1)
        await asyncio.gather(*(worker.leave() for worker in self.crew.alive))

    async def _note_standing(self) -> None:
        """Write down how the database stands and what its sessions do, for whoever looks for why nothing goes on."""
        login = await Connector.to(self.crew.url).connect()
        rows = await login.fetch(_SESSIONS)
        for query in _STANDING:
            rows += await self.view.fetch(query)
        (self.home / "stuck.txt").write_text("".join(f"{dict(row)}\n" for row in rows))
        await login.close()

    async def judge(self, *, ends: tuple[str, ...] = ("completed",), reconnects: bool = False) -> Snapshot:
        """Check every promise, once nobody works any more, and add what is found to the tally."""
        await self._sweep()
        seen = await read_snapshot(self.view, self.load.lines)
        wanted = self.load.wanted
        outputs = await self.load.outputs()
        expected = Expected(
            accepted=list(self.load.started),
            ends=ends,
            reconnects=reconnects,
            outputs=outputs if wanted is not None else {},
            wanted={id: wanted.outputs.get(name, outputs[id]) for id, name in self.load.started.items()}
            if wanted
            else {},
        )
        tally = self.tally
        tally.violations += check_snapshot(seen, expected)
        tally.violations += check_history(self.load.history.lines, seen.finals)
        tally.violations += [Violation(Kind.LEFT_OVER, f"worker {id} is dead and has a row") for id in seen.workers]
        tally.executions += len(seen.executions)
        tally.refused += self.crew.refusals
        tally.takeovers_s += takeovers(seen, self.crew)
        return seen

    async def _sweep(self) -> None:
        """Let somebody look for the dead once more, as every living worker does."""
        async with self.platform.engine() as parts:
            await asyncio.sleep(0)
            for _ in range(3):
                await parts.dispatch.sweep()


_SESSIONS = """
SELECT pid, state, wait_event_type, wait_event, pg_blocking_pids(pid) AS blocked_by, now() - state_change AS since, query
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


_STANDING = (
    "SELECT 'open' AS what, id, status, token, worker, seq, parent_id FROM executions WHERE ended_at IS NULL",
    "SELECT 'queue' AS what, * FROM queue",
    "SELECT 'leases' AS what, * FROM leases",
    "SELECT 'workers' AS what, * FROM workers",
    "SELECT 'timers' AS what, * FROM timers",
)


def takeovers(seen: Snapshot, crew: Crew) -> list[float]:
    """Return the seconds from each kill to the next claim of each execution that the killed worker owned."""
    killed: dict[int | None, float] = {
        worker.number: worker.killed_at for worker in crew.all if worker.killed_at and worker.number
    }
    owners: dict[str, int | None] = {}
    left: dict[str, float] = {}
    found = []
    for step in seen.steps:
        if step.status == "running":
            if step.execution in left:
                found.append(max(step.at - left.pop(step.execution), 0.0))
            owners[step.execution] = step.worker
        elif step.was == "running" and step.status == "queued":
            killed_at = killed.get(owners.get(step.execution))
            if killed_at is not None and step.at >= killed_at:
                left[step.execution] = killed_at
    return found


@asynccontextmanager
async def arena_on(
    server: Server,
    home: Path,
    name: str,
    *,
    catalog: Catalog,
    nursery: Nursery,
    chance: random.Random,
    wanted: Wanted | None,
    limits: Limits | None = None,
) -> AsyncIterator[Arena]:
    """Lend an arena on a fresh database of a server; the files of what happened stay in the folder."""
    url = await fresh_database(server)
    folder = home / name
    folder.mkdir(mode=0o755)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop_database, server, url)
        login = await Connector.to(url).connect()
        await install(login)
        await login.close()
        view = View(url)
        stack.push_async_callback(view.close)
        platform = await stack.enter_async_context(open_platform(url, catalog=catalog, limits=limits, ttl_s=TTL_S))
        crew = await stack.enter_async_context(crew_of(url, folder, view, nursery))
        load = Load(platform, view, History(folder / "history.jsonl"), folder / "lines.txt", wanted)
        await load.save_shapes()
        yield Arena(platform, view, crew, load, folder, chance)


async def without_faults(server: Server, home: Path, catalog: Catalog, nursery: Nursery) -> Wanted:
    """Run each shape once with nothing in its way, and return what it does."""
    chance = random.Random(0)
    async with arena_on(
        server, home, "no-fault", catalog=catalog, nursery=nursery, chance=chance, wanted=None
    ) as arena:
        async with arena.rescuer(), arena.load.person():
            await arena.load.start_many(5)
            await arena.settle()
        await arena.judge()
        assert not arena.tally.violations, f"without a fault: {[str(one) for one in arena.tally.violations]}"
        outputs = await arena.load.outputs()
        by_shape = {name: outputs[id] for id, name in arena.load.started.items()}
        return Wanted(by_shape, await arena.load.emitted())
