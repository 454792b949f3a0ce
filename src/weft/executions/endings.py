"""How one firing begins and ends on record, whoever runs it."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from weft.errors import WeftError
from weft.executions.emitted import Encoded, checked, no_such_pin
from weft.executions.errors import FiringFailed
from weft.executions.isolation.host import HostUnavailable
from weft.executions.journal import OpenFiring
from weft.executions.limits import Limits
from weft.executions.planner import Firing
from weft.executions.program import NodeProgram
from weft.executions.records import CloseReason, Outcome
from weft.executions.state import UNKNOWN_OUTCOME, OpenState, State, WaitState, inputs_text
from weft.sdk import BlockError, ControlFlow, Effect, NotStarted, RetryLater


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
        raise no_such_pin(name)
    if type(value) is Encoded:
        return known[0], bytes(value)
    return known[0], checked(known[1], name, value, program.value_bytes)


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
            surely_not_begun = isinstance(error, HostUnavailable)
            return Failure(error, error.retryable and (surely_not_begun or not once), error.delay_s)
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
            return Failure(crashed(error, program), retryable=False)


def crashed(error: BaseException, program: NodeProgram) -> FiringFailed:
    """Return the failure of a block with a mistake in it.

    Its own words may hold anything, also a secret, so only the type is told.
    """
    name = type(error).__name__
    return FiringFailed(
        f"the block crashed with {name}; this is a mistake in the block {program.block.id}", code="BLOCK_CRASHED"
    )


def ask_about(state: State, open_: OpenState) -> None:
    """Have a person say what became of an effect that may or may not have happened (engine rule 22)."""
    place = open_.firing.node, open_.firing.index
    key = f"unknown:{place[0]}:{place[1]}:{state.intentions[place].attempt}"
    title = f"{open_.program.node.label}: did it happen? The worker was lost after it had begun."
    state.wait(open_, WaitState(key, "person", UNKNOWN_OUTCOME, None, title, 0))
