"""Recovery is replay: the recorded journal goes through the planner again, and leaves the state that was durable.

What is then formed and not ended runs again: pure firings repeat and compare, the others begin anew; an `at_most_once`
effect whose intent stands without an outcome does not run: it waits for a person.
"""

import time
from collections.abc import Callable
from typing import Any

from weft.executions.care import WORKER_LOST, worker_lost
from weft.executions.endings import ask_about, fail, open_firing
from weft.executions.journal import OpenFiring
from weft.executions.planner import Firing
from weft.executions.planning.refs import inputs_from_json
from weft.executions.ports import PIN_BITS, EventRow, History, NodeRow, Start
from weft.executions.program import NodeProgram
from weft.executions.records import CloseReason, Finished, Outcome
from weft.executions.state import UNKNOWN_OUTCOME, Intention, OpenState, State, WaitState, inputs_text
from weft.executions.values import dumps, encode, mark, mark_of_stored
from weft.sdk import Effect

Step = tuple[int, Callable[[State], None]]

_CLOSING = {"cancel": CloseReason.CANCELLED, "timeout": CloseReason.TIMEOUT, "stop": CloseReason.STOP}


def begin(state: State, start: Start) -> None:
    """Put a fresh execution at its beginning: INPUT nodes hold their values, the first firings are ready."""
    state.context = start.context
    state.ready.add(_given(state, start))


def _given(state: State, start: Start) -> list[Firing]:
    position = {node.id: number for number, node in enumerate(state.program.content.nodes)}
    held = []
    skips = {}
    for node_id, values in start.values.items():
        node = position[node_id]
        if values:
            held.append(node)
            data = dumps(values[0])
            state.keep(node, 0, 0, state.plan.input_pins[node], data)
            skips[node] = state.program.skipped_routes(node, state.plan.input_pins[node], data)
    return state.planner.start(held, skips)


def replay(state: State, start: Start, history: History) -> None:
    """Bring the state to where the durable journal ends; then everything open is ready, or waits.

    Args:
        state: Fresh; restored already if the history begins at a snapshot.
        start: What was asked.
        history: What was recorded.

    Raises:
        Diverged: The journal does not follow the rules; nothing may be written on top of it.
    """
    if history.snapshot is None:
        _given(state, start)
    state.context = start.context
    state.journal.notes.count = history.lines
    for _, step in sorted(_steps(history), key=_number):
        step(state)
    if state.closing is None:
        _resume(state)


def _number(step: Step) -> int:
    return step[0]


def _steps(history: History) -> list[Step]:
    steps: list[Step] = []
    for row in history.nodes:
        if row.outcome in ("wait", "unknown"):
            continue
        steps += [(item[0], _emission(row.node, row.index, item)) for item in row.outputs or ()]
        steps.append((row.seq_end, _end(row)))
    for chunk in history.chunks:
        steps += [(item[0], _emission(chunk.node, chunk.index, item)) for item in chunk.items]
    steps += [(event.seq, _event(event)) for event in history.events]
    return steps


def _emission(node: int, index: int, item: list[Any]) -> Callable[[State], None]:
    def apply(state: State) -> None:
        pin, skip = item[1] & (1 << PIN_BITS) - 1, item[1] >> PIN_BITS
        recorded = state.recorded_of(node, index)
        if len(item) > 3:
            state.bytes += item[4] if len(item) > 4 else 0
            state.keep_stored(node, index, len(recorded), pin, item[3])
            recorded.append(mark_of_stored(pin, item[3]))
        else:
            value = dumps(item[2])
            state.bytes += len(value)
            state.keep(node, index, len(recorded), pin, value)
            recorded.append(mark(pin, value))
        state.emissions += 1
        state.planner.emitted(node, index, pin, skip)

    return apply


def _end(row: NodeRow) -> Callable[[State], None]:
    def apply(state: State) -> None:
        outcome = Outcome(row.outcome)
        place = row.node, row.index
        if outcome is Outcome.ERROR:
            node = state.program.node(row.node)
            state.keep(*place, state.planner.recorded(*place), node.error_pin, encode(row.error["message"]))
        if outcome in (Outcome.FAILED, Outcome.TIMEOUT) and state.error is None:
            state.error = row.error
        state.planner.apply(Finished(*place, outcome, inputs_from_json(row.inputs)))
        state.firings += 1
        state.forget(*place)
        if row.error is not None and row.error["code"] == WORKER_LOST:
            state.care.lost_nodes.add(row.node)
        state.calls.cost_of(place)
        if state.planner.closing is not None and state.closing is None:
            state.closing = state.planner.closing.reason

    return apply


