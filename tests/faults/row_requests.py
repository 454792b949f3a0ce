"""Rows in which clients ask twice, cancel at any moment, or ask for too much, and in which blocks do harm."""

import asyncio
import time
from contextlib import suppress

from tests.faults.arena import Arena, Tally
from tests.faults.shapes import ShapeGraph
from tests.faults.stage import Row, Stage

SLOW_MS = 60
TIMES = 50
CANCEL_S = 1.0
HARMS = ("exit", "kill")
STUCK_S = 20.0


async def duplicates(stage: Stage) -> Tally:
    """Deliver queue rows and wake-ups twice, and ask for the same start many times at once."""
    async with stage.arena("F6") as arena:
        for _ in range(2):
            await arena.crew.start()
        async with arena.load.person():
            for number in range(stage.size(2, 10)):
                for _ in range(5):
                    await arena.load.start_many(2)
                    await arena.view.fetch(_DOUBLE_QUEUE)
                    for _ in range(TIMES):
                        arena.platform.wakes()
                    arena.tally.faults += 1
                await _same_start(arena, f"twice-{number}")
                arena.tally.faults += TIMES
            await arena.settle()
        await arena.judge()
        return arena.tally


async def _same_start(arena: Arena, key: str) -> None:
    """Start by one request key many times at a barrier; all get the same execution."""
    barrier = asyncio.Barrier(TIMES)

    async def ask(number: int) -> str | None:
        await barrier.wait()
        return await arena.load.start("chain", client=f"asker-{key}-{number}", request_key=key)

    ids = set(await asyncio.gather(*(ask(number) for number in range(TIMES))))
    arena.tally.require(len(ids) == 1, f"request {key} was told {len(ids)} executions")


_DOUBLE_QUEUE = """
INSERT INTO queue (rank, execution_id, user_id) SELECT rank + 1000, execution_id, user_id FROM queue ON CONFLICT DO NOTHING
"""


async def cancel_storm(stage: Stage) -> Tally:
    """Cancel executions in every state, each twice at once; what had not begun by then never does."""
    async with stage.arena("F12") as arena:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        for _ in range(2):
            await arena.crew.start()
        acknowledged: dict[str, float] = {}
        async with arena.load.person():
            for number in range(stage.size(2, 50)):
                ids = await arena.load.start_many(stage.size(10, 20))
                await asyncio.gather(*(_cancel_twice(arena, id, acknowledged) for id in ids))
                if stage.long:
                    stage.say(f"F12: round {number + 1}")
            await arena.settle()
        await arena.judge(ends=("completed", "cancelled"))
        for row in await arena.view.fetch(_BEGUN):
            asked = acknowledged.get(str(row["root_id"]))
            late = asked is not None and row["began"] > asked + CANCEL_S
            arena.tally.require(
                not late, f"a node of {row['root_id']} began {row['began'] - (asked or 0):.2f} s after its cancel"
            )
        return arena.tally


async def _cancel_twice(arena: Arena, id: str, acknowledged: dict[str, float]) -> None:
    await asyncio.sleep(arena.chance.uniform(0, 1.5))
    statuses = await asyncio.gather(*(arena.load.cancel(id, client=f"{id}-{hand}") for hand in ("left", "right")))
    arena.tally.faults += 2
    if any(statuses):
        acknowledged[id] = time.time()


_BEGUN = """
SELECT coalesce(e.root_id, e.id) AS root_id, extract(epoch FROM max(f.started_at))::float8 AS began
FROM node_executions f JOIN executions e ON e.id = f.execution_id GROUP BY 1
"""


async def poison(stage: Stage) -> Tally:
    """Run blocks that end the process; each is named after a few crashes, and everything else is not touched."""
    async with stage.arena("F13") as arena:
        await _save_harms(arena)
        keeping = asyncio.create_task(_keep_workers(arena, 2))
        try:
            async with arena.load.person():
                for number in range(stage.size(1, 5)):
                    poisoned = [await arena.load.start(how) for how in HARMS]
                    arena.tally.faults += len(poisoned)
                    await arena.load.start_many(18)
                    await arena.load.until_ended(60)
                    if stage.long:
                        stage.say(f"F13: round {number + 1}")
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        await arena.settle(5)
        seen = await arena.judge(ends=("completed", "failed"))
        for id, name in arena.load.started.items():
            execution = seen.executions[id]
            if name in HARMS:
                named = execution.status == "failed" and "WORKER_LOST" in (execution.error or "")
                arena.tally.require(
                    named, f"the execution that kills workers ended {execution.status}: {execution.error}"
                )
            else:
                arena.tally.require(execution.status == "completed", f"{id} is no poison, and ended {execution.error}")
        arena.tally.notes.append(f"{len(arena.crew.all) - 2} workers replaced")
        return arena.tally


async def _save_harms(arena: Arena, seconds: float = 0.0) -> None:
    catalog = arena.platform.catalog
    for how in ("exit", "kill", "block", "ignore"):
        graph = ShapeGraph(how, catalog).poisoned("testing.harm", {"how": how, "seconds": seconds})
        await arena.load.save(how, graph)


async def _keep_workers(arena: Arena, count: int) -> None:
    """Start a worker whenever there are fewer, as `weft serve` does."""
    while True:
        while len(arena.crew.alive) < count:
            await arena.crew.start(ready=False)
        await asyncio.sleep(0.1)


async def stuck_blocks(stage: Stage) -> Tally:
    """Run blocks that hold up their thread or ignore every cancel; what runs beside them goes on."""
    async with stage.arena("F11") as arena:
        await _save_harms(arena, STUCK_S)
        keeping = asyncio.create_task(_keep_workers(arena, 2))
        try:
            async with arena.load.person():
                stuck = [await arena.load.start(how) for how in ("block", "ignore")]
                arena.tally.faults += len(stuck)
                await asyncio.sleep(1)
                began = time.monotonic()
                others = await arena.load.start_many(stage.size(18, 90))
                ended = await arena.load.until_ended(STUCK_S - 5, ids=others)
                spent = time.monotonic() - began
                arena.tally.require(ended, f"others had not ended after {spent:.1f} s beside a stuck block")
                arena.tally.notes.append(f"others ended within {spent:.1f} s")
                for id in stuck:
                    if id is not None:
                        await arena.load.cancel(id)
                await arena.load.until_ended(STUCK_S + 20)
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        await arena.settle(5)
        await arena.judge(ends=("completed", "cancelled", "failed", "timeout"))
        return arena.tally


ROWS = (
    Row("F6", "duplicate queue rows, wake-ups and starts", duplicates),
    Row("F11", "blocks that hold up their thread or ignore cancels", stuck_blocks),
    Row("F12", "cancels at any moment, each twice", cancel_storm),
    Row("F13", "blocks that end the process", poison),
)
