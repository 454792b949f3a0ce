"""Values that wait at a node for their partners, one class per way of forming firings.

Each `add` puts what became complete on `ready`: inputs by position of the slots, and the items that the
firing carries on. Pools are unbounded on purpose: a bound makes streams into a zip deadlock.
"""

from collections import deque
from typing import Protocol, TypeAlias

from typing_extensions import override

from weft.executions.planning.holders import Holders
from weft.executions.planning.model import Mode, Plan, Stage
from weft.executions.planning.refs import Collected, Inputs, Ref, Run, append_run

Items: TypeAlias = tuple[int, ...]
"""Items of streams, by position of a layout; an item is `firing << 24 | j`."""

Ready: TypeAlias = list[tuple[Inputs, Items | None]]
Partial: TypeAlias = tuple[tuple[Ref, ...], Items]

_NOTHING = -1


class Pool(Protocol):
    """Values waiting at one node."""

    def add(self, slot: int, lane: int, ref: Ref, items: Items | None, ready: Ready) -> None:
        """Take a value that was delivered to `slot` by its link number `lane`."""

    def left(self) -> dict[int, int]:
        """Return how many values wait, by slot; slots without any are absent, lent values do not count."""

    def holds(self, slot: int) -> bool:
        """Return whether the slot has a value, lent ones too."""


class ZipPool(Pool):
    """First in, first out for each consuming slot; static slots lend their latest."""

    __slots__ = ("_holders", "lacking", "latest", "queues")

    def __init__(self, plan: Plan, node: int, holders: Holders) -> None:
        lends = plan.lends[node]
        self._holders = holders
        count = len(plan.slots[node])
        self.queues: list[deque[Ref] | None] = [None if at in lends else deque() for at in range(count)]
        self.latest: list[Ref] = [_NOTHING] * count
        self.lacking = count

    @override
    def add(self, slot: int, lane: int, ref: Ref, items: Items | None, ready: Ready) -> None:
        queue = self.queues[slot]
        if queue is None:
            if self._lend(slot, ref):
                return
        else:
            queue.append(ref)
            if len(queue) > 1:
                return
        self.lacking -= 1
        while not self.lacking:
            ready.append((self._take(), None))

    def _lend(self, slot: int, ref: Ref) -> bool:
        """Replace the lent value; return whether there was one."""
        before = self.latest[slot]
        self.latest[slot] = ref
        if before == _NOTHING:
            return False
        self._holders.drop(before)
        return True

    def _take(self) -> Inputs:
        inputs = []
        for slot, queue in enumerate(self.queues):
            if queue is None:
                ref = self.latest[slot]
                self._holders.retain(ref)
            else:
                ref = queue.popleft()
                if not queue:
                    self.lacking += 1
            inputs.append(ref)
        return tuple(inputs)

    @override
    def left(self) -> dict[int, int]:
        return {slot: len(queue) for slot, queue in enumerate(self.queues) if queue}

    @override
    def holds(self, slot: int) -> bool:
        return bool(self.queues[slot]) or self.latest[slot] != _NOTHING


class JoinPool(Pool):
    """Slots paired by item; complete pairs, other slots and lent values meet first in, first out."""

    __slots__ = ("_classes", "_holders", "_inherit", "_places", "lacking", "latest", "ready", "sides")

    def __init__(self, plan: Plan, node: int, holders: Holders) -> None:
        self._holders = holders
        self._classes = plan.classes[node]
        self._places = plan.class_of[node]
        self._inherit = plan.inherit[node]
        self.ready: list[deque[Partial]] = [deque() for _ in self._classes]
        self.sides: list[list[tuple[dict[Items, deque[Partial]], dict[Items, deque[Partial]]]]] = [
            [({}, {}) for _ in one.stages] for one in self._classes
        ]
        self.latest: dict[int, Ref] = dict.fromkeys(plan.lends[node], _NOTHING)
        self.lacking = len(self._classes) + len(self.latest)

    @override
    def add(self, slot: int, lane: int, ref: Ref, items: Items | None, ready: Ready) -> None:
        which, position = self._places[slot]
        if which < 0:
            before, self.latest[slot] = self.latest[slot], ref
            if before != _NOTHING:
                self._holders.drop(before)
                return
        else:
            complete = self._meet(which, position, ((ref,), items or ()))
            if complete is None:
                return
            queue = self.ready[which]
            queue.append(complete)
            if len(queue) > 1:
                return
        self.lacking -= 1
        while not self.lacking:
            ready.append(self._take())

    def _meet(self, which: int, position: int, value: Partial) -> Partial | None:
        """Walk a value through the stages of its class; return the tuple it completes, if any."""
        stages = self._classes[which].stages
        at = position - 1 if position else 0
        from_left = not position
        while at < len(stages):
            stage, sides = stages[at], self.sides[which][at]
            key = _project(value[1], stage.left if from_left else stage.right)
            mine, others = sides if from_left else (sides[1], sides[0])
            partners = others.get(key)
            if partners is None:
                waiting = mine.get(key)
                if waiting is None:
                    mine[key] = deque((value,))
                else:
                    waiting.append(value)
                return None
            partner = partners.popleft()
            if not partners:
                del others[key]
            value = _pair(value, partner, stage) if from_left else _pair(partner, value, stage)
            from_left = True
            at += 1
        return value

    def _take(self) -> tuple[Inputs, Items | None]:
        inputs: list[Ref] = [_NOTHING] * len(self._places)
        taken = []
        for one, queue in zip(self._classes, self.ready, strict=True):
            refs, items = queue.popleft()
            if not queue:
                self.lacking += 1
            taken.append(items)
            for slot, ref in zip(one.slots, refs, strict=True):
                inputs[slot] = ref
        for slot, ref in self.latest.items():
            self._holders.retain(ref)
            inputs[slot] = ref
        inherited = self._inherit
        return tuple(inputs), tuple([taken[which][at] for which, at in inherited]) if inherited else None

    @override
    def left(self) -> dict[int, int]:
        counts: dict[int, int] = {}
        for which, one in enumerate(self._classes):
            for position, slot in enumerate(one.slots):
                count = len(self.ready[which])
                for at in range(len(one.stages)):
                    left, right = self.sides[which][at]
                    if position <= at:
                        count += sum(map(len, left.values()))
                    elif position == at + 1:
                        count += sum(map(len, right.values()))
                if count:
                    counts[slot] = count
        return dict(sorted(counts.items()))

    @override
    def holds(self, slot: int) -> bool:
        return self.latest.get(slot, _NOTHING) != _NOTHING or slot in self.left()


