"""One seed is one history: a graph, an undisturbed run, and a crash at every length of its journal."""

from collections import Counter
from dataclasses import dataclass
from random import Random

from tests.simulation.cases import AT_MOST_ONCE, Case, make_case
from tests.simulation.oracle import Verdict, judge
from tests.simulation.runner import Call, Entry, Intent, Style, Violation, Worker
from weft.executions.planner import Diverged, Planner
from weft.executions.planning.refs import emission_of
from weft.executions.planning.whynot import WhyNotKind
from weft.executions.records import CloseReason

_MOST_FIRINGS = 30
_LARGE_EVERY = 100


@dataclass(slots=True)
class Counts:
    """What a campaign did."""

    graphs: int = 0
    runs: int = 0
    crashes: int = 0
    firings: int = 0
    forks: int = 0
    order_dependent: int = 0
    compared: int = 0

    def add(self, other: "Counts") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def small_case(seed: int) -> tuple[Case, Verdict]:
    """Return the first graph of a seed's series that is small enough to crash at every point."""
    for attempt in range(100):
        case = make_case(seed * 100 + attempt, large=not seed % _LARGE_EVERY)
        verdict = judge(case, _MOST_FIRINGS if seed % 20 else 4 * _MOST_FIRINGS)
        if verdict is not None:
            return case, verdict
    raise Violation("no small graph found")


def campaign(seed: int, make: type[Planner] = Planner) -> Counts:
    """Run one seed.

    Raises:
        Violation: A property does not hold; the message tells the graph and the step.
    """
    case, verdict = small_case(seed)
    history = History(seed, case, verdict, make)
    try:
        history.play()
    except (Violation, Diverged, KeyError, IndexError, AssertionError) as problem:
        raise Violation(
            f"seed {seed}: {type(problem).__name__}: {problem}\n  while {history.doing}\n{case.story()}"
        ) from problem
    return history.counts


