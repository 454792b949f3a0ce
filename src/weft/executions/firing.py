"""One firing that needs a task of its own: intents, attempts, streams, waits, effects.

The order is the promise: an intent is durable before its effect begins; for `at_most_once` the lease is looked at
once more, immediately before; an emission is on record before it is delivered; and nothing of an attempt that a crash
cut off is mixed with the next one.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from weft.executions.care import worker_lost
from weft.executions.children import CHILD, Called, Children
from weft.executions.conversion import read_data, read_input
from weft.executions.endings import (
    Failure,
    ask_about,
    check_emission,
    check_room,
    crashed,
    describe,
    fail,
    not_deterministic,
    open_firing,
)
from weft.executions.errors import Fenced, FiringFailed
from weft.executions.interruption import ATTEMPT, Attempt, Deadlines, Left
from weft.executions.isolation.host import Host, HostDied
from weft.executions.isolation.hosts import Hosts
from weft.executions.isolation.job import job_of
from weft.executions.leases import Lease
from weft.executions.limits import Limits
from weft.executions.metering import cost_micro
from weft.executions.planner import Firing
from weft.executions.ports import EngineStore
from weft.executions.program import NodeProgram, bind
from weft.executions.recorder import Recorder
from weft.executions.records import CloseReason, Outcome
from weft.executions.state import Intention, OpenState, State, WaitState, idempotency_key
from weft.executions.values import mark
from weft.logs import Masker
from weft.sdk import Call, Context, Effect, Stop, Wait

_LONGEST_BACKOFF_S = 60.0


@dataclass(frozen=True, slots=True)
class Lending:
    """What a firing's context is made from."""

    state: State
    program: NodeProgram
    firing: Firing
    attempt: int
    key: str
    sure: Callable[[], bool]
    usage: dict[str, float]


Lend = Callable[[Lending], Context]
Room = Callable[[Attempt], Awaitable[None]]
Bring = Callable[[Firing], Awaitable[None]]
LeftAlone = Callable[["asyncio.Task[Any]", OpenState, float | None], None]
"""Told of a task that nobody waits for any more, its firing, and the pause before another attempt."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker has for all its executions."""

    store: EngineStore
    recorder: Recorder
    lease: Lease
    lend: Lend
    limits: Limits
    children: Children
    hosts: Hosts = field(default_factory=Hosts)
    masker: Masker = field(default_factory=Masker)
    deadlines: Deadlines = field(default_factory=Deadlines)


