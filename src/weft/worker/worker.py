"""A worker: claims executions, drives them side by side, beats, sweeps, and leaves in good order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog

from weft.assembly import EngineParts
from weft.errors import DatabaseError, DatabaseUnreachable
from weft.executions.crew import Facts, Role
from weft.executions.errors import Fenced
from weft.executions.launch import execution_context
from weft.executions.loop import Drive, Ended
from weft.executions.ports import Claim
from weft.executions.recorder import recording
from weft.failpoints import failpoint
from weft.worker.beating import Beating
from weft.worker.claiming import Claiming
from weft.worker.executing import Executing
from weft.worker.held import Held
from weft.worker.loops import POLL_S, again_and_again, set_within
from weft.worker.sweeping import Sweeping
from weft.worker.watchdog import watched

_TICK_S = 0.25
_HAND_OVER_S = 5.0

_log = structlog.get_logger()


class Worker:
    """Runs up to `slots` executions at once.

    Args:
        engine: Its parts, from `Platform.engine`.
        slots: Most executions at once; what the limits say by default.
        only: Take none but these; all that are queued by default.
        role: What it is listed as.
        on_end: Called when an execution is no longer driven here, with how that ended.
    """

    def __init__(
        self,
        engine: EngineParts,
        *,
        slots: int | None = None,
        only: Sequence[UUID] | None = None,
        role: Role = Role.PROGRAM,
        on_end: Callable[[UUID, Ended], None] | None = None,
    ) -> None:
        self._engine = engine
        self.slots = engine.limits.executions if slots is None else slots
        self._facts = Facts.of_this_process(role, slots=self.slots)
        self._on_end = on_end
        self._held: dict[UUID, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._tick_soon = asyncio.Event()
        self._busy = asyncio.Event()
        self._executing: Executing | None = None
        self._claims: asyncio.Task[None] | None = None
        dispatch = engine.dispatch
        self._beating = Beating(
            dispatch, engine.clock, ttl_s=engine.ttl_s, stop_all=self._stop_all, on_birth=self._enter
        )
        self._claiming = Claiming(
            dispatch, slots=self.slots, only=only, held=self._held, ensure=self._beating.ensure, start=self._start
        )
        self._sweeping = Sweeping(dispatch, ttl_s=engine.ttl_s, found=lambda _: self.wake())

    def wake(self) -> None:
        """Look for work now; something was just queued, answered or cancelled."""
        self._claiming.wake()

    def drives(self) -> dict[UUID, Drive]:
        """Return what runs now, by execution."""
        return {id: held.drive for id, held in self._held.items() if held.drive is not None}

    @property
    def load(self) -> int:
        """How many executions this worker holds."""
        return len(self._held)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Worker"]:
        """Work for the length of the block; on leaving, hand back what still runs."""
        lease_s = self._engine.ttl_s if self._facts.role is Role.WORKER else None
        async with watched(lease_s=lease_s), recording(self._engine.store) as recorder:
            self._executing = Executing(self._engine, recorder, self._look_around)
            await self._beating.begin()
            runs = (self._claiming.run, self._beating.run, self._sweeping.run, self._tick_loop)
            loops = [asyncio.create_task(again_and_again(run), name=run.__qualname__) for run in runs]
            self._claims = claims = loops[0]
            try:
                yield self
            finally:
                self._hand_back()
                if self._tasks:
                    await asyncio.wait(self._tasks)
                await asyncio.wait([claims], timeout=_HAND_OVER_S)
                for loop in loops:
                    loop.cancel()
                await asyncio.gather(*loops, return_exceptions=True)
                self._executing.close()

    async def drain(self, within_s: float) -> int:
        """Claim nothing more, let what runs end, hand back the rest, and return how many that was.

        Args:
            within_s: How long executions may go on. An effect under way then gets a few seconds more; one that takes even
                longer is left alone, and whoever takes over decides by what is recorded of it.
        """
        assert self._claims is not None, "only a running worker can be drained"
        self._claiming.stop()
        with suppress(DatabaseError):  # only the list of workers would tell it
            await self._engine.crew.drains(self._engine.dispatch.worker)
        await asyncio.wait([self._claims, *self._tasks], timeout=within_s)
        late = len(self._held)
        self._hand_back()
        await asyncio.wait([self._claims, *self._tasks], timeout=_HAND_OVER_S)
        for task in self._tasks:
            task.cancel()
        return late

    def _hand_back(self) -> None:
        """Have everything that runs given back, in good order."""
        self._claiming.stop()
        failpoint("worker.draining")
        for held in self._held.values():
            held.hand_back()

    async def _enter(self) -> None:
        with suppress(DatabaseError):  # as above
            await self._engine.crew.enter(self._engine.dispatch.worker, self._facts)

    async def _stop_all(self) -> None:
        """End everything at once; nothing is given back, for it belongs to others by now."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _tick_loop(self) -> None:
        """See to it that the connection lives, and that what runs hears of cancels and answers."""
        while True:
            if not self._held:
                self._busy.clear()
                await set_within(self._busy, POLL_S)
            if self._held:
                await set_within(self._tick_soon, _TICK_S)
                self._tick_soon.clear()
                await self._listen()
            if not self._engine.dispatch.connected():
                await self._beating.beat()

    async def _listen(self) -> None:
        """Tell what runs that it was cancelled or answered."""
        for id in await self._engine.store.cancel_requests():
            if (held := self._held.get(id)) is not None:
                held.cancel()
        waiting = [id for id, drive in self.drives().items() if drive.waits]
        if waiting:
            for id, answers in (await self._engine.store.answers(waiting)).items():
                if (drive := self.drives().get(id)) is not None:
                    drive.answer(answers)

    def _look_around(self) -> None:
        """Executions were queued, answered or cancelled by what runs here: look for them now."""
        self._claiming.wake()
        self._tick_soon.set()

    # One execution.

    def _start(self, claim: Claim) -> None:
        held = Held(claim)
        if (stale := self._held.get(claim.execution_id)) is not None:
            stale.drop()  # it was taken from this worker, which has it again before it heard of that
        self._held[claim.execution_id] = held
        self._busy.set()
        task = asyncio.create_task(self._run(held), name=f"execution {claim.execution_id}")
        held.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, held: Held) -> None:
        assert self._executing is not None, "a worker drives only while it runs"
        claim = held.claim
        ended = Ended.LOST
        try:
            async with execution_context(claim.execution_id):
                ended = await self._executing.drive(held)
            if ended is Ended.HANDED_BACK:
                await self._engine.dispatch.back(claim.execution_id, claim.token)
            elif ended is Ended.PARKED:
                self._sweeping.soon()
            elif ended is Ended.LOST:
                # It may be lost by this worker's own clock alone, and then nobody else would take it.
                self._claiming.abandon(claim)
        except Fenced as error:
            _log.warning("execution lost", execution_id=str(claim.execution_id), error=str(error))
            self._claiming.abandon(claim)
        except DatabaseUnreachable as error:
            _log.warning("execution lost", execution_id=str(claim.execution_id), error=str(error))
            self._claiming.abandon(claim)
        except Exception as error:  # noqa: BLE001  (whatever it is, it must end this execution and no other)
            _log.exception("execution failed in the engine", execution_id=str(claim.execution_id))
            await self._executing.fail(held, error)
        finally:
            if self._held.get(claim.execution_id) is held:
                del self._held[claim.execution_id]
            self._claiming.wake()
            if self._on_end is not None:
                self._on_end(claim.execution_id, ended)