def _project(items: Items, positions: tuple[int, ...]) -> Items:
    if len(positions) == 1:
        return (items[positions[0]],)
    return tuple([items[at] for at in positions])


def _pair(left: Partial, right: Partial, stage: Stage) -> Partial:
    items = left[1] + tuple([right[1][at] for at in stage.extra]) if stage.extra else left[1]
    return left[0] + right[0], items


class StaticPool(Pool):
    """Only static slots: firing k takes the k-th value of each; a slot that gets no more lends its last."""

    __slots__ = ("_holders", "blocked", "fresh", "last", "sources")

    def __init__(self, plan: Plan, node: int, holders: Holders) -> None:
        slots = plan.slots[node]
        self._holders = holders
        self.fresh: list[deque[Ref]] = [deque() for _ in slots]
        self.last: list[Ref] = [_NOTHING] * len(slots)
        self.sources = [len(slot.links) for slot in slots]
        self.blocked = len(slots)

    @override
    def add(self, slot: int, lane: int, ref: Ref, items: Items | None, ready: Ready) -> None:
        self.fresh[slot].append(ref)
        if len(self.fresh[slot]) == 1:
            self.blocked -= 1
            self._take(ready)

    def source_quiet(self, slot: int, ready: Ready) -> None:
        """One link of the slot brings no more."""
        self.sources[slot] -= 1
        if not self.sources[slot] and not self.fresh[slot] and self.last[slot] != _NOTHING:
            self.blocked -= 1
            self._take(ready)

    def _take(self, ready: Ready) -> None:
        while not self.blocked and any(self.fresh):
            for slot, fresh in enumerate(self.fresh):
                if fresh:
                    if self.last[slot] != _NOTHING:
                        self._holders.drop(self.last[slot])
                    self.last[slot] = fresh.popleft()
                    if not fresh and self.sources[slot]:
                        self.blocked += 1
                self._holders.retain(self.last[slot])
            ready.append((tuple(self.last), None))

    @override
    def left(self) -> dict[int, int]:
        return {slot: len(fresh) for slot, fresh in enumerate(self.fresh) if fresh}

    @override
    def holds(self, slot: int) -> bool:
        return bool(self.fresh[slot]) or self.last[slot] != _NOTHING


class CollectPool(Pool):
    """All that collecting slots were brought, by link; other slots keep their values or lend their latest."""

    __slots__ = ("_holders", "latest", "queues", "runs")

    def __init__(self, plan: Plan, node: int, holders: Holders) -> None:
        slots = plan.slots[node]
        self._holders = holders
        self.runs: dict[int, list[list[Run]]] = {
            at: [[] for _ in slot.links] for at, slot in enumerate(slots) if slot.collecting
        }
        self.latest: dict[int, Ref] = dict.fromkeys(plan.lends[node], _NOTHING)
        self.queues: dict[int, deque[Ref]] = {
            at: deque() for at in range(len(slots)) if at not in self.runs and at not in self.latest
        }

    @override
    def add(self, slot: int, lane: int, ref: Ref, items: Items | None, ready: Ready) -> None:
        if slot in self.runs:
            append_run(self.runs[slot][lane], ref)
        elif slot in self.queues:
            self.queues[slot].append(ref)
        else:
            before, self.latest[slot] = self.latest[slot], ref
            if before != _NOTHING:
                self._holders.drop(before)

    def collect(self) -> Inputs:
        """Return the one firing's inputs; slots that do not collect must hold a value."""
        inputs: dict[int, Ref | Collected] = {}
        for slot, lanes in self.runs.items():
            inputs[slot] = Collected(tuple((run[0], run[1], run[2]) for runs in lanes for run in runs))
            lanes[:] = [[] for _ in lanes]
        for slot, queue in self.queues.items():
            inputs[slot] = queue.popleft()
        for slot, ref in self.latest.items():
            self._holders.retain(ref)
            inputs[slot] = ref
        return tuple(inputs[slot] for slot in sorted(inputs))

    @override
    def left(self) -> dict[int, int]:
        counts = {slot: len(queue) for slot, queue in self.queues.items() if queue}
        for slot, lanes in self.runs.items():
            count = sum(run[2] for runs in lanes for run in runs)
            if count:
                counts[slot] = count
        return dict(sorted(counts.items()))

    @override
    def holds(self, slot: int) -> bool:
        return self.latest.get(slot, _NOTHING) != _NOTHING or slot in self.left()


def make_pool(plan: Plan, node: int, holders: Holders) -> ZipPool | JoinPool | StaticPool | CollectPool:
    """Return an empty pool for a node that has more than one slot, or a collecting one."""
    match plan.modes[node]:
        case Mode.ZIP:
            return ZipPool(plan, node, holders)
        case Mode.JOIN:
            return JoinPool(plan, node, holders)
        case Mode.ALL_STATIC:
            return StaticPool(plan, node, holders)
        case _:
            return CollectPool(plan, node, holders)
