"""One firing that needs a task of its own: intents, attempts, streams, waits, effects.

The order is the promise: an intent is durable before its effect begins; for `at_most_once` the lease is looked at
once more, immediately before; an emission is on record before it is delivered; and nothing of an attempt that a crash
cut off is mixed with the next one.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from pydantic import ValidationError

from weft.errors import WeftError
from weft.executions.children import CHILD, Called, Children
from weft.executions.conversion import read_input
from weft.executions.errors import Fenced, FiringFailed
from weft.executions.journal import OpenFiring
from weft.executions.limits import Limits
from weft.executions.metering import cost_micro
from weft.executions.planner import Firing
from weft.executions.ports import EngineStore
from weft.executions.program import NodeProgram, bind
from weft.executions.recorder import Recorder
from weft.executions.records import CloseReason, Outcome
from weft.executions.state import Intention, OpenState, State, WaitState, idempotency_key, inputs_text
from weft.executions.values import encode, mark
from weft.sdk import BlockError, Call, Context, ControlFlow, Effect, NotStarted, RetryLater, Stop, Wait

_LONGEST_BACKOFF_S = 60.0


class Lease(Protocol):
    """Whether this worker surely still owns what it runs."""

    def sure(self) -> bool:
        """Return whether the lease holds, on a clock that counts suspension."""
        ...


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
Room = Callable[[asyncio.Timeout], Awaitable[None]]
Bring = Callable[[Firing], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker has for all its executions."""

    store: EngineStore
    recorder: Recorder
    lease: Lease
    lend: Lend
    limits: Limits
    children: Children


class FiringTask:
    """Runs one firing from its intent to its outcome."""

    def __init__(self, state: State, means: Means, *, room: Room, bring: Bring) -> None:
        self._state = state
        self._recorder = means.recorder
        self._lease = means.lease
        self._lend = means.lend
        self._limits = means.limits
        self._children = means.children
        self._room = room
        self._bring = bring

    async def run(self, firing: Firing) -> None:
        """Run the firing; whatever happens is on record when this returns.

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
            await asyncio.sleep(left)
            left = await self._attempt(open_)

    async def _attempt(self, open_: OpenState) -> float | None:
        """Run one attempt; return the pause before the next one, or None when the firing has ended.

        An outcome is not flushed from here: the loop first starts what it made ready, so that the outcome and the next
        intent become durable together.
        """
        place = open_.firing.node, open_.firing.index
        open_.record.attempt = attempt = self._state.attempts.get(place, 0) + 1
        if self._state.large.digests:
            await self._bring(open_.firing)
        answered = self._state.answers.get(place)
        if answered is not None:
            open_.answer = answered[1]
            if answered[0].kind == CHILD:
                open_.answer = await self._children.answer(self._state, answered[1])
        try:
            await self._perform(open_, attempt)
        except (Fenced, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001  (a block may raise anything; the graph says what happens then)
            self._state.journal.check()
            return self._outcome(open_, attempt, await self._looked_into(open_, error))
        return self._outcome(open_, attempt, None)

    async def _looked_into(self, open_: OpenState, error: Exception) -> Exception:
        """Return a call as it will be recorded, or why it cannot be made; anything else as it is."""
        if not isinstance(error, Call):
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

    async def _perform(self, open_: OpenState, attempt: int) -> None:
        state, program, firing = self._state, open_.program, open_.firing
        data = bind(program, state, firing.inputs)
        input = read_input(program, data)
        open_.data, open_.usage = data, {}
        key = ""
        if program.effect is not Effect.PURE:
            key = idempotency_key(state.claim.execution_id, program.node.id, firing.index, data)
        if program.effect in (Effect.AT_LEAST_ONCE, Effect.AT_MOST_ONCE):
            await self._intend(open_, key, attempt)
        spec = program.block.spec
        answered = state.answers.get((firing.node, firing.index))
        context = (
            self._lend(Lending(state, program, firing, attempt, key, self._lease.sure, open_.usage))
            if spec.wants_context
            else None
        )
        if answered is None:
            lent = {"ctx": context} if "ctx" in spec.asks else {}
            emissions = program.block.run(input, **lent)
        else:
            wait, _ = answered
            lent = {"ctx": context} if "ctx" in spec.answer_asks else {}
            emissions = program.block.on_answer(input, wait.state, open_.answer, **lent)
        async with asyncio.timeout(program.timeout_s) as limit:
            async for name, value in emissions:
                await self.emit(open_, name, value)
                if spec.outputs[name].many:
                    await self._room(limit)

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
        if failure.retryable and attempt < program.attempts and state.closing is None:
            data = {"attempt": attempt, "code": error.error_code, "message": error.message}
            state.journal.event("attempt_failed", firing.node, firing.index, data=data)
            state.attempts[firing.node, firing.index] = attempt
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


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, and whether another one may do better."""

    error: WeftError
    retryable: bool
    delay_s: float | None = None


