"""Going on with executions whose process is gone, until none of them can go on here any more."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from weft.assembly import Platform
from weft.db.transaction import Transaction
from weft.executions.service import Page
from weft.executions.types import Execution, ExecutionStatus
from weft.local.driving import Driver
from weft.local.loops import any_of
from weft.local.transactions import patiently
from weft.users.types import LOCAL_OWNER

_OPEN = (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.WAITING)
_PAGE = 100
_LOOK_S = 0.5
_LEASES = 1.5
"""After so many lease times every worker that is gone is known to be: its lease has passed."""

Told = Callable[[Execution], None]


async def open_executions(platform: Platform) -> list[UUID]:
    """Return the ids of the owner's executions that have not ended, oldest first; who runs one runs what it called."""
    found: list[UUID] = []
    after: str | None = None
    while True:
        cursor = after

        async def read(tx: Transaction, cursor: str | None = cursor) -> Page:
            return await platform.executions.history(
                tx, LOCAL_OWNER, after=cursor, limit=_PAGE, statuses=_OPEN, orphans=True
            )

        page = await patiently(platform, read)
        found += [execution.id for execution in page.items]
        after = page.next
        if after is None:
            return found[::-1]


async def settle(
    driver: Driver,
    ids: Sequence[UUID],
    *,
    told: Told = lambda _: None,
    asked: asyncio.Event | None = None,
    cancelling: bool = False,
) -> list[Execution]:
    """Run the executions until each has ended, waits for a person, or turns out to be run by another process.

    A process that lives keeps what it runs; whether it lives is certain after its lease at the latest.

    Args:
        driver: Runs them.
        ids: Which ones, oldest first.
        told: Called with each execution once, when nothing more is to be expected of it.
        asked: Once set, everything is left as it is; it can be resumed again.
        cancelling: Cancel those that come to wait, instead of waiting for them.

    Returns:
        The executions as they stand at the end, in the order of `ids`.
    """
    clock = asyncio.get_running_loop().time
    sure_at = clock() + driver.platform.ttl_s * _LEASES
    settled: dict[UUID, Execution] = {}
    await driver.sweep()
    for id in ids:
        driver.take(id)
    with driver.departures.watched() as left:
        while len(settled) < len(ids) and not (asked is not None and asked.is_set()):
            left.clear()
            mine = driver.worker.drives()
            for id in [id for id in ids if id not in settled and id not in mine]:
                ended = await driver.is_settled(
                    id, wait=False
                )  # asked first: what is read next is then at least as far
                execution = await driver.read(id)
                if cancelling and execution.status is ExecutionStatus.WAITING:
                    await driver.cancel(id)
                    continue
                elsewhere = execution.status is ExecutionStatus.RUNNING and clock() > sure_at
                if ended or (elsewhere and id not in driver.worker.drives()):
                    settled[id] = execution
                    told(execution)
            if len(settled) < len(ids):
                await any_of([left] if asked is None else [left, asked], timeout_s=_LOOK_S)
    return [settled[id] if id in settled else await driver.read(id) for id in ids]
