"""Rows in which the database, the way to it, or its disk fails."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from tests.drills.crash_pg import kill_postgres
from tests.engine.cable import Cable, laid_to
from tests.faults.arena import Arena, Tally
from tests.faults.crew import TTL_S
from tests.faults.stage import Row, Stage
from tests.support.postgres import wait_until_stopped
from weft.db.connector import Connector
from weft.db.embedded.server import start_embedded

SLOW_MS = 60
DISK_MB = 400
SPARE_BYTES = 2**18
PATIENCE_S = 60.0
RETURN_S = 60.0


async def killed_postgres(stage: Stage) -> Tally:
    """Kill the postmaster and all its children while executions start and run."""
    async with stage.arena("F3") as arena:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        for _ in range(2):
            await arena.crew.start()
        async with arena.load.person():
            for number in range(stage.size(2, 30)):
                starting = asyncio.create_task(arena.load.start_many(stage.size(10, 40), pause_s=0.03))
                await asyncio.sleep(arena.chance.uniform(0.1, 1.0))
                arena.tally.notes.append(f"{kill_postgres(stage.home)} processes killed")
                arena.tally.faults += 1
                await starting
                await Connector.to(arena.crew.url).wait_until_reachable(PATIENCE_S)
                if stage.long:
                    stage.say(f"F3: {number + 1} kills")
            await arena.settle()
        await arena.judge(reconnects=True)
        return arena.tally


async def cut_lines(stage: Stage) -> Tally:
    """Cut, slow down, deafen and strand the lines of workers to the database, one worker at a time."""
    async with stage.arena("F8") as arena, AsyncExitStack() as stack:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        cables = [await stack.enter_async_context(laid_to(arena.crew.url)) for _ in range(2)]
        for cable in cables:
            await arena.crew.start(url=cable.url)
        async with arena.load.person():
            for number in range(stage.size(1, 12)):
                for fault in _LONG_LINE_FAULTS if stage.long else _LINE_FAULTS:
                    starting = asyncio.create_task(arena.load.start_many(stage.size(5, 10), pause_s=0.05))
                    await asyncio.sleep(arena.chance.uniform(0.1, 0.4))
                    await fault(arena.chance.choice(cables))
                    arena.tally.faults += 1
                    await starting
                if stage.long:
                    stage.say(f"F8: round {number + 1}")
            await arena.load.until_ended(PATIENCE_S)
            await _both_work(arena)
            await arena.settle()
        await arena.judge(reconnects=True)
        return arena.tally


async def _short_cut(cable: Cable) -> None:
    cable.cut()
    await asyncio.sleep(0.3)
    cable.mend()


async def _long_cut(cable: Cable) -> None:
    cable.cut()
    await asyncio.sleep(TTL_S + 1)
    cable.mend()


async def _half_open(cable: Cable) -> None:
    """What is said arrives, no answer comes, and then the line is cut."""
    cable.deafen()
    await asyncio.sleep(TTL_S + 1)
    cable.cut()
    cable.mend()


async def _slow(cable: Cable) -> None:
    cable.delay_s = 0.25
    await asyncio.sleep(2)
    cable.delay_s = 0.0


async def _stranded(cable: Cable) -> None:
    """The connections there are fall silent and nobody is told; new ones work."""
    cable.strand()
    await asyncio.sleep(TTL_S + 1)


_LINE_FAULTS = (_short_cut, _long_cut, _half_open, _slow)
_LONG_LINE_FAULTS = (*_LINE_FAULTS, _stranded)
"""The last one takes as long as nobody notices it."""


async def _both_work(arena: Arena) -> None:
    """Afterwards every worker is there again: no line is lost for good."""
    beating = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(RETURN_S):
            while beating < len(arena.crew.alive):
                beating = await arena.view.fetchval(_BEATING)
                await asyncio.sleep(0.05)
    arena.tally.require(beating == len(arena.crew.alive), f"{beating} of {len(arena.crew.alive)} workers came back")


_BEATING = "SELECT count(*) FROM workers WHERE beat > clock_timestamp() - ttl"


async def full_disk(stage: Stage) -> Tally:
    """Fill the disk of the database, see calls refused in words, free it, and see everything end."""
    if os.geteuid() != 0:
        return Tally(skipped="mounting a small disk needs root")
    home = stage.home / "small-disk"
    home.mkdir(mode=0o755)
    refused = await asyncio.to_thread(_mount, home)
    if refused is not None:
        return Tally(skipped=f"mounting a small disk is refused: {refused}")
    try:
        return await _fill_and_free(stage, home)
    finally:
        await asyncio.to_thread(wait_until_stopped, home)
        await asyncio.to_thread(_unmount, home)


def _mount(home: Path) -> str | None:
    """Mount a small disk in memory; return why that is refused, or None."""
    disk = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0755", "tmpfs", str(home)]
    done = subprocess.run(disk, check=False, capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else None


def _unmount(home: Path) -> None:
    subprocess.run(["umount", "--lazy", str(home)], check=True)


async def _fill_and_free(stage: Stage, home: Path) -> Tally:
    async with await start_embedded(home) as server, stage.arena("F9", server=server) as arena:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        for _ in range(2):
            await arena.crew.start()
        async with arena.load.person():
            for _ in range(stage.size(1, 5)):
                await arena.load.start_many(10)
                async with _filled(home):
                    arena.tally.faults += 1
                    refused = await _start_until_refused(arena)
                    arena.tally.require(bool(refused), "nothing was refused although the disk was full")
                    arena.tally.notes.append(f"refused: {refused}")
                    await asyncio.sleep(2)
                await Connector.to(server.url).wait_until_reachable(PATIENCE_S)
                await arena.load.start_many(5)
                await arena.load.until_ended(PATIENCE_S)
            await arena.settle()
        await arena.judge(reconnects=True)
        return arena.tally


@asynccontextmanager
async def _filled(home: Path) -> AsyncIterator[None]:
    """Have a file take all the room there is for the length of the block."""
    filler = home / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(home).free - SPARE_BYTES)
    try:
        yield
    finally:
        filler.unlink()


async def _start_until_refused(arena: Arena) -> str:
    """Start executions until one is refused; return the words."""
    for _ in range(3000):
        await arena.load.start("chain", client="filler")
        last = arena.load.history.lines[-1]
        if last.outcome in ("info", "fail"):
            return str(last.value)
    return ""


ROWS = (
    Row("F3", "kill -9 of PostgreSQL", killed_postgres),
    Row("F8", "lines to the database cut, slow, half open", cut_lines),
    Row("F9", "the disk of the database is full", full_disk),
)
