"""Rows in which worker processes are killed, frozen, or told to leave."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from tests.faults.arena import Arena, Tally
from tests.faults.crew import START_PATIENCE_S, TTL_S, WorkerProcess
from tests.faults.stage import Row, Stage

CREW = 2
KILLS = 5
CALM_S = 1.0
SLOW_MS = 60
OPEN_AT_ONCE = 8
FROZEN_S = TTL_S + 1.5
FROZEN_AT_ONCE = 4
DRAIN_S = 30.0
LONGEST_TAKEOVER_S = TTL_S + 2.0
CHECKPOINTS = (
    "claim.committed",
    "recall.loaded",
    "flush.sent:2",
    "flush.committed:2",
    "end.begun",
    "park.locked",
    "beat.sent:3",
)
"""Where a worker freezes: after its claim, before the replay, after an effect and before its commit, after the commit of an
intent and before its effect, at an end, while it parks, and in its heartbeat."""


async def random_kills(stage: Stage) -> Tally:
    """Kill workers at random moments while executions come in, until so many kills and executions are done."""
    kills = stage.kills or stage.size(KILLS, 500)
    many = kills > KILLS
    count = kills if many else 20
    async with stage.arena("F1") as arena:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        for _ in range(2 * CREW if many else CREW):
            await arena.crew.start()
        async with arena.load.person(), asyncio.TaskGroup() as replacing:
            feeding = asyncio.create_task(_feed(arena, count))
            for number in range(1, kills + 1):
                await _kill_one(arena)
                replacing.create_task(arena.crew.start())
                arena.tally.faults += 1
                if many:
                    await asyncio.sleep(CALM_S)  # else nothing is ever run to its end
                if many and number % 10 == 0:
                    stage.say(f"F1: {number} of {kills} kills, {len(arena.load.started)} executions started")
                if feeding.done():
                    feeding = asyncio.create_task(_feed(arena, OPEN_AT_ONCE))
            await feeding
        async with arena.load.person():
            await arena.settle()
        await arena.judge()
        slow = [spent for spent in arena.tally.takeovers_s if spent > LONGEST_TAKEOVER_S]
        arena.tally.require(not slow, f"{len(slow)} takeovers took longer than {LONGEST_TAKEOVER_S:g} s: {slow[:5]}")
        arena.tally.notes.append(f"{arena.load.unknown} unknown outcomes decided")
    return arena.tally


async def _feed(arena: Arena, count: int) -> None:
    """Start executions as others end, so that there is work for as long as the kills go on."""
    for one in range(0, count, 2):
        while await arena.view.fetchval(_OPEN_ROOTS) >= OPEN_AT_ONCE:
            await asyncio.sleep(0.02)
        await arena.load.start_many(min(2, count - one), names=_turn(one))


def _turn(first: int) -> list[str]:
    names = ["chain", "fan", "stream", "family", "wait"]
    return names[first % 5 :] + names[: first % 5]


async def _kill_one(arena: Arena) -> WorkerProcess:
    """Kill a random worker, at a random moment after it has work if it gets any soon."""
    async with asyncio.timeout(START_PATIENCE_S):
        while not arena.crew.ready:
            await asyncio.sleep(0.02)
    victim = arena.chance.choice(arena.crew.ready)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            while not await arena.view.fetchval("SELECT count(*) FROM leases WHERE worker = $1", victim.number):
                await asyncio.sleep(0.01)
    await asyncio.sleep(arena.chance.uniform(0.05, 0.5))
    await victim.kill()
    return victim


_OPEN_ROOTS = "SELECT count(*) FROM executions WHERE status IN ('queued', 'running', 'waiting') AND parent_id IS NULL"


async def zombies(stage: Stage) -> Tally:
    """Freeze a worker at each checkpoint for longer than its lease; when it wakes up, its work belongs to somebody else."""
    total = Tally()
    for round_number in range(stage.size(1, 8)):
        for first in range(0, len(CHECKPOINTS), FROZEN_AT_ONCE):
            together = CHECKPOINTS[first : first + FROZEN_AT_ONCE]
            parts = [_zombie(stage, f"F5-{round_number}-{name.partition(':')[0]}", name) for name in together]
            for part in await asyncio.gather(*parts):
                total.add(part)
        if stage.long:
            stage.say(f"F5: round {round_number + 1}")
    total.require(total.refused > 0, "no frozen worker tried to write after it was declared dead")
    return total


async def _zombie(stage: Stage, name: str, checkpoint: str) -> Tally:
    async with stage.arena(name) as arena:
        await arena.load.start_many(5)
        worker = await arena.crew.start(failpoint=f"{checkpoint}:stop")
        try:
            await _until_frozen(worker)
        except TimeoutError:
            arena.tally.require(False, f"no worker came to {checkpoint}")
            return arena.tally
        arena.tally.faults += 1
        async with arena.rescuer(), arena.load.person():
            await asyncio.sleep(FROZEN_S)
            worker.thaw()
            await arena.settle()
        await arena.judge()
        return arena.tally


async def _until_frozen(worker: WorkerProcess) -> None:
    async with asyncio.timeout(30):
        while _state(worker) != "T":
            await asyncio.sleep(0.02)


def _state(worker: WorkerProcess) -> str:
    """Return the letter by which the kernel names what a process does."""
    return Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()[0]


async def rolling(stage: Stage) -> Tally:
    """Replace all workers one after the other by SIGTERM while executions run; none fails."""
    async with stage.arena("F14") as arena:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        for _ in range(2):
            await arena.crew.start()
        longest = 0.0
        async with arena.load.person():
            feeding = asyncio.create_task(_feed(arena, stage.size(20, 200)))
            for number in range(stage.size(3, 20)):
                old = arena.crew.alive[0]
                await arena.crew.start()
                began = time.monotonic()
                await old.leave(DRAIN_S + 30)
                longest = max(longest, time.monotonic() - began)
                arena.tally.faults += 1
                if stage.long:
                    stage.say(f"F14: {number + 1} workers replaced")
            await feeding
            await arena.settle()
        await arena.judge()
        arena.tally.require(longest <= DRAIN_S, f"a worker took {longest:.1f} s to leave")
        codes = {worker.process.returncode for worker in arena.crew.all}
        arena.tally.require(codes <= {0}, f"workers left with exit codes {codes}")
        arena.tally.notes.append(f"longest leave {longest:.1f} s")
        return arena.tally


ROWS = (
    Row("F1", "kill -9 of workers at random moments", random_kills),
    Row("F5", "a worker frozen beyond its lease, then thawed", zombies),
    Row("F14", "rolling SIGTERM under load", rolling),
)
