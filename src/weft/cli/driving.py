"""Driving one execution to its end, or to where only a person can go on, while showing how far it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from weft.assembly import EngineParts, Platform
from weft.cli.interrupts import Interrupts
from weft.cli.progress import View, final_progress, given_inputs, progress_of
from weft.cli.session import patiently
from weft.db.transaction import Transaction
from weft.executions.errors import AlreadyEnded
from weft.executions.types import Execution, ExecutionStatus
from weft.graphs.types import GraphContent
from weft.users.types import LOCAL_OWNER
from weft.worker.worker import Worker

_REFRESH_S = 0.1
_LOOK_S = 2.0
_TIME = "time"


@dataclass(slots=True)
class Driver:
    """A worker in this process that takes only what `take` names."""

    platform: Platform
    parts: EngineParts
    worker: Worker
    taken: list[UUID] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, execution_id: UUID) -> None:
        """Run this execution too, as soon as it is queued and nobody else has it."""
        self.taken.append(execution_id)
        self.worker.wake()

    async def sweep(self) -> None:
        """Requeue what workers held that are gone; `resume` must know that this was done once."""
        await self.parts.dispatch.sweep()

    async def read(self, execution_id: UUID) -> Execution:
        """Return the execution as recorded, also while the database restarts."""

        async def get(tx: Transaction) -> Execution:
            return await self.platform.executions.get(tx, LOCAL_OWNER, execution_id)

        return await patiently(self.platform, get)

    async def cancel(self, execution_id: UUID) -> None:
        """Cancel the execution, if it has not ended."""

        async def cancel(tx: Transaction) -> None:
            try:
                await self.platform.executions.cancel(tx, LOCAL_OWNER, execution_id)
            except AlreadyEnded:
                return

        await patiently(self.platform, cancel)
        self.worker.wake()


@asynccontextmanager
async def driving(platform: Platform, *, slots: int = 1) -> AsyncIterator[Driver]:
    """Lend a driver; what it still runs when the block ends is handed back."""
    taken: list[UUID] = []
    changed = asyncio.Event()
    async with platform.engine() as parts:
        worker = Worker(parts, slots=slots, only=taken, on_end=lambda *_: changed.set())
        platform.wakes.listeners.append(worker.wake)
        try:
            async with worker.running():
                yield Driver(platform, parts, worker, taken, changed)
        finally:
            platform.wakes.listeners.remove(worker.wake)


async def drive_to_end(
    driver: Driver,
    execution_id: UUID,
    content: GraphContent,
    *,
    view: View,
    interrupts: Interrupts,
    wait: bool,
) -> Execution:
    """Return the execution once it has ended, or waits for what this program cannot bring about.

    Args:
        driver: Whose worker runs it; it must have been told to take it.
        execution_id: Which one.
        content: What it runs, for the display.
        view: Shows how far it is.
        interrupts: When asked, the execution is cancelled, and driven to the durable end of that.
        wait: Go on waiting for people too.

    Raises:
        DatabaseUnreachable: The database was lost and did not come back.
    """
    cancelled = told = False
    while True:
        driver.changed.clear()
        if interrupts.asked.is_set() and not cancelled:
            cancelled = True
            if not told:
                view.say("cancelling; Ctrl-C again leaves at once")
                told = True
            await driver.cancel(execution_id)
        execution = await driver.read(execution_id)
        given = given_inputs(execution, content, driver.platform.catalog)
        if is_settled(execution, wait=wait):
            view.end(execution, final_progress(execution, content, given))
            return execution
        if execution.status is ExecutionStatus.WAITING:
            view.show(final_progress(execution, content, given))
            cancelled = False  # it came to wait before its worker saw the request: ask once more
        await _watch(driver, execution_id, view, None if cancelled else interrupts)


async def _watch(driver: Driver, execution_id: UUID, view: View, interrupts: Interrupts | None) -> None:
    """Show progress until the execution leaves the worker, somebody asks to cancel, or it is time to look again."""
    clock = asyncio.get_running_loop().time
    look_again = clock() + _LOOK_S
    while not driver.changed.is_set():
        drive = driver.worker.drives().get(execution_id)
        if drive is not None:
            view.show(progress_of(drive))
        elif clock() > look_again:
            return
        waiters = [asyncio.ensure_future(driver.changed.wait())]
        if interrupts is not None:
            waiters.append(asyncio.ensure_future(interrupts.asked.wait()))
        await asyncio.wait(waiters, timeout=_REFRESH_S, return_when=asyncio.FIRST_COMPLETED)
        for waiter in waiters:
            waiter.cancel()
        if interrupts is not None and interrupts.asked.is_set():
            return


def is_settled(execution: Execution, *, wait: bool) -> bool:
    """Return whether there is nothing left that this program could wait for."""
    if execution.status.is_terminal():
        return True
    if execution.status is not ExecutionStatus.WAITING or wait:
        return False
    return bool(execution.waiting) and all(one.kind != _TIME for one in execution.waiting)
