"""F15: users ask for more than the queue holds; the rest is refused in words, and nobody waits for somebody else's flood."""

import asyncio
from collections import Counter
from contextlib import suppress
from uuid import UUID

from tests.faults.arena import Arena, Tally
from tests.faults.shapes import shape
from tests.faults.stage import Row, Stage
from weft.db.connector import Connector
from weft.errors import LimitExceeded
from weft.executions.limits import Limits

ROOM = 40
FLOOD = 10
"""How many times as much as there is room for is asked for."""
UNFAIR = 2.0
OTHERS_START_S = 2.0
USERS = {"first": UUID(int=1), "second": UUID(int=2), "third": UUID(int=3)}


async def overload(stage: Stage) -> Tally:
    """Have two users flood the queue, and a third one start a single execution behind them."""
    room = stage.size(ROOM, 5 * ROOM)
    async with stage.arena("F15", limits=Limits(queued_per_user=room)) as arena:
        for name, user in USERS.items():
            await _add_user(arena, name, user)
        for name in ("first", "second"):
            refused = await _flood(arena, name, FLOOD * room)
            arena.tally.faults += refused
            arena.tally.require(refused == (FLOOD - 1) * room, f"{refused} of {FLOOD * room} starts were refused")
        await arena.crew.start(slots=5)
        id = await arena.load.start("third", user=USERS["third"])
        await arena.settle()
        seen = await arena.judge()
        (begun,) = (step.at for step in seen.steps if step.execution == id and step.status == "running")
        (asked,) = (step.at for step in seen.steps if step.execution == id and step.was is None)
        arena.tally.require(
            begun - asked < OTHERS_START_S, f"another user's execution began after {begun - asked:.1f} s"
        )
        arena.tally.notes.append(f"another user's execution began after {begun - asked:.2f} s")
        _judge_shares(arena, [step.execution for step in seen.steps if step.status == "completed"])
        return arena.tally


async def _flood(arena: Arena, name: str, count: int) -> int:
    """Ask for so many starts; return how many were refused."""
    refused = 0
    for _ in range(count):
        with suppress(LimitExceeded):
            await arena.load.start(name, client=name, user=USERS[name])
            continue
        refused += 1
        last = str(arena.load.history.lines[-1].value)
        arena.tally.require(last.startswith("QUEUE_FULL"), f"refused with {last}")
        await asyncio.sleep(0)
    return refused


def _judge_shares(arena: Arena, ended: list[str]) -> None:
    """Compare how much of the first half of all that ended belongs to each of the two who flood."""
    half = Counter(arena.load.started[id] for id in ended[: len(ended) // 2] if id in arena.load.started)
    shares = [half["first"], half["second"]]
    ratio = max(shares) / max(min(shares), 1)
    arena.tally.require(ratio <= UNFAIR, f"when half had ended, the two users had {shares}")
    arena.tally.notes.append(f"finish ratio {ratio:.2f}")


async def _add_user(arena: Arena, name: str, user: UUID) -> None:
    login = await Connector.to(arena.crew.url, role="weft_owner").connect()
    async with login.transaction():
        await login.execute("SELECT set_config('app.user_id', $1, true)", str(user))
        await login.execute("INSERT INTO users (id, email) VALUES ($1, $2)", user, f"{name}@localhost")
    await login.close()
    await arena.load.save(name, shape("chain", arena.platform.catalog), user=user)


ROWS = (Row("F15", "users ask for ten times what the queue holds", overload),)
