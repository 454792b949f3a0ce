"""Driving one execution to its end, or to where only a person can go on, while showing how far it is."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from weft.assembly import EngineParts, Platform
from weft.db.transaction import Transaction
from weft.executions.errors import AlreadyEnded
from weft.executions.types import Execution, ExecutionStatus
from weft.graphs.types import GraphContent
from weft.local.loops import any_of
from weft.local.progress import View, final_progress, given_inputs, progress_of
from weft.local.transactions import patiently
from weft.users.types import LOCAL_OWNER
from weft.worker.worker import Worker

_REFRESH_S = 0.1
_LOOK_S = 2.0


@dataclass(slots=True)
class Departures:
    """Tells those who wait for an execution that it left the worker: it ended, waits, or was lost."""

    _watchers: list[tuple[UUID | None, asyncio.Event]] = field(default_factory=list)

    @contextmanager
    def watched(self, execution_id: UUID | None = None) -> Iterator[asyncio.Event]:
        """Lend an event that is set each time this execution leaves; each time any one does if none is named."""
        watcher = execution_id, asyncio.Event()
        self._watchers.append(watcher)
        try:
            yield watcher[1]
        finally:
            self._watchers.remove(watcher)

    def tell(self, execution_id: UUID) -> None:
        """Set the events of those who wait for this execution."""
        is_named = any(named == execution_id for named, _ in self._watchers)
        for named, event in self._watchers:
            # What nobody named was called by an execution that somebody did name; by which one is not known here.
            if named in (None, execution_id) or not is_named:
                event.set()


@dataclass(slots=True)
class Driver:
    """A worker in this process that takes only what `take` names."""

    platform: Platform
    parts: EngineParts
    worker: Worker
    taken: list[UUID]
    departures: Departures

    def take(self, execution_id: UUID) -> None:
        """Run this execution too, as soon as it is queued and nobody else has it."""
        self.taken.append(execution_id)
        self.worker.wake()

    def leave(self, execution_id: UUID) -> None:
        """Take this execution no more; one that runs goes on."""
        self.taken.remove(execution_id)

    async def sweep(self) -> None:
        """Requeue what workers held that are gone; `resume` must know that this was done once."""
        await self.parts.dispatch.sweep()

    async def read(self, execution_id: UUID) -> Execution:
        """Return the execution as recorded, also while the database restarts."""

        async def get(tx: Transaction) -> Execution:
            return await self.platform.executions.get(tx, LOCAL_OWNER, execution_id)

        return await patiently(self.platform, get)

    async def is_settled(self, execution_id: UUID, *, wait: bool) -> bool:
        """Return whether there is nothing left that this program could wait for; with `wait`, people are waited for."""

        async def ask(tx: Transaction) -> bool:
            return await self.platform.executions.is_settled(tx, LOCAL_OWNER, execution_id, wait=wait)

        return await patiently(self.platform, ask)

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
async def driving(platform: Platform, *, slots: int | None = None) -> AsyncIterator[Driver]:
    """Lend a driver; what it still runs when the block ends is handed back.

    Without `slots` it runs as many at once as the limits allow: also who runs one execution runs what that calls.
    """
    taken: list[UUID] = []
    departures = Departures()
    async with platform.engine() as parts:
        worker = Worker(parts, slots=slots, only=taken, on_end=lambda ended, _: departures.tell(ended))
        platform.wakes.listeners.append(worker.wake)
        try:
            async with worker.running():
                yield Driver(platform, parts, worker, taken, departures)
        finally:
            platform.wakes.listeners.remove(worker.wake)


async def drive_to_end(
    driver: Driver,
    execution_id: UUID,
    content: GraphContent,
    *,
    asked: asyncio.Event,
    wait: bool,
    view: View | None = None,
) -> Execution:
    """Return the execution once it has ended, or waits for what this program cannot bring about.

    Args:
        driver: Whose worker runs it; it must have been told to take it.
        execution_id: Which one.
        content: What it runs, for the display.
        asked: Once set, the execution is cancelled, and driven to the durable end of that.
        wait: Go on waiting for people too.
        view: Shows how far it is.

    Raises:
        DatabaseUnreachable: The database was lost and did not come back.
    """
    cancelled = told = False
    with driver.departures.watched(execution_id) as left:
        while True:
            left.clear()
            if asked.is_set() and not cancelled:
                cancelled = True
                if view is not None and not told:
                    view.say("cancelling; Ctrl-C again leaves at once")
                    told = True
                await driver.cancel(execution_id)
            settled = await driver.is_settled(
                execution_id, wait=wait
            )  # asked first: what is read next is then at least as far
            execution = await driver.read(execution_id)
            given = given_inputs(execution, content, driver.platform.catalog)
            if settled:
                if view is not None:
                    view.end(execution, final_progress(execution, content, given))
                return execution
            if execution.status is ExecutionStatus.WAITING:
                if view is not None:
                    view.show(final_progress(execution, content, given))
                cancelled = False  # it came to wait before its worker saw the request: ask once more
            await _watch(driver, execution_id, view, left, None if cancelled else asked)


async def _watch(
    driver: Driver, execution_id: UUID, view: View | None, left: asyncio.Event, asked: asyncio.Event | None
) -> None:
    """Show progress until the execution leaves the worker, somebody asks to cancel, or it is time to look again."""
    clock = asyncio.get_running_loop().time
    look_again = clock() + _LOOK_S
    while not left.is_set():
        drive = driver.worker.drives().get(execution_id)
        if drive is None and clock() > look_again:
            return
        if drive is not None and view is not None:
            view.show(progress_of(drive))
        pause = _LOOK_S if view is None else _REFRESH_S
        await any_of([left] if asked is None else [left, asked], timeout_s=pause)
        if asked is not None and asked.is_set():
            return