def _event(event: EventRow) -> Callable[[State], None]:
    def apply(state: State) -> None:
        if event.kind in _CLOSING:
            _close(state, _CLOSING[event.kind])
        elif event.node is not None and event.index is not None:
            _firing_event(state, event, (event.node, event.index))

    return apply


def _close(state: State, reason: CloseReason) -> None:
    if state.closing is None:
        state.closing = reason
        state.planner.close(reason)
        if reason is CloseReason.TIMEOUT:
            state.error = {"code": "RUN_TIMEOUT", "message": "the run took longer than it may"}


def _firing_event(state: State, event: EventRow, place: tuple[int, int]) -> None:
    match event.kind:
        case "start":
            state.care.started(place, token=event.data["token"], hosted=event.data["hosted"])
        case "start_void":
            state.care.ended(place)
        case "intent":
            state.intentions[place] = Intention(event.key or "", event.data["attempt"])
            state.decisions.pop(place, None)  # it was about the attempt before, and says nothing of this one
        case "attempt_failed":
            state.attempts[place] = event.data["attempt"]
            state.care.ended(place)
        case "reset":
            state.void(*place)
        case "wait":
            data = event.data
            state.care.ended(place)
            wait = WaitState(data["key"], data["kind"], data["state"], data["until"], data["title"], data["count"])
            state.waits[place] = wait
            state.calls.made(wait.kind)
            state.answers.pop(place, None)
            if data["state"] == UNKNOWN_OUTCOME:
                state.planner.finished(*place, Outcome.UNKNOWN)
                return
            state.waited[place] = len(state.recorded.get(place, ()))
            state.planner.waiting(*place)
        case "answer":
            wait = state.waits.pop(place)
            if wait.state == UNKNOWN_OUTCOME:
                state.decisions[place] = event.data["answer"]
            else:
                state.answers[place] = (wait, event.data["answer"])
                state.calls.ended(place, wait.kind, event.data["answer"])
            state.planner.answered(*place)


def _resume(state: State) -> None:
    """Make ready what is open; first void what a crash cut off, or ask a person where it may have happened."""
    culprit, lost = state.care.culprit(), None
    for place in state.waits:
        state.ready.occupy(*place)
    for firing in state.planner.open():
        place = firing.node, firing.index
        if state.planner.is_waiting(*place):
            continue
        if place in state.decisions:
            state.decide(firing, state.decisions[place])
            continue
        program = state.program.node(firing.node)
        intention = state.intentions.get(place)
        if (
            program.effect is Effect.AT_MOST_ONCE
            and intention is not None
            and state.attempts.get(place, 0) < intention.attempt
        ):
            _ask_about(state, firing, program)
            continue
        if place == culprit:
            lost = firing
            continue
        recorded = len(state.recorded.get(place, ()))
        kept = state.waited.get(place, 0)
        if program.effect is not Effect.PURE and recorded > kept:
            state.journal.event("reset", *place)
            state.void(*place)
        state.ready.add([firing])
    if lost is not None:
        _give_up(state, lost, state.program.node(lost.node))


def _give_up(state: State, firing: Firing, program: NodeProgram) -> None:
    """Fail a firing that ended its workers; its `error` pin may take that, and it is not tried again (engine rule 35)."""
    open_ = open_firing(state, firing, program)
    open_.record.attempt = state.attempts.get((firing.node, firing.index), 0) + 1
    state.care.lost_nodes.add(firing.node)
    fail(state, open_, open_.record.attempt, worker_lost())


def _ask_about(state: State, firing: Firing, program: NodeProgram) -> None:
    """Have a person say what became of an effect that a lost worker had begun."""
    record = OpenFiring(firing.node, firing.index, flushed=state.planner.recorded(firing.node, firing.index))
    ask_about(state, OpenState(firing, record, program, inputs_text(firing.inputs), time.time()))