def open_firing(state: State, firing: Firing, program: NodeProgram) -> OpenState:
    """Return a firing ready to run, with what an earlier run of it left on record."""
    place = firing.node, firing.index
    answered = state.answers.get(place)
    record = OpenFiring(firing.node, firing.index, flushed=state.planner.recorded(*place))
    open_ = OpenState(firing, record, program, inputs_text(firing.inputs), time.time())
    open_.first = state.waited.get(place, 0)
    if program.effect is Effect.PURE:
        open_.before = len(state.recorded.get(place, ())) - open_.first
    if answered is not None:
        open_.waited = answered[0].count
    return open_


def check_emission(program: NodeProgram, name: str, value: Any) -> tuple[int, bytes]:
    """Return the pin's number and the value as JSON.

    Raises:
        FiringFailed: There is no such pin, or the value is not of its type.
    """
    known = program.pins.get(name)
    if known is None or known[0] == program.error_pin:
        raise FiringFailed(f"the block emitted on {name!r}, which is none of its outputs", code="BLOCK_CRASHED")
    pin, check = known
    if check is not None:
        try:
            value = check(value)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise FiringFailed(
                f"the block emitted a value of the wrong type on {name!r}: {problem}", code="BLOCK_CRASHED"
            ) from error
    return pin, encode(value, program.value_bytes)


def check_room(state: State, limits: Limits, size: int) -> None:
    """Let one more firing or emission of `size` bytes be.

    Raises:
        FiringFailed: The execution has had as much as it may.
    """
    if state.firings >= limits.firings:
        raise FiringFailed(f"an execution may have {limits.firings} firings", code="TOO_MANY_FIRINGS")
    if state.emissions >= limits.emissions:
        raise FiringFailed(f"an execution may emit {limits.emissions} values", code="TOO_MANY_EMISSIONS")
    if state.bytes + size > limits.execution_bytes:
        raise FiringFailed(f"the values of an execution may have {limits.execution_bytes} bytes", code="TOO_MANY_BYTES")


def not_deterministic() -> FiringFailed:
    """Return the failure of a pure block that did something else when it ran again."""
    return FiringFailed(
        "the block is declared pure, but did something else when it ran again with the same input",
        code="BLOCK_NOT_DETERMINISTIC",
    )


def fail(state: State, open_: OpenState, attempt: int, error: WeftError) -> None:
    """Record that a firing failed for good; its error pin takes it, or the execution begins to close."""
    node = open_.program.node
    data = {
        "code": error.error_code,
        "message": error.message or error.error_code,
        "node_id": node.id,
        "node_label": node.label,
        "attempt": attempt,
    }
    taken = state.plan.error_linked[open_.firing.node]
    outcome = Outcome.ERROR if taken else Outcome.TIMEOUT if error.error_code == "NODE_TIMEOUT" else Outcome.FAILED
    if not taken and state.error is None and state.closing is None:
        state.error = data
    state.finish(open_, outcome, ended=time.time(), error=data)
    if not taken:
        state.close(CloseReason.FAILED)


def describe(error: Exception, program: NodeProgram) -> Failure:
    """Return an exception as a failure: its sentence, its code, and whether to try again."""
    once = program.effect is Effect.AT_MOST_ONCE
    match error:
        case FiringFailed():
            return Failure(error, error.retryable and not once, error.delay_s)
        case NotStarted():
            return Failure(FiringFailed(error.reason, code="NOT_STARTED"), retryable=True)
        case RetryLater():
            delay = error.delay or timedelta()
            reason = FiringFailed(error.reason, code="RETRIES_EXHAUSTED")
            return Failure(reason, retryable=not once, delay_s=delay.total_seconds())
        case TimeoutError():
            reason = FiringFailed(f"no result within {program.timeout_s:g} s", code="NODE_TIMEOUT")
            return Failure(reason, retryable=not once)
        case BlockError() | WeftError():
            return Failure(error, retryable=bool(error.details.get("transient")) and not once)
        case ControlFlow():
            return Failure(FiringFailed(f"the block raised {type(error).__name__} here", code="BLOCK_CRASHED"), False)
        case _:
            # A mistake in the block: its own words may hold anything, also a secret, so only the type is told.
            crash = f"the block crashed with {type(error).__name__}; this is a mistake in the block {program.block.id}"
            return Failure(FiringFailed(crash, code="BLOCK_CRASHED"), retryable=False)
