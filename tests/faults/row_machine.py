"""NET: a worker of another machine joins by TCP and password, does its share, loses its line, and comes back as another one."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from tests.faults.arena import Arena, Tally
from tests.faults.crew import TTL_S, WorkerProcess
from tests.faults.machine import Machine, NamespaceRefused, another_machine
from tests.faults.network_server import NetworkServer, network_server
from tests.faults.shapes import shape
from tests.faults.snapshot import Step
from tests.faults.stage import Row, Stage
from weft.executions.types import ExecutionStatus

SLOTS = 5
"""Few, so that the queue is never empty: what a worker takes is then what it gets done."""
NEIGHBOURS = 2
SLOW_MS = 60
LONG_MS = 2000
"""A chain of such effects still runs, with somebody else by then, when the worker it was taken from speaks again."""
OPEN_AT_ONCE = 40
NAMES = ("pure", "fan", "pure", "stream", "pure", "family", "wait")
LEAST_SHARE = 0.2
COUNTED = 300
"""Of so many executions its share is counted."""
AGAIN = 10
"""So many executions it takes after its return before it is said to work again."""
ARRIVED_S = 0.3
"""After so long without the line, what had arrived at the database by then is committed."""
LONGEST_TAKEOVER_S = TTL_S + 2.0
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Loss:
    """One loss of the line; times are in seconds since the epoch.

    Attributes:
        number: Under which the worker was known before.
        reborn: And afterwards.
        began: Since when its share is counted, until `counted`.
        held: How many executions it held when the line was cut.
        contested: How many of them others still ran when it was back.
    """

    number: int
    reborn: int
    began: float
    counted: float
    cut: float
    mended: float
    back: float
    held: int
    contested: int


async def lost_line(stage: Stage) -> Tally:
    """Have a worker in a network namespace work beside two others, and cut its line for longer than its lease."""
    with ExitStack() as stack:
        try:
            machine = stack.enter_context(another_machine())
        except NamespaceRefused as refused:
            return Tally(skipped=str(refused))
        home = stage.home / "network"
        home.mkdir(mode=0o755)
        async with (
            network_server(home, machine.address_here, machine.subnet) as server,
            stage.arena("NET", server=server) as arena,
        ):
            await _play(stage, arena, machine, server)
            return arena.tally


async def _play(stage: Stage, arena: Arena, machine: Machine, server: NetworkServer) -> None:
    await arena.load.save_shapes(wait_ms=SLOW_MS)
    await arena.load.save("pure", shape("pure", arena.platform.catalog))
    await arena.load.save("chain", shape("chain", arena.platform.catalog, wait_ms=LONG_MS))
    for _ in range(NEIGHBOURS):
        await arena.crew.start(slots=SLOTS)
    url = await server.admit(arena.crew.url)
    arena.tally.require(await server.refuses_strangers(arena.crew.url), "a wrong password was let in")
    home = arena.home / "elsewhere"
    home.mkdir(mode=0o755)
    losses = []
    async with arena.load.person():
        async with _fed(arena):
            far = await arena.crew.start_by(machine.command, url=url, slots=SLOTS, WEFT_HOME=str(home))
            for number in range(stage.size(1, 5)):
                losses.append(await _lose_line(arena, machine, far))
                if stage.long:
                    stage.say(f"NET: {number + 1} losses")
        await arena.settle()
    seen = await arena.judge()
    for loss in losses:
        _judge_loss(arena.tally, loss, seen.steps)
    said = far.words.read_text(errors="replace").count("taken for dead")
    arena.tally.require(said >= len(losses), f"the worker heard of {said} of its {len(losses)} deaths")
    arena.tally.require(far.process.returncode == 0, f"the worker left with exit code {far.process.returncode}")
    arena.tally.notes.append(f"{far.refusals()} writes refused, {said} deaths noticed")


@asynccontextmanager
async def _fed(arena: Arena) -> AsyncIterator[None]:
    """Have so many executions open for the length of the block."""
    enough = asyncio.Event()

    async def feed() -> None:
        while not enough.is_set():
            room = OPEN_AT_ONCE - await arena.view.fetchval(_OPEN_ROOTS)
            await arena.load.start_many(min(max(room, 0), len(NAMES)), names=NAMES)
            await asyncio.sleep(0.02)

    feeding = asyncio.create_task(feed())
    try:
        yield
    finally:
        enough.set()
        await feeding


async def _lose_line(arena: Arena, machine: Machine, far: WorkerProcess) -> Loss:
    """See the worker work, cut its line until others have what it held, mend it, and see it work again."""
    number, chain = far.number, arena.load.versions["chain"].id
    assert number is not None, "it is ready"
    await _until(arena, _NONE_OPEN, 1, chain)  # they would hold slots all the while
    began = time.time()
    await _until(arena, _CLAIMS, COUNTED, began)
    counted = time.time()
    async with asyncio.timeout(PATIENCE_S):
        while not await _long_ones(arena, number):
            await arena.load.start("chain", client="patient")
            await _until(arena, _NONE_QUEUED, 1, chain)
    await asyncio.sleep(arena.chance.uniform(0.0, 0.5))
    machine.cut()
    cut = time.time()
    arena.tally.faults += 1
    try:
        await asyncio.sleep(ARRIVED_S)
        held = await arena.view.fetchval(_HELD, number)
        long_ones = await _long_ones(arena, number)
        await asyncio.sleep(TTL_S + arena.chance.uniform(0.5, 2.0))
        await _until(arena, _GONE, 1, number)
    finally:
        machine.mend()
    mended = time.time()
    await _until(arena, _REBORN, 1, far.process.pid, number)
    far.number = await arena.view.fetchval(_NUMBER, far.process.pid)
    assert far.number is not None, "it is back"
    back = time.time()
    contested = await arena.view.fetchval(_RUN_BY_OTHERS, long_ones, far.number)
    await _until(arena, _CLAIMS_OF, AGAIN, far.number)
    return Loss(number, far.number, began, counted, cut, mended, back, held, contested)


async def _long_ones(arena: Arena, number: int) -> list[UUID]:
    """Return the executions that take long of those a worker holds."""
    rows = await arena.view.fetch(_LONG_ONES, number, arena.load.versions["chain"].id)
    return [row["execution_id"] for row in rows]


async def _until(arena: Arena, count: str, least: int, *values: object) -> None:
    """Return once a statement counts so many.

    Raises:
        TimeoutError: It does not within a minute.
    """
    async with asyncio.timeout(PATIENCE_S):
        while await arena.view.fetchval(count, *values) < least:
            await asyncio.sleep(0.02)


def _judge_loss(tally: Tally, loss: Loss, steps: Sequence[Step]) -> None:
    """Require its share before, that others took everything over before it was back, and that it works again."""
    claims, ends = _shares(steps, loss.began, loss.counted)
    claimed, ended = (counts[loss.number] / max(counts.total(), 1) for counts in (claims, ends))
    tally.require(claimed >= LEAST_SHARE, f"the worker took {claimed:.0%} of {claims.total()} executions")
    tally.require(ended >= LEAST_SHARE, f"the worker ended {ended:.0%} of {ends.total()} executions")
    taken = _taken(steps, loss)
    tally.takeovers_s += taken
    tally.require(len(taken) >= loss.held > 0, f"{len(taken)} of {loss.held} executions were taken over")
    tally.require(loss.contested > 0, "nobody ran any more what the worker might have written into")
    slow = max(taken, default=0.0)
    tally.require(slow <= LONGEST_TAKEOVER_S, f"an execution was taken over after {slow:.1f} s")
    meanwhile, _ = _shares(steps, loss.cut, loss.mended)
    again, _ = _shares(steps, loss.mended, float("inf"))
    tally.notes.append(
        f"took {claimed:.0%} of {claims.total()} and ended {ended:.0%} of {ends.total()}; without its line for "
        f"{loss.mended - loss.cut:.1f} s, {len(taken)} executions taken over within {slow:.1f} s by others, "
        f"which took {meanwhile.total()} meanwhile; back {loss.back - loss.mended:.1f} s after, when "
        f"others still ran {loss.contested} of them, took {again[loss.reborn]} more"
    )


def _shares(steps: Sequence[Step], since: float, until: float) -> tuple["Counter[int | None]", "Counter[int | None]"]:
    """Return how many executions each worker claimed, and how many of its own ended, in a span of time."""
    claims: Counter[int | None] = Counter()
    ends: Counter[int | None] = Counter()
    owners: dict[str, int | None] = {}
    for step in steps:
        inside = since <= step.at < until
        if (step.was, step.status) == ("queued", "running"):
            owners[step.execution] = step.worker
            claims[step.worker] += inside
        elif ExecutionStatus(step.status).is_terminal():
            ends[owners.get(step.execution)] += inside
    return claims, ends


def _taken(steps: Sequence[Step], loss: Loss) -> list[float]:
    """Return the seconds from the loss to the next claim of each execution that was taken from the worker meanwhile."""
    owners: dict[str, int | None] = {}
    left: set[str] = set()
    found = []
    for step in steps:
        if step.status == "running":
            owners[step.execution] = step.worker
            if step.execution in left:
                left.remove(step.execution)
                found.append(step.at - loss.cut)
        elif step.status == "queued":
            away = step.was == "running" and loss.cut <= step.at < loss.mended
            if owners.pop(step.execution, None) == loss.number and away:
                left.add(step.execution)
    return found


_OPEN_ROOTS = "SELECT count(*) FROM executions WHERE status IN ('queued', 'running', 'waiting') AND parent_id IS NULL"
_CLAIMS = """
SELECT count(*) FROM faults.statuses WHERE was = 'queued' AND status = 'running' AND at > to_timestamp($1::float8)
"""
_CLAIMS_OF = "SELECT count(*) FROM faults.statuses WHERE was = 'queued' AND status = 'running' AND worker = $1"
_NONE_OPEN = "SELECT (count(*) = 0)::int FROM executions WHERE ended_at IS NULL AND version_id = $1"
_NONE_QUEUED = "SELECT (count(*) = 0)::int FROM executions WHERE status = 'queued' AND version_id = $1"
_LONG_ONES = """
SELECT execution_id FROM leases l JOIN executions e ON e.id = l.execution_id WHERE l.worker = $1 AND e.version_id = $2
"""
_RUN_BY_OTHERS = "SELECT count(*) FROM executions WHERE id = ANY ($1::uuid[]) AND status = 'running' AND worker <> $2"
_HELD = "SELECT count(*) FROM leases WHERE worker = $1"
_GONE = """
SELECT (NOT EXISTS (SELECT 1 FROM workers WHERE id = $1) AND NOT EXISTS (SELECT 1 FROM leases WHERE worker = $1))::int
"""
_NUMBER = "SELECT id FROM workers WHERE pid = $1 AND role = 'worker' ORDER BY beat DESC"
_REBORN = "SELECT count(*) FROM workers WHERE pid = $1 AND role = 'worker' AND id <> $2"


ROWS = (Row("NET", "a worker of another machine loses its line", lost_line, long_only=True),)