class History:
    """A graph with all its runs."""

    def __init__(self, seed: int, case: Case, verdict: Verdict, make: type[Planner]) -> None:
        self.case, self.verdict, self.make = case, verdict, make
        self.rng = Random(seed ^ 0x5EED)
        self.counts = Counts(graphs=1, order_dependent=bool(case.plan.order_dependent))
        self.plain = not any(spec.random or spec.lies for spec in case.specs)
        self.doing = "planning"

    def play(self) -> None:
        if self.plain and not self.verdict.checked and not self.case.plan.order_dependent:
            raise Violation("timing decides, and no slot is named for it")
        self.doing = "running undisturbed"
        base = self._worker(self._style(quick=True))
        base.finish()
        self._check_end(base)
        self._check_replay(base)
        self._check_items(base)
        for cut in range(len(base.journal) + 1):
            for calls in self._worlds(base, cut):
                self.doing = f"going on after a crash with {cut} records"
                self._crash(base.journal[:cut], calls)
        self._fork(base)
        if self.rng.random() < 0.15:
            self.doing = "running beside its predecessor"
            self._zombie()
        if self.rng.random() < 0.1:
            self.doing = "being cancelled"
            self._cancel()

    def _style(self, *, quick: bool = False) -> Style:
        rng = self.rng
        return Style(
            slots=1 + int(rng.random() * 5),
            flush=(0.05, 0.2, 0.5)[int(rng.random() * 3)],
            retry=0.03 if quick else 0.06,
            whole=(0.1, 0.6, 0.9)[int(rng.random() * 3)],
            limit=(1, 2, 16, 1000)[int(rng.random() * 4)],
        )

    def _worker(self, style: Style) -> Worker:
        self.counts.runs += 1
        return Worker(self.case, self.rng, style, self.make)

    def _worlds(self, base: Worker, cut: int) -> list[list[Call]]:
        """What may have happened outside with `cut` records durable: commit in flight kept, or lost."""
        kept = [call for call in base.calls if call.at <= cut]
        lost_at = max((at for at, marks in enumerate(base.marks) if marks[0] == cut), default=-1)
        lost = [call for call in base.calls if call.at <= lost_at]
        return [kept] if len(lost) <= len(kept) else [kept, lost]

    def _crash(self, entries: list[Entry], calls: list[Call]) -> None:
        worker = self._worker(self._style())
        self.counts.crashes += 1
        worker.replay(entries, calls)
        if self.rng.random() < 0.12:
            worker = self._crash_again(worker)
        worker.finish()
        if worker.journal[: len(entries)] != entries:
            raise Violation("the durable prefix changed")
        self._check_end(worker)
        if self.rng.random() < 0.08:
            self._check_replay(worker)

    def _crash_again(self, worker: Worker) -> Worker:
        for _ in range(int(self.rng.random() * 12)):
            if not worker.step():
                break
        kept = worker.inflight if self.rng.random() < 0.5 else worker.durable
        return self._successor(worker, kept)

    def _successor(self, worker: Worker, kept: int) -> Worker:
        self.counts.crashes += 1
        heir = self._worker(self._style())
        heir.replay(worker.journal[:kept], worker.calls)
        return heir

    def _zombie(self) -> None:
        """The old holder goes on beside the new one: nothing it does is seen."""
        old = self._worker(self._style())
        for _ in range(int(self.rng.random() * 20)):
            old.step()
        heir = self._successor(old, old.durable)
        old.fenced = True
        seen = len(old.calls)
        for _ in range(15):
            old.step()
            heir.step()
        if len(old.calls) != seen:
            raise Violation("a fenced worker caused an effect")
        heir.finish()
        self._check_end(heir)

    def _cancel(self) -> None:
        style = self._style()
        style.cancel = 0.15
        worker = self._worker(style)
        worker.finish()
        self._check_end(worker, cancelled=True)
        self._check_replay(worker)
        formed = sum(map(len, worker.fired))
        if worker.planner.closing is None and worker.planner.state != "done":
            raise Violation("neither closed nor done")
        worker.planner.close(CloseReason.CANCELLED)
        if formed != sum(worker.planner.formed):
            raise Violation("something was formed after the end")

    # -- forks: a causally closed subset of the journal

    def _fork(self, base: Worker) -> None:
        """Keep every record of nodes that are not downstream of one, and run the rest again."""
        if self.verdict.closes or base.planner.closing is not None:
            return
        node = int(self.rng.random() * len(self.case.specs))
        self.doing = f"forked from node {node}"
        gone = {node}
        for at in self.case.order:
            if any(wire.sink == at and wire.source in gone for wire in self.case.wires):
                gone.add(at)
        kept = [entry for entry in base.journal if entry[0].node not in gone]
        worker = self._worker(self._style())
        self.counts.forks += 1
        worker.replay(kept, [])
        worker.finish()
        self._check_end(worker)

    # -- properties

    def _check_end(self, worker: Worker, *, cancelled: bool = False) -> None:
        self.counts.firings += sum(map(len, worker.fired))
        self._check_calls(worker)
        closing = worker.planner.closing
        if closing is not None and not self.verdict.closes and self.plain and not cancelled:
            if self.verdict.checked and not worker.skipped:
                raise Violation(f"closed for no reason: {closing}")
            return
        if not self.plain or worker.skipped or not self.verdict.checked:
            return
        if self.verdict.closes and closing is None and not cancelled:
            raise Violation("a failure without a taker does not close the execution")
        self.counts.compared += 1
        self._compare(worker, partial=closing is not None)
        if closing is None:
            self._check_why_not(worker)

    def _compare(self, worker: Worker, *, partial: bool) -> None:
        for node, expected in enumerate(self.verdict.fired):
            found = worker.fired[node]
            if found == expected:
                continue
            if partial:
                known = expected[: len(found)] if self.verdict.certain[node] else expected
                if not Counter(found) - Counter(known):
                    continue
            elif not self.verdict.certain[node] and Counter(found) == Counter(expected):
                continue
            raise Violation(f"node {node} fired {len(found)} times, not as the oracle says ({len(expected)} times)")

    def _check_why_not(self, worker: Worker) -> None:
        plan, verdict = self.case.plan, self.verdict
        found = worker.planner.why_not()
        if [one.node for one in found] != sorted(verdict.causes):
            raise Violation(f"why-not names {[one.node for one in found]}, the oracle {sorted(verdict.causes)}")
        for one in found:
            left = {str(plan.slots[one.node][slot]): count for slot, count in one.left}
            if left != verdict.left[one.node]:
                raise Violation(f"node {one.node} has {left} left, not {verdict.left[one.node]}")
            if (one.kind is WhyNotKind.NEVER_FIRED) != (not verdict.fired[one.node]):
                raise Violation(f"node {one.node} is {one.kind}")
            if list(one.pins) != verdict.missing[one.node]:
                raise Violation(f"node {one.node} misses {one.pins}, not {verdict.missing[one.node]}")
            node, index, reason = verdict.causes[one.node]
            cause = one.first_cause
            if (cause.node, cause.reason) != (node, reason) or index not in (None, cause.index):
                raise Violation(f"node {one.node}: cause {cause}, not {(node, index, reason)}")

    def _check_calls(self, worker: Worker) -> None:
        """At most one call per intent, and the same inputs whenever a firing with an intent is called."""
        if not worker.calls:
            return
        intents = Counter(call.seq for call in worker.calls)
        if max(intents.values()) > 1:
            raise Violation("an intent was called twice")
        inputs: dict[tuple[int, int], int] = {}
        once: Counter[tuple[int, int]] = Counter()
        for call in worker.calls:
            key = (call.node, call.index)
            if inputs.setdefault(key, call.inputs) != call.inputs:
                raise Violation(f"firing {key} was called with two different inputs")
            if type(worker.journal[call.seq][0]) is not Intent:
                raise Violation(f"firing {key} was called and its intent is not on record")
            spec = self.case.specs[call.node]
            once[key] += spec.effect == AT_MOST_ONCE and spec.role != "wait"
        if max(once.values()) > 1:
            raise Violation("an at-most-once effect happened twice")

    def _check_replay(self, worker: Worker) -> None:
        """Replay gives the same inputs of every firing; a snapshot anywhere on the way changes nothing."""
        again = self._worker(self._style())
        cut = int(self.rng.random() * (len(worker.journal) + 1))
        again.ready.clear()
        for at, entry in enumerate(worker.journal):
            if at == cut:
                again.planner = self.make(self.case.plan, again.planner.snapshot())
            again.put(entry)
        if again.fired != worker.fired:
            raise Violation("replay of the journal forms other firings")
        if again.planner.snapshot() != worker.planner.snapshot():
            raise Violation("replay of the journal ends in another state")

    def _check_items(self, worker: Worker) -> None:
        """Values that are paired agree on all items they have in common, by the journal's own account."""
        traced: dict[int, dict[tuple[int, int], tuple[int, int]]] = {}
        opened: Counter[tuple[int, int, int]] = Counter()
        pins = pins_of(worker)
        for firing in formed_in_order(worker):
            traced_items = self._items_of(firing, traced, worker)
            node, index, _ = firing
            for ref, pin in pins.get((node, index), ()):
                items = traced_items
                if pin in self.case.specs[node].many:
                    items = {**items, (node, pin): (index, opened[node, index, pin])}
                    opened[node, index, pin] += 1
                traced[ref] = items

    def _items_of(
        self,
        firing: tuple[int, int, tuple[object, ...]],
        traced: dict[int, dict[tuple[int, int], tuple[int, int]]],
        worker: Worker,
    ) -> dict[tuple[int, int], tuple[int, int]]:
        node, _, inputs = firing
        slots = self.case.plan.slots[node]
        found: dict[tuple[int, int], tuple[int, int]] = {}
        if any(slot.collecting for slot in slots):
            return found
        stems = self.verdict.stems[node]
        for slot, ref in zip(slots, inputs, strict=True):
            if slot.static or not isinstance(ref, int):
                continue
            for stream, item in traced.get(emission_of(ref), {}).items():
                common = stream in stems.get(str(slot), ())
                if common and found.get(stream, item) != item:
                    raise Violation(f"node {node} pairs items {found[stream]} and {item} of {stream}")
                if common:
                    found[stream] = item
        return found


def formed_in_order(worker: Worker) -> list[tuple[int, int, tuple[object, ...]]]:
    """Firings with an outcome, each after those that it consumed from."""
    found = [
        (record.node, record.index, record.inputs)
        for record, _ in worker.journal
        if getattr(record, "inputs", None) is not None
    ]
    depths = worker.planner.plan.depths
    return sorted(set(found), key=lambda one: (depths[one[0]], one[0], one[1]))


def pins_of(worker: Worker) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Per firing, its emissions on record as `(reference, pin)`; of several attempts, the last one's."""
    found: dict[tuple[int, int], dict[int, int]] = {}
    probe = type(worker.planner)(worker.planner.plan)
    probe.start(worker.case.given, worker.case.input_skips())
    for record, _ in worker.journal:
        if isinstance(record, Intent):
            continue
        pins = getattr(record, "pins", None) or ([record.pin] if hasattr(record, "pin") else [])
        if pins:
            first = probe.recorded(record.node, record.index)
            here = found.setdefault((record.node, record.index), {})
            for k, pin in enumerate(pins, first):
                here[(record.node << 24 | record.index) << 24 | k] = pin
        probe.apply(record)
    return {key: sorted(pins.items()) for key, pins in found.items()}
