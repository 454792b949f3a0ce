"""A process that works until it is told to stop."""

import asyncio

from weft.assembly import Platform
from weft.executions.crew import Role
from weft.worker.tell import Tell
from weft.worker.worker import Worker


async def work(
    platform: Platform, stop: asyncio.Event, tell: Tell, *, slots: int, drain_s: float, database: str
) -> None:
    """Run executions until `stop` is set; then let them end for `drain_s`, hand over the rest, and leave.

    Args:
        platform: Whose executions.
        stop: Set when it is time to leave.
        tell: Is told when it begins, when it stops claiming, and with what it left.
        slots: How many executions at once.
        drain_s: How long executions may go on once `stop` is set.
        database: How the database is named in what is told.
    """
    async with platform.engine() as parts:
        worker = Worker(parts, slots=slots, role=Role.WORKER)
        platform.wakes.listeners.append(worker.wake)
        try:
            async with worker.running():
                plural = "" if slots == 1 else "s"
                tell("started", f"works on {database} with {slots} slot{plural}", slots=slots, database=database)
                await stop.wait()
                running = worker.load
                tell("draining", _draining(running, drain_s), running=running, drain_s=drain_s)
                late = await worker.drain(drain_s)
                tell("drained", _drained(late), ended=running - late, handed_over=late)
        finally:
            platform.wakes.listeners.remove(worker.wake)


def _draining(running: int, drain_s: float) -> str:
    if not running:
        return "claims nothing more; nothing runs here"
    return f"claims nothing more; lets {executions(running)} end for up to {drain_s:g} s"


def _drained(late: int) -> str:
    return f"drained; {executions(late)} handed over" if late else "drained; nothing was left to hand over"


def executions(count: int) -> str:
    """Return a number of executions in words."""
    return "1 execution" if count == 1 else f"{count} executions"
