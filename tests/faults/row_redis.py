"""F4: Redis stands still, forgets everything, or dies in mid-load; nothing changes but how soon things are noticed."""

import asyncio

from tests.events.valkey import Valkey
from tests.faults.arena import Tally
from tests.faults.stage import Row, Stage

SLOW_MS = 60
AWAY_S = 1.0


async def troubled_redis(stage: Stage) -> Tally:
    """Flush, freeze and kill Redis while executions run that signal each other through it, and start it again."""
    async with stage.arena("F4") as arena:
        await arena.load.save_shapes(wait_ms=SLOW_MS)
        redis = Valkey(arena.home)
        redis.start()
        try:
            for _ in range(2):
                await arena.crew.start(WEFT_REDIS_URL=redis.url)
            await redis.listeners(2)
            async with arena.load.person():
                for number in range(stage.size(1, 16)):
                    for trouble in (_flush, _freeze, _kill):
                        starting = asyncio.create_task(arena.load.start_many(stage.size(7, 10), pause_s=0.03))
                        await asyncio.sleep(arena.chance.uniform(0.05, 0.3))
                        await trouble(redis)
                        arena.tally.faults += 1
                        await starting
                    if stage.long:
                        stage.say(f"F4: round {number + 1}")
                await arena.settle()
            await arena.judge()
        finally:
            redis.kill()
        worse = [
            line for line in arena.load.history.lines if line.operation == "start" and line.outcome in ("fail", "info")
        ]
        arena.tally.require(not worse, f"{len(worse)} starts were not accepted: {worse[:1]}")
        return arena.tally


async def _flush(redis: Valkey) -> None:
    await redis.flush()


async def _freeze(redis: Valkey) -> None:
    redis.freeze()
    await asyncio.sleep(AWAY_S)
    redis.thaw()


async def _kill(redis: Valkey) -> None:
    redis.kill()
    await asyncio.sleep(AWAY_S)
    redis.start()


ROWS = (Row("F4", "Redis flushed, frozen, killed", troubled_redis),)
