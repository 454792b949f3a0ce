"""What a worker knows of an execution it runs: planner, journal and values, kept in step.

Each method here is one record: it goes into the journal and through the planner together, and what the planner forms from it
becomes ready. Live running and replay both end in the same state.
"""

import hashlib
import time
from array import array
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from weft.executions.care import Care
from weft.executions.journal import Journal, OpenFiring
from weft.executions.large import LargeValues
from weft.executions.limits import KEPT_BYTES
from weft.executions.planner import Firing, Planner
from weft.executions.planning.refs import Inputs, emission_of, inputs_to_json, pack, unpack
from weft.executions.ports import PIN_BITS, Child, Claim
from weft.executions.program import NodeProgram, Program
from weft.executions.ready import Ready
from weft.executions.records import CloseReason, Outcome
from weft.executions.values import encode, mark
from weft.sdk import Effect


@dataclass(slots=True)
class Intention:
    """An effect that was about to begin: its key, and in which attempt."""

    key: str
    attempt: int


@dataclass(slots=True)
class WaitState:
    """A firing that waits: the key its answer comes under, and what `on_answer` needs."""

    key: str
    kind: str
    state: Any
    until: str | None
    title: str | None
    count: int


@dataclass(slots=True)
class OpenState:
    """A firing under way: its journal part, and what an earlier run of it left.

    Attributes:
        first: How many emissions stand from before a wait; this run adds to them.
        before: How many more are on record from an earlier run of a replayable firing; this run must repeat them.
        repeated: How many of them this run has repeated.
    """

    firing: Firing
    record: OpenFiring
    program: NodeProgram
    inputs: str
    started: float
    first: int = 0
    before: int = 0
    repeated: int = 0
    answer: Any = None
    waited: int = 0
    usage: dict[str, float] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Calls:
    """What an execution called: how often, and what that cost, by the firing that will pay it."""

    count: int = 0
    spent: dict[tuple[int, int], int] = field(default_factory=dict)

    def made(self, kind: str) -> None:
        """Count a wait, if it is for a called graph."""
        self.count += kind == "child"

    def ended(self, place: tuple[int, int], kind: str, answer: Any) -> None:
        """Note what a called graph cost, in micro-credits."""
        if kind == "child":
            self.spent[place] = self.spent.get(place, 0) + int(answer["cost_micro"])

    def cost_of(self, place: tuple[int, int]) -> int:
        """Return, once, what the calls of an ended firing cost."""
        return self.spent.pop(place, 0)


