"""Planners with one rule broken each: the simulator must find every one, or it proves nothing.

The bugs are planted by overriding; the planner itself knows nothing of them.
"""

from collections.abc import Sequence
from dataclasses import replace

from weft.executions.planner import Firing, Planner
from weft.executions.planning.delivery import Progress
from weft.executions.planning.model import Mode, Plan
from weft.executions.planning.pools import CollectPool, JoinPool, StaticPool, ZipPool
from weft.executions.planning.refs import Inputs
from weft.executions.records import CloseReason, Outcome


class StaticReadLate(Planner):
    """A static value is read when the firing ends, not bound when it is formed (rules 10, 14)."""

    def _deliver(self, key: int, k: int, entry: int, opened: dict[int, int], out: list[Firing]) -> None:
        super()._deliver(key, k, entry, opened, out)
        for open_key, firing in self.firings.items():
            pool = self.pools.get(firing.node)
            if isinstance(pool, ZipPool):
                late = tuple(
                    latest if queue is None else ref
                    for ref, queue, latest in zip(firing.inputs, pool.queues, pool.latest, strict=True)
                )
                self.firings[open_key] = firing._replace(inputs=late)


class CompletionOrder(Planner):
    """Firings deliver as they end, not in the order in which they were formed (rule 11)."""

    def __init__(self, plan: Plan, snapshot: bytes | None = None) -> None:
        super().__init__(replace(plan, ordered=(False,) * len(plan.ordered)), snapshot)

    def completed(
        self,
        node: int,
        index: int,
        pins: Sequence[int],
        outcome: Outcome = Outcome.OK,
        skips: Sequence[int] = (),
    ) -> list[Firing]:
        return self._completed_slowly(node, index, pins, outcome, skips)


class ZipByCount(Planner):
    """Slots that stem from one stream are paired by position, not by item (rule 12)."""

    def __init__(self, plan: Plan, snapshot: bytes | None = None) -> None:
        modes = bytes(Mode.ZIP if mode == Mode.JOIN else mode for mode in plan.modes)
        routes = tuple(
            tuple(tuple(route._replace(carry=None) for route in pin) for pin in pins) for pins in plan.routes
        )
        opens = tuple((False,) * len(pins) for pins in plan.opens)
        super().__init__(replace(plan, modes=modes, routes=routes, opens=opens), snapshot)


class NoDedupe(Planner):
    """After a restart, what a replayable firing emits again counts again (rule 17)."""

    def reset(self, node: int, index: int) -> int:
        super().reset(node, index)
        return 0


class NoReset(Planner):
    """What an abandoned attempt emitted is delivered with the next one's emissions (rule 17)."""

    def reset(self, node: int, index: int) -> int:
        return super().reset(node, index) if self.plan.replayable[node] else 0


class EagerEffects(Planner):
    """Blocks that are not replayable deliver while they run (rule 17)."""

    def emitted(self, node: int, index: int, pin: int, skip_routes: int = 0) -> list[Firing]:
        out = super().emitted(node, index, pin, skip_routes)
        progress = self.progress[self.key(node, index)]
        if self.closing is None:
            progress.safe = progress.count
            if index == self.settled[node] or not self.plan.ordered[node]:
                self._flush(self.key(node, index), progress, out)
        return out


class QuietTooSoon(Planner):
    """A node counts as quiet when the first source of each slot is (rule 24)."""

    def __init__(self, plan: Plan, snapshot: bytes | None = None) -> None:
        sources = tuple(len(slots) for slots in plan.slots)
        super().__init__(replace(plan, sources=sources), snapshot)

    def _collect(self, node: int, out: list[Firing]) -> None:
        if not self.formed[node]:
            super()._collect(node, out)


class BranchIsEmptyStream(Planner):
    """A collecting node also fires for a branch that was not taken (rule 26)."""

    def _slot_opened(self, node: int, slot: int) -> bool:
        return True


class EmptyStreamIsBranch(Planner):
    """A collecting node never fires for an empty stream (rule 26)."""

    def _slot_opened(self, node: int, slot: int) -> bool:
        return False


class HeldStandOnFailure(Planner):
    """What a failed firing had emitted is delivered although it was held (rule 18)."""

    def _conclude(self, node: int, index: int, progress: Progress, outcome: Outcome) -> None:
        progress.safe = progress.count
        super()._conclude(node, index, progress, outcome)


class WaitTakesBack(Planner):
    """A wait is no commit point: what was emitted before it is void with the next attempt (rule 17)."""

    def waiting(self, node: int, index: int) -> list[Firing]:
        key = self.key(node, index)
        before = self.progress.get(key)
        safe = before.safe if before else 0
        held = bool(before) and not self.plan.replayable[node]
        if not held:
            return super().waiting(node, index)
        self._waiting.add(key)
        assert before is not None
        before.safe = safe
        return []


class CollectByArrival(Planner):
    """A collecting slot keeps the order of arrival instead of the order of its links (rule 25)."""

    def pool(self, node: int) -> ZipPool | JoinPool | StaticPool | CollectPool:
        if node not in self.pools and self.plan.modes[node] == Mode.COLLECT:
            self.pools[node] = _OneLane(self.plan, node, self.holders)
        return super().pool(node)


class _OneLane(CollectPool):
    __slots__ = ()

    def add(
        self,
        slot: int,
        lane: int,
        ref: int,
        items: tuple[int, ...] | None,
        ready: list[tuple[Inputs, tuple[int, ...] | None]],
    ) -> None:
        super().add(slot, 0, ref, items, ready)


class GoesOnAfterFailure(Planner):
    """A failure nobody takes does not close the execution (rule 29)."""

    def _conclude(self, node: int, index: int, progress: Progress, outcome: Outcome) -> None:
        super()._conclude(node, index, progress, outcome)
        if self.closing is not None and self.closing.reason is CloseReason.FAILED:
            self.closing = None


class LatestOnArrival(Planner):
    """A node of static slots fires with the latest values whenever one arrives (rule 15)."""

    def pool(self, node: int) -> ZipPool | JoinPool | StaticPool | CollectPool:
        if node not in self.pools and self.plan.modes[node] == Mode.ALL_STATIC:
            self.pools[node] = _Latest(self.plan, node, self.holders)
        return super().pool(node)


class _Latest(StaticPool):
    __slots__ = ()

    def add(
        self,
        slot: int,
        lane: int,
        ref: int,
        items: tuple[int, ...] | None,
        ready: list[tuple[Inputs, tuple[int, ...] | None]],
    ) -> None:
        self.last[slot] = ref
        if min(self.last) >= 0:
            ready.append((tuple(self.last), None))

    def source_quiet(self, slot: int, ready: list[tuple[Inputs, tuple[int, ...] | None]]) -> None:
        self.sources[slot] -= 1


class SnapshotForgets(Planner):
    """A snapshot leaves out what running firings have on record (rule 39)."""

    def __init__(self, plan: Plan, snapshot: bytes | None = None) -> None:
        super().__init__(plan, snapshot)
        if snapshot is not None:
            self.progress.clear()


MUTANTS: tuple[type[Planner], ...] = (
    StaticReadLate,
    CompletionOrder,
    ZipByCount,
    NoDedupe,
    NoReset,
    EagerEffects,
    QuietTooSoon,
    BranchIsEmptyStream,
    EmptyStreamIsBranch,
    HeldStandOnFailure,
    WaitTakesBack,
    CollectByArrival,
    GoesOnAfterFailure,
    LatestOnArrival,
    SnapshotForgets,
)