class FiringTask:
    """Runs firings, each from its intent to its outcome.

    Attributes:
        stopping: Nothing more is begun.
        over: Nothing more is recorded.
        resting: Tasks in which no block runs: they pause before another attempt, or wait for a host.
    """

    def __init__(self, state: State, means: Means, *, room: Room, bring: Bring, left: LeftAlone) -> None:
        self._state = state
        self._recorder = means.recorder
        self._lease = means.lease
        self._lend = means.lend
        self._limits = means.limits
        self._children = means.children
        self._hosts = means.hosts
        self._masker = means.masker
        self._deadlines = means.deadlines
        self._room = room
        self._bring = bring
        self._left = left
        self.stopping = False
        self.over = False
        self.resting: set[asyncio.Task[Any]] = set()

    async def run(self, firing: Firing) -> None:
        """Run the firing; whatever happens is on record when this returns, unless it came to be left alone.

        Raises:
            Fenced: Another worker owns the execution; nothing was recorded any more.
            asyncio.CancelledError: The execution is closing, or is handed over; the outcome is on record if it must be.
        """
        open_ = open_firing(self._state, firing, self._state.program.node(firing.node))
        pause = await self._attempt(open_)
        if pause is not None:
            await self.run_again(open_, pause)

    async def run_again(self, open_: OpenState, pause: float) -> None:
        """Run a firing whose attempt failed, after a pause in seconds, until it succeeds or its attempts are used up."""
        left: float | None = pause
        while left is not None:
            with self._resting():
                await asyncio.sleep(left)
            left = await self._attempt(open_)

    async def _attempt(self, open_: OpenState) -> float | None:
        """Run one attempt; return the pause before the next one, or None when the firing has ended.

        An outcome is not flushed from here: the loop first starts what it made ready, so that the outcome and the next
        intent become durable together.
        """
        if self.stopping:
            return None
        place = open_.firing.node, open_.firing.index
        open_.record.attempt = attempt = self._state.attempts.get(place, 0) + 1
        if self._state.large.digests:
            await self._bring(open_.firing)
        answered = self._state.answers.get(place)
        if answered is not None:
            open_.answer = answered[1]
            if answered[0].kind == CHILD:
                open_.answer = await self._children.answer(self._state, answered[1])
        under_way = Attempt(open_.program.block.id)
        try:
            if self._is_hosted(open_.program):
                await self._perform_hosted(open_, under_way)
            else:
                await self._perform(open_, under_way, None)
        except (Fenced, GeneratorExit):
            raise
        except Left:
            return None
        except BaseException as error:  # noqa: BLE001  (a block may raise anything; the graph says what happens then)
            return await self._raised(open_, under_way, error)
        return self._outcome(open_, attempt, None)

    def _is_hosted(self, program: NodeProgram) -> bool:
        """Return whether a block host runs the node's firings: they would, or may, hold up or end this process."""
        care = self._state.care
        wanted = program.blocking or program.block.id in self._hosts.caught
        return (wanted or care.taken or program.position in care.lost_nodes) and self._hosts.can_run(program.block)

    async def _perform_hosted(self, open_: OpenState, under_way: Attempt) -> None:
        ATTEMPT.set(None)  # no code of a block runs here: a start of a host that takes long is not interrupted for one
        with self._resting() as rested:
            async with self._hosts.lent() as host:
                rested()
                if self.stopping:
                    raise Left
                await self._perform(open_, under_way, host)

    async def _raised(self, open_: OpenState, under_way: Attempt, error: BaseException) -> float | None:
        """Record what came of an attempt that raised; return the pause before the next one."""
        state, attempt = self._state, open_.record.attempt
        task = asyncio.current_task()
        assert task is not None, "a firing runs in a task"
        if isinstance(error, asyncio.CancelledError) and task.cancelling():
            raise error
        if under_way.left:
            return None
        if isinstance(error, KeyboardInterrupt):
            raise error
        state.journal.check()
        once = open_.program.effect is Effect.AT_MOST_ONCE
        if under_way.interrupted:
            self._hosts.caught.add(under_way.block_id)
        if once and (under_way.interrupted or isinstance(error, HostDied)):
            ask_about(state, open_)
            return None
        if under_way.interrupted:
            self._rewind(open_)
            return 0.0
        if isinstance(error, HostDied) and state.care.taken:
            error = worker_lost()
        if not isinstance(error, Exception):
            error = crashed(error, open_.program)
        return self._outcome(open_, attempt, await self._looked_into(open_, error))

    @contextmanager
    def _resting(self) -> Iterator[Callable[[], None]]:
        """Count the present task among those in which no block runs; what this lends ends that early."""
        task = asyncio.current_task()
        assert task is not None, "a firing runs in a task"
        self.resting.add(task)
        try:
            yield lambda: self.resting.discard(task)
        finally:
            self.resting.discard(task)

    async def _begin(self, open_: OpenState, *, hosted: bool) -> None:
        """Put the start of a firing on record before its block runs, so that its loss of a worker has a name."""
        state, place = self._state, (open_.firing.node, open_.firing.index)
        seq = state.care.begin(state.journal, place, attempt=open_.record.attempt, hosted=hosted)
        self._recorder.touch(state.journal)
        await state.journal.durable(seq)

    async def _looked_into(self, open_: OpenState, error: Exception) -> Exception:
        """Return a call as it will be recorded, or why it cannot be made; anything else as it is."""
        if not isinstance(error, Call) or open_.program.inline:
            return error
        try:
            return await self._children.prepare(self._state, open_.firing, error, number=open_.waited + 1)
        except FiringFailed as refused:
            return refused

    def settle(self, open_: OpenState, error: Exception | None) -> float | None:
        """Record how a firing that the loop ran itself ended; return the pause before `run_again`, or None at its end."""
        attempt = self._state.attempts.get((open_.firing.node, open_.firing.index), 0) + 1
        open_.record.attempt = attempt
        return self._outcome(open_, attempt, error)

    def _outcome(self, open_: OpenState, attempt: int, error: Exception | None) -> float | None:
        """Record an outcome; return the pause before another attempt, or None when the firing has ended."""
        state = self._state
        match error:
            case None if open_.repeated < open_.before:
                return self._failed(open_, attempt, Failure(not_deterministic(), retryable=False))
            case None:
                ended = time.time()
                cost = cost_micro(open_.program, open_.data, open_.usage, ended - open_.started)
                state.finish(open_, Outcome.OK, ended=ended, cost=cost)
            case Call():  # only a task looks into one
                crash = FiringFailed("a pure block cannot call a graph", code="BLOCK_CRASHED")
                return self._failed(open_, attempt, Failure(crash, retryable=False))
            case Wait():
                self._wait(open_, error)
            case Stop():
                state.finish(open_, Outcome.OK, ended=time.time())
                state.journal.event("stop", open_.firing.node, open_.firing.index, data={"reason": error.reason})
                state.close(CloseReason.STOP)
            case _:
                return self._failed(open_, attempt, describe(error, open_.program))
        return None

    async def _perform(self, open_: OpenState, under_way: Attempt, host: Host | None) -> None:
        state, program, firing, attempt = self._state, open_.program, open_.firing, open_.record.attempt
        data = bind(program, state, firing.inputs)
        input = read_input(program, data)
        open_.data, open_.usage = data, {}
        key = ""
        if program.effect is not Effect.PURE:
            key = idempotency_key(state.claim.execution_id, program.node.id, firing.index, data)
        if state.care.taken:
            await self._begin(open_, hosted=host is not None)
        if program.effect in (Effect.AT_LEAST_ONCE, Effect.AT_MOST_ONCE):
            await self._intend(open_, key, attempt)
        if state.closing is not None:
            raise Left  # what has not begun when the execution is cancelled does not begin
        context = None
        if program.block.spec.wants_context:
            context = self._lend(Lending(state, program, firing, attempt, key, self._lease.sure, open_.usage))
        if host is None:
            ATTEMPT.set(under_way)
            await self._take_all(open_, under_way, self._emissions(open_, input, context))
            return
        async with aclosing(host.run(job_of(state, open_, read_data(program, data), key), context)) as emissions:
            await self._take_all(open_, under_way, emissions)

    def _emissions(self, open_: OpenState, input: Any, context: Context | None) -> AsyncIterator[tuple[str, Any]]:
        block, spec = open_.program.block, open_.program.block.spec
        answered = self._state.answers.get((open_.firing.node, open_.firing.index))
        if answered is None:
            return block.run(input, **({"ctx": context} if "ctx" in spec.asks else {}))
        lent = {"ctx": context} if "ctx" in spec.answer_asks else {}
        return block.on_answer(input, answered[0].state, open_.answer, **lent)

    async def _take_all(self, open_: OpenState, under_way: Attempt, emissions: AsyncIterator[tuple[str, Any]]) -> None:
        """Put on record what a block emits, in its time; of what comes later nothing counts."""
        outputs = open_.program.block.spec.outputs
        task = asyncio.current_task()
        under_way.begin(self._deadlines, open_.program.timeout_s, lambda: self._leave(open_, task))
        try:
            async for name, value in emissions:
                self._check_time(under_way)
                await self.emit(open_, name, value)
                if outputs[name].many:
                    await self._room(under_way)
            self._check_time(under_way)
        except asyncio.CancelledError:
            if under_way.ended():
                raise TimeoutError from None
            raise
        finally:
            under_way.ended()

    def _check_time(self, under_way: Attempt) -> None:
        if under_way.left or self.over:
            raise Left
        if under_way.is_over():
            raise TimeoutError

    def _leave(self, open_: OpenState, task: "asyncio.Task[Any] | None") -> None:
        """Let a firing go on without an attempt that was cancelled for its time, and runs on all the same."""
        assert task is not None, "a firing runs in a task"
        if not self._state.journal.lost and not self.over:
            self._left(task, open_, self._outcome(open_, open_.record.attempt, TimeoutError()))

    async def _intend(self, open_: OpenState, key: str, attempt: int) -> None:
        """Put the intent on record before the effect; for at_most_once each attempt has its own."""
        state, firing = self._state, open_.firing
        place = firing.node, firing.index
        known = state.intentions.get(place)
        if known is not None and known.key != key:
            raise FiringFailed(
                f"the inputs of {open_.program.node.label!r} are not those that its recorded intent names",
                code="EXECUTION_DIVERGED",
            )
        once = open_.program.effect is Effect.AT_MOST_ONCE
        if known is None or (once and known.attempt < attempt):
            seq = state.journal.event("intent", *place, key=key, data={"attempt": attempt})
            state.intentions[place] = Intention(key, attempt)
            state.decisions.pop(place, None)
            self._recorder.touch(state.journal)
            await state.journal.durable(seq)
        else:
            self._recorder.touch(state.journal)
        if once and not self._lease.sure():
            raise Fenced(state.claim.execution_id)

    async def emit(self, open_: OpenState, name: str, value: Any) -> None:
        """Check one emission and put it on record, unless it repeats one that is."""
        pin, data = check_emission(open_.program, name, value)
        if open_.repeated < open_.before:
            recorded = self._state.recorded[open_.firing.node, open_.firing.index]
            if recorded[open_.first + open_.repeated] != mark(pin, data):
                raise not_deterministic()
            open_.repeated += 1
            return
        check_room(self._state, self._limits, len(data))
        self._state.emit(open_, pin, data)
        if self._state.plan.many[open_.firing.node][pin]:
            self._recorder.touch(self._state.journal)  # an item of a stream is shown while the block goes on

    def _wait(self, open_: OpenState, wait: Wait) -> None:
        state, firing = self._state, open_.firing
        count = open_.waited + 1
        until = wait.until.isoformat() if wait.until else None
        key = wait.key or f"{firing.node}:{firing.index}:{count}"
        state.answers.pop((firing.node, firing.index), None)
        child = wait.child if isinstance(wait, Called) else None
        state.wait(open_, WaitState(key, wait.kind, wait.state, until, wait.title, count), due=wait.until, child=child)

    def _failed(self, open_: OpenState, attempt: int, failure: "Failure") -> float | None:
        """Record what went wrong; return the pause before another attempt, or None when this was the last."""
        state, program, firing = self._state, open_.program, open_.firing
        error = failure.error
        error.message = self._masker(error.message)
        if failure.retryable and attempt < program.attempts and state.closing is None:
            data = {"attempt": attempt, "code": error.error_code, "message": error.message}
            state.journal.event("attempt_failed", firing.node, firing.index, data=data)
            state.attempts[firing.node, firing.index] = attempt
            state.care.ended((firing.node, firing.index))
            self._rewind(open_)
            self._recorder.touch(state.journal)
            pause: float = program.backoff_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
            return max(min(pause, _LONGEST_BACKOFF_S), failure.delay_s or 0.0)
        fail(state, open_, attempt, error)
        return None

    def _rewind(self, open_: OpenState) -> None:
        """Make ready for another attempt: a pure firing repeats what it sent, any other begins anew."""
        firing = open_.firing
        if open_.program.effect is Effect.PURE:
            recorded = self._state.recorded.get((firing.node, firing.index), ())
            open_.before, open_.repeated = len(recorded) - open_.first, 0
            self._state.planner.reset(firing.node, firing.index)
            return
        if open_.record.emitted > open_.first:
            self._state.journal.rewind(open_.record, open_.first)
        self._state.void(firing.node, firing.index)
