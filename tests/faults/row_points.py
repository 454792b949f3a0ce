"""F16: a process dies at each named place of the program once, and everything ends as if nothing had happened."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

from tests.drills.crash_scene import START
from tests.faults.arena import Arena, Tally
from tests.faults.crew import WorkerProcess
from tests.faults.shapes import CALLED, shape
from tests.faults.stage import Row, Stage
from weft.failpoints import KILLED, POINTS

AT_ONCE = 3
DEATH_S = 40.0
SLOW_MS = 400
_LATER = {"beat.sent": 2}
"""Places that a worker passes before it has anything; which pass is meant."""
_BY_CLIENTS = {
    "start.written": "run",
    "answer.written": "answer",
    "cancel.locked": "cancel",
    "cancel.written": "cancel",
    "transaction.committed": "cancel",
}
_LEAVING = ("worker.draining", "worker.left", "back.sent", "back.committed")
_SHAPES = {"snapshot.made": ["long"]}

Hit = Callable[[Arena, str], Awaitable[WorkerProcess]]


async def crash_points(stage: Stage) -> Tally:
    """Play every place; a place that is not passed is a failure of the row."""
    total = Tally()
    turns = asyncio.Semaphore(AT_ONCE)

    async def play(point: str, number: int) -> None:
        async with turns:
            total.add(await _point(stage, point, number))

    for number in range(stage.size(1, 20)):
        async with asyncio.TaskGroup() as all_points:
            for point in POINTS:
                all_points.create_task(play(point, number))
        if stage.long:
            stage.say(f"F16: {number + 1} times each")
    total.notes.append(f"{len(POINTS)} places")
    return total


async def _point(stage: Stage, point: str, number: int) -> Tally:
    async with stage.arena(f"F16-{number}-{point}") as arena:
        if "long" in _SHAPES.get(point, ()):
            await arena.load.save("long", shape("long", arena.platform.catalog))
        earliest = _LATER.get(point, 1)
        armed = f"{point}:{earliest if number == 0 else arena.chance.randint(earliest, earliest + 2)}"
        hit: Hit = _hit_by_worker
        if point in _BY_CLIENTS:
            hit = _hit_by_client
        elif point in _LEAVING:
            hit = _hit_by_leaving
        elif point == "family.orphans_asked":
            hit = _hit_by_failing
        dying = await hit(arena, armed)
        code = None
        with suppress(TimeoutError):
            code = await dying.ended(DEATH_S)
        if code == KILLED:
            arena.tally.faults += 1
        elif number == 0:
            arena.tally.require(False, f"nothing died at {point}: exit code {code}")
        async with arena.rescuer(), arena.load.person():
            await arena.settle()
        await arena.judge(ends=_ENDS.get(hit, ("completed",)))
        for violation in arena.tally.violations:
            arena.tally.notes.append(f"{point}: {violation.kind}")
        return arena.tally


async def _hit_by_worker(arena: Arena, armed: str) -> WorkerProcess:
    """Have a worker alone run one execution of each shape until it dies."""
    point = armed.partition(":")[0]
    await arena.load.start_many(5)
    for name in _SHAPES.get(point, ()):
        await arena.load.start(name)
    return await arena.crew.start(failpoint=armed, ready=False)


async def _hit_by_leaving(arena: Arena, armed: str) -> WorkerProcess:
    """Tell a worker to leave at once while it runs slow executions."""
    await arena.load.save_shapes(wait_ms=SLOW_MS)
    await arena.load.start_many(5)
    worker = await arena.crew.start(failpoint=armed, WEFT_DRAIN_TIMEOUT="0")
    await _until(arena, "SELECT count(*) >= 3 FROM leases")
    worker.process.send_signal(15)
    return worker


async def _hit_by_failing(arena: Arena, armed: str) -> WorkerProcess:
    """Have an execution fail while another one that it called still runs."""
    await arena.load.save_shapes(wait_ms=SLOW_MS)
    called = arena.load.versions[CALLED].graph_id
    await arena.load.save("orphans", shape("orphans", arena.platform.catalog, called=called, wait_ms=SLOW_MS // 2))
    await arena.load.start("orphans")
    return await arena.crew.start(failpoint=armed, ready=False)


async def _hit_by_client(arena: Arena, armed: str) -> WorkerProcess:
    """Have `weft` start, answer or cancel, and die while it does; whether that took effect is not known."""
    word = _BY_CLIENTS[armed.partition(":")[0]]
    ids = await arena.load.start_many(5)
    if word == "run":
        file = arena.home / "chain.json"
        file.write_bytes(shape("chain", arena.platform.catalog))
        call = arena.load.history.begin("cli", "start", "cli-1")
        arguments = ["run", str(file), "-i", f"lines={arena.load.lines}", "-i", f"start={START}"]
    elif word == "answer":
        async with arena.rescuer():
            await _until(arena, _ASKED)
        (row,) = await arena.view.fetch(_ASKED)
        call = arena.load.history.begin("cli", "answer", str(row["execution_id"]), [row["key"], "yes"])
        arguments = ["answer", str(row["execution_id"]), row["key"], "--data", json.dumps("yes")]
    else:
        call = arena.load.history.begin("cli", "cancel", ids[0])
        arguments = ["cancel", str(UUID(ids[0]))]
    process = await arena.crew.run(*arguments, WEFT_FAILPOINT=armed)
    with suppress(TimeoutError):
        await process.ended(DEATH_S)
    call.info("it died")
    return process


async def _until(arena: Arena, query: str) -> None:
    async with asyncio.timeout(DEATH_S):
        while not await arena.view.fetchval(query):
            await asyncio.sleep(0.02)


_ASKED = """
SELECT execution_id, wait->>'key' AS key FROM node_executions WHERE outcome = 'wait' AND wait->>'kind' = 'person'
"""

_ENDS: dict[Hit, tuple[str, ...]] = {
    _hit_by_client: ("completed", "cancelled"),
    _hit_by_failing: ("failed",),
}

ROWS = (Row("F16", "a process dies at each named place", crash_points),)
