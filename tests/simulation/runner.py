"""A simulated worker: random interleavings, a journal with a durable prefix, takeover.

The journal is a list of entries `(record, values)`; intents have `None` for a record. Only a durable intent
lets an effect happen. A worker that was fenced goes on without noticing: nothing it writes is kept, and its
lease is no longer sure.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from tests.simulation.cases import AT_MOST_ONCE, INTENT, PURE, Act, Case, behave, input_value
from weft.executions.planner import Firing, Planner
from weft.executions.planning.refs import Collected, emission_of, pack
from weft.executions.records import (
    Answered,
    Closed,
    CloseReason,
    Completed,
    Emitted,
    Finished,
    Outcome,
    Reset,
    Waiting,
)


class Violation(Exception):
    """A property does not hold."""


class Intent(NamedTuple):
    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index


class Call(NamedTuple):
    """An effect that happened outside: after `seq` of its intent, when the journal was `at` long."""

    seq: int
    at: int
    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    inputs: int


Entry = tuple[Any, tuple[int, ...]]


@dataclass(slots=True)
class Run:
    """One attempt of a firing under way."""

    firing: Firing
    hashed: int
    act: Act
    salt: int
    at: int = 0
    base: int = 0
    known: int = 0
    resumed: bool = False
    intent: int = -1
    called: bool = True


@dataclass(slots=True)
class Style:
    """How a worker behaves: how many at once, how often it writes, fails and is cancelled."""

    slots: int = 2
    flush: float = 0.2
    retry: float = 0.05
    whole: float = 0.5
    limit: int = 1000
    cancel: float = 0.0


class Worker:
    """One holder of the execution, from a durable prefix on."""

    def __init__(self, case: Case, rng: Random, style: Style, make: type[Planner] = Planner) -> None:
        self.case, self.rng, self.style = case, rng, style
        self.planner = make(case.plan)
        self.journal: list[Entry] = []
        self.values: dict[int, int] = {}
        self.fired: list[list[int]] = [[] for _ in case.specs]
        self.ready: list[Firing] = []
        self.running: list[Run] = []
        self.asleep: list[tuple[Firing, bool]] = []
        self.durable = self.inflight = 0
        self.marks: list[tuple[int, int]] = []
        self.calls: list[Call] = []
        self.fenced = False
        self.skipped = False
        self.salt = 0
        self.finished: set[tuple[int, int]] = set()
        self.waited: dict[tuple[int, int], int] = {}
        self.answered: set[tuple[int, int]] = set()
        for node in case.given:
            self.values[pack(node, 0, 0)] = input_value(case.seed, node)
        self.take(self.planner.start(case.given, case.input_skips()))

    # -- replay

    def replay(self, entries: list[Entry], calls: list[Call]) -> None:
        """Take over: apply the durable prefix, queue what is open. `calls` is what the world has seen."""
        self.calls = list(calls)
        intents: dict[tuple[int, int], int] = {}
        asked: set[tuple[int, int]] = set()
        self.ready.clear()
        for entry in entries:
            self.put(entry)
            record = entry[0]
            if isinstance(record, Intent):
                intents[record[0], record[1]] = len(self.journal) - 1
            elif isinstance(record, Waiting):
                intents.pop((record.node, record.index), None)
            elif isinstance(record, Finished) and record.outcome is Outcome.UNKNOWN:
                asked.add((record.node, record.index))
        self.durable = self.inflight = len(self.journal)
        self.ready.clear()
        self.salt = len(entries) + 1
        for firing in self.planner.open():
            key = (firing.node, firing.index)
            if self.planner.is_waiting(*key):
                self.asleep.append((firing, key in asked))
            elif key in intents and self.case.specs[firing.node].effect == AT_MOST_ONCE:
                if self.planner.closing is None:
                    self._log(Finished(*key, Outcome.UNKNOWN, firing.inputs))
                    self.asleep.append((firing, True))
            else:
                self.ready.append(firing)

    def put(self, entry: Entry) -> None:
        """Apply an entry to planner and values: live and replay alike."""
        record, values = entry
        self.journal.append(entry)
        if isinstance(record, Intent):
            return
        if values:
            first = self.planner.recorded(record.node, record.index)
            for k, value in enumerate(values, first):
                self.values[pack(record.node, record.index, k)] = value
        self._note(record)
        self.take(self.planner.apply(record))

    def _note(self, record: Any) -> None:
        """Remember what a worker must know of its firings beside the planner."""
        kind = type(record)
        if kind is Waiting:
            self.waited[record[:2]] = self.planner.recorded(record.node, record.index)
        elif kind is Answered and record[:2] in self.waited:
            self.answered.add(record[:2])
        elif kind is Finished and record.outcome is Outcome.SKIPPED:
            self.skipped = True

    def _log(self, record: Any, values: tuple[int, ...] = ()) -> None:
        self.marks.append((self.durable, self.inflight))
        if isinstance(record, Finished | Completed) and record.outcome is not Outcome.UNKNOWN:
            key = (record.node, record.index)
            if key in self.finished:
                raise Violation(f"two outcomes of firing {key}")
            self.finished.add(key)
        self.put((record, values))

    def take(self, firings: list[Firing]) -> None:
        for firing in firings:
            self.fired[firing.node].append(self._hash_inputs(firing))
            if len(self.fired[firing.node]) != firing.index + 1:
                raise Violation(f"firing {firing.index} of node {firing.node} is not the next one")
        self.ready += firings

    def _hash_inputs(self, firing: Firing) -> int:
        values = self.values
        parts: list[int] = [firing.node]
        for item in firing.inputs:
            if isinstance(item, Collected):
                parts.append(hash(tuple([values[emission_of(ref)] for ref in item])))
            else:
                parts.append(values[emission_of(item)])
        return hash(tuple(parts))

    # -- one step at a time

    def step(self) -> bool:
        """Do one thing; return False when nothing is left to do."""
        rng, style = self.rng, self.style
        if self.planner.closing is not None:
            self.ready.clear()
            self.asleep.clear()
        dice = rng.random()
        if dice < style.flush and self.durable < len(self.journal):
            self._flush()
            return True
        if style.cancel and rng.random() < style.cancel and self.planner.closing is None:
            self._log(Closed(CloseReason.CANCELLED))
            return True
        slots = style.slots + (self._paused() if len(self.ready) > style.limit else 0)
        if self.ready and len(self.running) < slots and (dice < 0.65 or not self.running):
            self._begin(self.ready.pop(self._pick(self.ready)))
            return True
        if self.running and (dice < 0.95 or not self.asleep):
            return self._go_on()
        if self.asleep:
            self._answer(*self.asleep.pop(int(rng.random() * len(self.asleep))))
            return True
        return False

    def _pick(self, ready: list[Firing]) -> int:
        if len(ready) > self.style.limit:
            return max(range(len(ready)), key=lambda at: self.planner.depth(ready[at].node))
        return int(self.rng.random() * len(ready))

    def _flush(self) -> None:
        if self.fenced:
            self.durable = self.inflight = 0
        elif self.inflight > self.durable:
            self.durable = self.inflight
        else:
            self.inflight = len(self.journal)

    def _begin(self, firing: Firing) -> None:
        key = (firing.node, firing.index)
        if key in self.finished:
            raise Violation(f"firing {key} starts again after its outcome")
        spec = self.case.specs[firing.node]
        bound = self.planner.firing(*key)
        hashed = self._hash_inputs(bound)
        self.salt += 1
        run = Run(bound, hashed, behave(spec, hashed, self.salt), self.salt)
        self._restart(run)
        if INTENT[spec.effect]:
            run.intent = len(self.journal)
            run.called = False
            self._log(Intent(*key))
        elif self.rng.random() < self.style.whole and run.act.wait_at < 0 and not run.known and not run.base:
            self._whole(run)
            return
        self.running.append(run)

    def _restart(self, run: Run) -> None:
        """A new attempt: ask what stands, and say so in the journal where something is void."""
        node, index, _ = run.firing
        recorded = self.planner.recorded(node, index)
        if recorded and not self._replayable(node):
            self._log(Reset(node, index))
        run.at = run.base = self.waited.get((node, index), 0)
        run.known = run.base + self.planner.reset(node, index)
        run.resumed = (node, index) in self.answered

    def _replayable(self, node: int) -> bool:
        return self.case.specs[node].effect == PURE

    def _whole(self, run: Run) -> None:
        """Everything in one record."""
        act = run.act
        pins = tuple([pin for pin, _ in act.emissions])
        values = tuple([value for _, value in act.emissions])
        node, index, inputs = run.firing
        outcome, more = self._outcome(run)
        self._stop(act)
        masks = tuple([self.case.skip_mask(node, pin, value) for pin, value in act.emissions])
        self._log(Completed(node, index, pins, outcome, inputs, masks if any(masks) else ()), values + more)

    def _stop(self, act: Act) -> None:
        """The end is on record before the outcome that caused it: a crash between the two loses neither."""
        if act.stops:
            self._log(Closed(CloseReason.STOP))

    def _outcome(self, run: Run) -> tuple[Outcome, tuple[int, ...]]:
        if not run.act.failed:
            return Outcome.OK, ()
        linked = self.case.error_linked[run.firing.node]
        return (Outcome.ERROR, (run.act.error,)) if linked else (Outcome.FAILED, ())

    def _go_on(self) -> bool:
        """Let a running firing make its next step; write first, if all wait for their intents."""
        able = [run for run in self.running if run.called or run.intent < self.durable]
        if len(self.ready) > self.style.limit and self._paused() < len(self.running):
            able = [run for run in able if not self._streams(run)]
        if not able:
            if self.fenced:
                self.running.clear()
                return False
            self._flush()
            return True
        run = able[int(self.rng.random() * len(able))]
        if not run.called:
            if self.fenced:
                self.running.remove(run)
                return True
            node, index, _ = run.firing
            self.calls.append(Call(run.intent, len(self.journal), node, index, run.hashed))
            run.called = True
            return True
        if self.rng.random() < self.style.retry and self._may_retry(run):
            self.salt += 1
            run.act = behave(self.case.specs[run.firing.node], run.hashed, self.salt)
            self._restart(run)
            return True
        self._advance(run)
        return True

    def _paused(self) -> int:
        """How many generators hold back while ready work is above the limit; they take no slot."""
        return sum(map(self._streams, self.running))

    def _streams(self, run: Run) -> bool:
        return run.at < len(run.act.emissions) and bool(self.case.specs[run.firing.node].many)

    def _may_retry(self, run: Run) -> bool:
        return self.case.specs[run.firing.node].effect != AT_MOST_ONCE and self.planner.closing is None

    def _advance(self, run: Run) -> None:
        act = run.act
        node, index, inputs = run.firing
        if act.wait_at == run.at and not run.resumed:
            self.running.remove(run)
            self._log(Waiting(node, index, inputs))
            self.asleep.append((run.firing, False))
        elif run.at < len(act.emissions):
            pin, value = act.emissions[run.at]
            run.at += 1
            if run.at <= run.known:
                if self.values[pack(node, index, run.at - 1)] != value:
                    self.running.remove(run)
                    self._log(Finished(node, index, Outcome.FAILED, inputs))
            else:
                self._log(Emitted(node, index, pin, self.case.skip_mask(node, pin, value)), (value,))
        else:
            self.running.remove(run)
            outcome, more = self._outcome(run)
            self._stop(act)
            self._log(Finished(node, index, outcome, inputs), more)

    def _answer(self, firing: Firing, in_review: bool) -> None:
        """Somebody answers; a person in review looks outside whether the effect happened."""
        node, index, inputs = firing
        self._log(Answered(node, index))
        if not in_review:
            self.ready.append(firing)
            return
        happened = any(call.node == node and call.index == index for call in self.calls)
        if not happened:
            self.ready.append(firing)
            return
        hashed = self._hash_inputs(firing)
        run = Run(firing, hashed, behave(self.case.specs[node], hashed, 0), 0)
        self._restart(run)
        if self.rng.random() < 0.1:
            self._log(Finished(node, index, Outcome.SKIPPED, inputs))
            return
        if run.act.wait_at == run.at and not run.resumed:
            self._log(Waiting(node, index, inputs))
            self.asleep.append((firing, False))
            return
        self.running.append(run)

    def finish(self, most: int = 5000) -> None:
        """Run to the end."""
        for _ in range(most):
            if not self.step():
                break
        else:
            raise Violation("the execution does not come to an end")
        self.durable = self.inflight = len(self.journal)
        self.marks.append((self.durable, self.inflight))
        state = self.planner.state
        if state != "done" and not (state == "closing" and not self.running):
            raise Violation(f"stuck: {state}, nothing runs and nothing waits")
