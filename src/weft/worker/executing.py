"""Driving what a worker holds: from the stored version and the journal to the end, a wait, or a hand-over."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import structlog

from weft.assembly import EngineParts
from weft.errors import WeftError
from weft.executions.care import WORKER_LOST
from weft.executions.checkpoint import restore
from weft.executions.children import Children
from weft.executions.errors import FiringFailed
from weft.executions.firing import Means
from weft.executions.journal import Journal
from weft.executions.loop import Drive, Ended
from weft.executions.planner import Planner
from weft.executions.planning.model import SEMANTICS
from weft.executions.program import Program, compile_program
from weft.executions.recent import Recent
from weft.executions.recorder import Recorder
from weft.executions.replay import begin, replay
from weft.executions.state import State
from weft.failpoints import failpoint
from weft.worker.held import Held
from weft.worker.loops import POLL_S

_MOST_CLAIMS = 12

_log = structlog.get_logger()


class Executing:
    """Drives executions side by side on the parts of one worker.

    Args:
        engine: The parts.
        recorder: Makes durable what happens; runs as long as this is used.
        look_around: Called when what runs here queued, answered or cancelled something.
    """

    def __init__(self, engine: EngineParts, recorder: Recorder, look_around: Callable[[], None]) -> None:
        self._engine = engine
        self._recorder = recorder
        self._look_around = look_around
        self._means = Means(
            engine.store,
            recorder,
            engine.clock,
            engine.lend,
            engine.limits,
            Children(engine.store, engine.catalog, engine.limits),
            engine.hosts,
            engine.masker,
        )
        self._programs: Recent[Program] = Recent()

    def close(self) -> None:
        """Watch over no attempt any more; nothing may be driven from here on."""
        self._means.deadlines.close()

    async def drive(self, held: Held) -> Ended:
        """Drive one execution as far as this worker can, and return how that ended.

        Raises:
            Fenced: It belongs to somebody else by now.
            FiringFailed: It has ended too many workers before it began.
            DatabaseUnreachable: The database was lost for long; what was not durable is forgotten.
        """
        claim, engine = held.claim, self._engine
        if claim.semantics != SEMANTICS:
            # Begun by other rules than this program's: a worker that knows them goes on. The pause keeps this one from
            # taking it again at once.
            _log.warning("execution follows other rules", execution_id=str(claim.execution_id), rules=claim.semantics)
            await asyncio.sleep(POLL_S)
            return Ended.HANDED_BACK
        if claim.claims_without_progress > _MOST_CLAIMS:
            # With care, the start of a firing is on record after three claims: this one ends workers before it comes so far.
            raise FiringFailed("each process that took it was lost before it could begin", code=WORKER_LOST)
        program = await self._program(claim.version_id)
        journal = Journal(claim, held.wake, announce=self._look_around)
        state = State(claim, program, Planner(program.plan), journal, kept_bytes=engine.limits.kept_bytes)
        await self._recall(state)
        drive = Drive(state, self._means, held.wake)
        held.begin(drive)
        return await drive.run()

    async def fail(self, held: Held, error: Exception) -> None:
        """End an execution that the engine cannot drive; what is durable stays as it is, for a person to look at."""
        code = error.error_code if isinstance(error, WeftError) else "ENGINE_ERROR"
        message = error.message if isinstance(error, WeftError) else f"the engine failed with {type(error).__name__}"
        taken = held.claim.seq
        if held.drive is not None:  # what was refused is not on record, and its numbers are free again
            known = held.drive.state.journal
            taken = known.durable_seq if known.lost else known.taken_seq
        journal = Journal(replace(held.claim, seq=taken), announce=self._look_around)
        journal.event("engine_failed", data={"code": code})
        done = journal.finish("failed", error={"code": code, "message": message}, orphans=True)
        self._recorder.touch(journal)
        with suppress(WeftError):
            await done

    async def _recall(self, state: State) -> None:
        """Bring a fresh state to where the execution stands."""
        if state.claim.start is not None:
            failpoint("recall.loaded")
            begin(state, state.claim.start)
            return
        load = self._engine.store.load
        start, history = await load(state.claim)
        failpoint("recall.loaded")
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
            self._programs.put(version_id, program, nodes=len(content.nodes))
        return program
