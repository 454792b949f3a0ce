"""A scheduler: does what workers do for all and runs nothing, so that it is done even when all of them are busy or dead."""

import asyncio
from contextlib import suppress

from weft.assembly import SchedulerParts
from weft.errors import DatabaseError
from weft.executions.crew import Facts, Role
from weft.executions.dispatch import Sweep
from weft.worker.beating import Beating
from weft.worker.loops import about, again_and_again
from weft.worker.process import executions
from weft.worker.sweeping import Sweeping
from weft.worker.tell import Tell


class Scheduler:
    """Sweeps as long as it leads; of several one does, and the others stand by.

    Args:
        parts: From `open_scheduler`.
        tell: Is told when it begins or ends to lead, and when it requeued what a dead worker held.
        database: How the database is named in what is told.
    """

    def __init__(self, parts: SchedulerParts, tell: Tell, *, database: str) -> None:
        self._parts = parts
        self._database = database
        self._tell = tell
        self._leads: bool | None = None
        self._sweeping = Sweeping(parts.dispatch, ttl_s=parts.ttl_s, found=self._found)
        self._beating = Beating(
            parts.dispatch, parts.clock, ttl_s=parts.ttl_s, stop_all=self._nothing_runs, on_birth=self._enter
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        await self._beating.begin()
        self._tell("started", f"works on {self._database}", database=self._database)
        loops = [asyncio.create_task(again_and_again(run)) for run in (self._beating.run, self._lead_or_stand_by)]
        try:
            await stop.wait()
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
        self._tell("stopped", "stopped")

    async def _lead_or_stand_by(self) -> None:
        while True:
            leads = await self._parts.leadership.held()
            if leads is not self._leads:
                self._leads = leads
                words = "leads: looks after dead workers and timers" if leads else "stands by: another one leads"
                self._tell("leads" if leads else "stands_by", words)
            if leads:
                await self._sweeping.turn()
            else:
                await asyncio.sleep(about(self._sweeping.pause_s))

    def _found(self, swept: Sweep) -> None:
        self._parts.wake()
        if swept.requeued:
            count = executions(swept.requeued)
            self._tell("requeued", f"{count} of a dead worker put back into the queue", executions=swept.requeued)

    async def _nothing_runs(self) -> None:
        """Do nothing: a scheduler holds no executions."""

    async def _enter(self) -> None:
        with suppress(DatabaseError):  # only the list of workers would tell it
            await self._parts.crew.enter(self._parts.dispatch.worker, Facts.of_this_process(Role.SCHEDULER, slots=0))
