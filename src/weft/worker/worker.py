"""A worker: claims executions, drives them side by side, beats, sweeps, and leaves in good order."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from weft.assembly import EngineParts
from weft.errors import DatabaseError, DatabaseUnreachable, WeftError
from weft.executions.checkpoint import restore
from weft.executions.children import Children
from weft.executions.errors import Fenced
from weft.executions.firing import Means
from weft.executions.journal import Journal
from weft.executions.launch import execution_context
from weft.executions.loop import Drive, Ended
from weft.executions.planner import Planner
from weft.executions.planning.model import SEMANTICS
from weft.executions.ports import Claim
from weft.executions.program import Program, compile_program
from weft.executions.recorder import Recorder, recording
from weft.executions.replay import begin, replay
from weft.executions.state import State

_CLAIM_BATCH = 20
_POLL_S = 1.0
_TICK_S = 0.25
_PROGRAMS = 256

_log = structlog.get_logger()


@dataclass(slots=True)
class _Running:
    claim: Claim
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    drive: Drive | None = None
    cancelled: bool = False


class Worker:
    """Runs up to `slots` executions at once.

    Args:
        engine: Its parts, from `Platform.engine`.
        slots: Most executions at once; what the limits say by default.
        only: Take none but these; all that are queued by default.
        on_end: Called when an execution is no longer driven here, with how that ended.
    """

    def __init__(
        self,
        engine: EngineParts,
        *,
        slots: int | None = None,
        only: Sequence[UUID] | None = None,
        on_end: Callable[[UUID, Ended], None] | None = None,
    ) -> None:
        self._engine = engine
        self._slots = engine.limits.executions if slots is None else slots
        self._only = only
        self._on_end = on_end
        self._running: dict[UUID, _Running] = {}
        self._abandoned: list[Claim] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._programs: dict[UUID, Program] = {}
        self._children = Children(engine.store, engine.catalog, engine.limits)
        self._tick_soon = asyncio.Event()
        self._wake = asyncio.Event()
        self._sweep_soon = asyncio.Event()
        self._stopping = False
        self._recorder: Recorder | None = None

    def wake(self) -> None:
        """Look for work now; something was just queued, answered or cancelled."""
        self._wake.set()

    def drives(self) -> dict[UUID, Drive]:
        """Return what runs now, by execution."""
        return {id: running.drive for id, running in self._running.items() if running.drive is not None}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Worker"]:
        """Work for the length of the block; on leaving, hand back what still runs."""
        async with recording(self._engine.store) as recorder:
            self._recorder = recorder
            await self._beat()
            loops = [
                asyncio.create_task(_again_and_again(loop), name=loop.__name__)
                for loop in (self._claim_loop, self._beat_loop, self._sweep_loop, self._tick_loop)
            ]
            try:
                yield self
            finally:
                await self._drain()
                for loop in loops:
                    loop.cancel()
                await asyncio.gather(*loops, return_exceptions=True)

    async def _drain(self) -> None:
        """Hand back everything that runs, in good order."""
        self._stopping = True
        for running in self._running.values():
            if running.drive is not None:
                running.drive.hand_back()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # The four loops.

    async def _claim_loop(self) -> None:
        while not self._stopping:
            self._wake.clear()
            await self._give_back_abandoned()
            free = min(self._slots - len(self._running), _CLAIM_BATCH)
            held = list(self._running)
            claims = await self._engine.dispatch.take(free, only=self._only, held=held) if free > 0 else []
            for claim in claims:
                self._start(claim)
            if not claims or len(claims) < free:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_S * random.uniform(0.7, 1.3)):
                        await self._wake.wait()

    async def _give_back_abandoned(self) -> None:
        """Requeue what a long loss of the database ended here: this worker lives, so no sweep would ever take it."""
        while self._abandoned:
            claim = self._abandoned[-1]
            await self._engine.dispatch.back(claim.execution_id, claim.token)
            self._abandoned.pop()

    async def _beat_loop(self) -> None:
        while True:
            await asyncio.sleep(self._engine.ttl_s / 3)
            await self._beat()

    async def _beat(self) -> None:
        sent = self._engine.clock.now()
        if await self._engine.dispatch.working():
            self._engine.clock.renewed(sent)
            return
        # Somebody thought this worker dead and took its executions: stop them all, and start anew under another number.
        self._engine.clock.expire()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._engine.dispatch.reborn()
        self._engine.clock.renewed(self._engine.clock.now())

    async def _sweep_loop(self) -> None:
        while True:
            swept = await self._engine.dispatch.sweep()
            if swept.requeued or swept.woken:
                self._wake.set()
            pause = self._engine.ttl_s / 4
            if swept.next_timer_s is not None:
                pause = min(pause, max(swept.next_timer_s, 0.005))
            self._sweep_soon.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._sweep_soon.wait()

    async def _tick_loop(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._tick_soon.wait()
            self._tick_soon.clear()
            if not self._engine.dispatch.connected():
                await self._beat()
            if not self._running:
                continue
            for id in await self._engine.store.cancel_requests():
                self._cancel(id)
            waiting = [id for id, running in self._running.items() if running.drive is not None and running.drive.waits]
            if waiting:
                for id, answers in (await self._engine.store.answers(waiting)).items():
                    if (running := self._running.get(id)) is not None and running.drive is not None:
                        running.drive.answer(answers)

    def _look_around(self) -> None:
        """Executions were queued, answered or cancelled by what runs here: look for them now."""
        self._wake.set()
        self._tick_soon.set()

    def _cancel(self, execution_id: UUID) -> None:
        running = self._running.get(execution_id)
        if running is not None:
            running.cancelled = True
            if running.drive is not None:
                running.drive.cancel()

    # One execution.

    def _start(self, claim: Claim) -> None:
        running = _Running(claim, cancelled=claim.cancel_requested)
        self._running[claim.execution_id] = running
        task = asyncio.create_task(self._run(running), name=f"execution {claim.execution_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, running: _Running) -> None:
        claim = running.claim
        ended = Ended.LOST
        try:
            async with execution_context(claim.execution_id):
                ended = await self._drive(running)
            if ended is Ended.HANDED_BACK:
                await self._engine.dispatch.back(claim.execution_id, claim.token)
            elif ended is Ended.PARKED:
                self._sweep_soon.set()
        except Fenced as error:
            _log.warning("execution lost", execution_id=str(claim.execution_id), error=str(error))
        except DatabaseUnreachable as error:
            _log.warning("execution lost", execution_id=str(claim.execution_id), error=str(error))
            self._abandoned.append(claim)
        except Exception as error:  # noqa: BLE001  (whatever it is, it must end this execution and no other)
            _log.exception("execution failed in the engine", execution_id=str(claim.execution_id))
            await self._fail(running, error)
        finally:
            del self._running[claim.execution_id]
            self._wake.set()
            if self._on_end is not None:
                self._on_end(claim.execution_id, ended)

    async def _drive(self, running: _Running) -> Ended:
        assert self._recorder is not None, "a worker drives only while it runs"
        claim, engine = running.claim, self._engine
        if claim.semantics != SEMANTICS:
            # Begun by other rules than this program's: a worker that knows them goes on. The pause keeps this one from
            # taking it again at once.
            _log.warning("execution follows other rules", execution_id=str(claim.execution_id), rules=claim.semantics)
            await asyncio.sleep(_POLL_S)
            return Ended.HANDED_BACK
        program = await self._program(claim.version_id)
        journal = Journal(claim, running.wake, announce=self._look_around)
        state = State(claim, program, Planner(program.plan), journal, kept_bytes=engine.limits.kept_bytes)
        await self._recall(state)
        means = Means(engine.store, self._recorder, engine.clock, engine.lend, engine.limits, self._children)
        drive = Drive(state, means, running.wake)
        running.drive = drive
        if running.cancelled:
            drive.cancel()
        if self._stopping:
            drive.hand_back()
        return await drive.run()

    async def _recall(self, state: State) -> None:
        """Bring a fresh state to where the execution stands."""
        load = self._engine.store.load
        start, history = await load(state.claim)
        if not state.claim.seq:
            begin(state, start)
            return
        if history.snapshot is not None and not restore(state, history.snapshot):
            start, history = await load(state.claim, from_snapshot=False)
        replay(state, start, history)

    async def _program(self, version_id: UUID) -> Program:
        program = self._programs.get(version_id)
        if program is None:
            content = await self._engine.store.version(version_id)
            program = compile_program(content, self._engine.catalog, self._engine.limits)
            if len(self._programs) >= _PROGRAMS:
                self._programs.pop(next(iter(self._programs)))
            self._programs[version_id] = program
        return program

    async def _fail(self, running: _Running, error: Exception) -> None:
        """End an execution that the engine cannot drive; what is durable stays as it is, for a person to look at."""
        assert self._recorder is not None, "a worker drives only while it runs"
        code = error.error_code if isinstance(error, WeftError) else "ENGINE_ERROR"
        message = error.message if isinstance(error, WeftError) else f"the engine failed with {type(error).__name__}"
        taken = running.claim.seq if running.drive is None else running.drive.state.journal.taken_seq
        journal = Journal(replace(running.claim, seq=taken), announce=self._look_around)
        journal.event("engine_failed", data={"code": code})
        done = journal.finish("failed", error={"code": code, "message": message}, orphans=True)
        self._recorder.touch(journal)
        with suppress(WeftError):
            await done


async def _again_and_again(loop: Callable[[], Awaitable[None]]) -> None:
    """Run one of the worker's loops; a database that cannot be reached does not end it."""
    while True:
        try:
            await loop()
        except DatabaseError as error:
            _log.warning("the database does not answer, trying again", error=str(error))
            await asyncio.sleep(_POLL_S * random.uniform(0.7, 1.3))
        else:
            return