class State:
    """One execution in memory."""

    def __init__(
        self, claim: Claim, program: Program, planner: Planner, journal: Journal, *, kept_bytes: int = KEPT_BYTES
    ) -> None:
        self.claim = claim
        self.program = program
        self.plan = program.plan
        self.planner = planner
        self.journal = journal
        self.ready = Ready(program.plan.depths, program.nodes)
        self.values: dict[int, bytes] = {}
        self.large = LargeValues(self.values, kept_bytes)
        self.pins: dict[int, int] = {}
        self.intentions: dict[tuple[int, int], Intention] = {}
        self.attempts: dict[tuple[int, int], int] = {}
        self.waits: dict[tuple[int, int], WaitState] = {}
        self.answers: dict[tuple[int, int], tuple[WaitState, Any]] = {}
        self.recorded: dict[tuple[int, int], array[int]] = {}
        self.waited: dict[tuple[int, int], int] = {}
        self.decisions: dict[tuple[int, int], dict[str, Any]] = {}
        self.context: dict[str, Any] = {}
        self.error: dict[str, Any] | None = None
        self.closing: CloseReason | None = None
        self.snapshot_seq = 0
        self.calls = Calls()
        self.care = Care(claim.claims_without_progress, claim.token)
        self.emissions = 0
        self.bytes = 0
        self.firings = 0
        self._keeps_pins = any(slot.link_paths for node in program.nodes if node is not None for slot in node.slots)

    def pin_of(self, key: int) -> int:
        """Return the output pin by which an emission left; known where a link takes a part of a value."""
        return self.pins.get(key, 0)

    def keep(self, node: int, index: int, k: int, pin: int, value: bytes) -> None:
        """Keep the value of an emission for the firings that will read it."""
        key = pack(node, index, k)
        self.values[key] = value
        if self._keeps_pins:
            self.pins[key] = pin

    def keep_stored(self, node: int, index: int, k: int, pin: int, digest: str) -> None:
        """Keep the name of an emission's large value; a firing that reads it has it brought."""
        key = pack(node, index, k)
        self.large.absent(key, digest)
        if self._keeps_pins:
            self.pins[key] = pin

    def release(self) -> None:
        """Forget the values that nobody will ask for again."""
        for ref in self.planner.releasable():
            key = emission_of(ref)
            self.values.pop(key, None)
            if self._keeps_pins:
                self.pins.pop(key, None)
            if self.large.digests:
                self.large.forget(key)
        if self.journal.stored:
            stored, self.journal.stored = self.journal.stored, []
            for one in stored:
                self.large.stored(*one)
        self.large.trim()

    def recorded_of(self, node: int, index: int) -> "array[int]":
        """Return the marks of what an open firing has on record, to be added to; zeros for one that is not replayable."""
        recorded = self.recorded.get((node, index))
        if recorded is None:
            recorded = self.recorded[node, index] = array("Q")
        return recorded

    # Records.

    def complete(self, firing: Firing, items: list[tuple[int, bytes]], times: tuple[float, float]) -> None:
        """Record a firing that ran at once and well: the common case, in one call each."""
        node, index, inputs = firing
        self.journal.completed(node, index, items, inputs_text(inputs), times)
        k = 0
        for pin, value in items:
            self.keep(node, index, k, pin, value)
            self.bytes += len(value)
            k += 1
        self.emissions += k
        self.firings += 1
        self.ready.ended(node, index)
        formed = self.planner.completed(node, index, [pin for pin, _ in items], Outcome.OK)
        if formed:
            self.ready.add(formed)

    def emit(self, open_: OpenState, pin: int, value: bytes) -> None:
        """Record one emission of a firing under way."""
        node, index = open_.firing.node, open_.firing.index
        skip = self.program.skipped_routes(node, pin, value) if self.program.optional[node] else 0
        self.keep(node, index, open_.record.emitted, pin, value)
        self.journal.emitted(open_.record, pin | skip << PIN_BITS, value)
        replayable = open_.program.effect is Effect.PURE
        self.recorded_of(node, index).append(mark(pin, value) if replayable else 0)
        self.emissions += 1
        self.bytes += len(value)
        formed = self.planner.emitted(node, index, pin, skip)
        if formed:
            self.ready.add(formed)

    def finish(
        self, open_: OpenState, outcome: Outcome, *, ended: float, error: dict[str, Any] | None = None, cost: int = 0
    ) -> None:
        """Record the end of a firing under way, well or not."""
        node, index = open_.firing.node, open_.firing.index
        if outcome is Outcome.ERROR and error is not None:
            self.keep(node, index, open_.record.emitted, open_.program.error_pin, encode(error["message"]))
        self.journal.ended(
            open_.record,
            outcome.value,
            inputs=open_.inputs,
            times=(open_.started, ended),
            error=error,
            cost=cost + self.calls.cost_of((node, index)),
        )
        self.firings += 1
        self.forget(node, index)
        self.ready.ended(node, index)
        formed = self.planner.finished(node, index, outcome)
        if formed:
            self.ready.add(formed)

    def wait(
        self, open_: OpenState, wait: WaitState, *, due: datetime | None = None, child: Child | None = None
    ) -> None:
        """Record that a firing waits, until `due` or for `child` or somebody; its emissions so far are delivered."""
        node, index = open_.firing.node, open_.firing.index
        data = {
            "key": wait.key,
            "kind": wait.kind,
            "state": wait.state,
            "until": wait.until,
            "title": wait.title,
            "count": wait.count,
        }
        unknown = wait.state == UNKNOWN_OUTCOME
        outcome = "unknown" if unknown else "wait"
        self.journal.waits(
            open_.record, outcome, inputs=open_.inputs, started=open_.started, wait=data, due=due, child=child
        )
        self.waits[node, index] = wait
        self.care.ended((node, index))
        self.calls.made(wait.kind)
        if unknown:
            self.planner.finished(node, index, Outcome.UNKNOWN)
            return
        self.waited[node, index] = len(self.recorded.get((node, index), ()))
        formed = self.planner.waiting(node, index)
        if formed:
            self.ready.add(formed)

    def answered(self, node: int, index: int, data: Any) -> None:
        """Record the answer to a wait; the firing becomes ready to go on."""
        wait = self.waits.pop((node, index))
        self.journal.event("answer", node, index, key=wait.key, data={"answer": data, "wait": wait.count})
        self.calls.ended((node, index), wait.kind, data)
        self._resume(node, index, wait, data)

    def _resume(self, node: int, index: int, wait: WaitState, data: Any) -> None:
        """Make an answered firing ready to go on in `on_answer`."""
        self.planner.answered(node, index)
        firing = self.planner.firing(node, index)
        if wait.state == UNKNOWN_OUTCOME:
            self.decide(firing, data)
            return
        self.answers[node, index] = (wait, data)
        self.ready.add([firing])

    def decide(self, firing: Firing, decision: dict[str, Any]) -> None:
        """Do what a person decided of an effect with an unknown outcome: run it again, take an output, or skip it."""
        node, index = firing.node, firing.index
        program = self.program.node(node)
        if self.planner.recorded(node, index):
            # What the lost attempt had emitted is void: it must not be mixed with another run's.
            self.journal.event("reset", node, index)
            self.void(node, index)
        if decision.get("decision") == "retry":
            self.attempts[node, index] = self.intentions[node, index].attempt
            self.ready.add([firing])
            return
        open_ = OpenState(firing, OpenFiring(node, index), program, inputs_text(firing.inputs), time.time())
        outcome = Outcome.SKIPPED
        if decision.get("decision") == "output":
            outcome = Outcome.OK
            for name, value in decision["outputs"]:
                self.emit(open_, program.pins[name][0], encode(value))
        self.finish(open_, outcome, ended=time.time())

    def close(self, reason: CloseReason) -> None:
        """Form and deliver nothing more; the first reason stands."""
        if self.closing is None:
            self.closing = reason
            self.planner.close(reason)
            self.ready.clear()

    def void(self, node: int, index: int) -> None:
        """Drop what the present attempt of a firing emitted; what stood when it last waited stands."""
        place = node, index
        if place in self.recorded:
            del self.recorded[place][self.waited.get(place, 0) :]
        self.planner.reset(node, index)

    def forget(self, node: int, index: int) -> None:
        """Drop what was kept for another attempt of a firing that has ended."""
        self.intentions.pop((node, index), None)
        self.attempts.pop((node, index), None)
        self.answers.pop((node, index), None)
        self.recorded.pop((node, index), None)
        self.waited.pop((node, index), None)
        self.decisions.pop((node, index), None)
        self.care.ended((node, index))


UNKNOWN_OUTCOME = "outcome_unknown"
"""The state of a wait for a person who must say whether an effect happened."""


def inputs_text(inputs: Inputs) -> str:
    """Return what a firing consumes as JSON for the journal."""
    if len(inputs) == 1 and type(inputs[0]) is int:
        node, index, k = unpack(inputs[0])
        if inputs[0] >> 63 == 0:
            return f"[[{node},{index},{k}]]"
    return orjson.dumps(inputs_to_json(inputs)).decode()


def idempotency_key(execution_id: UUID, node_id: str, index: int, data: dict[str, Any]) -> str:
    """Return the key of an effect: equal inputs of one firing give equal keys, other inputs another one."""
    digest = hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    return f"{execution_id}:{node_id}:{index}:{digest}"
