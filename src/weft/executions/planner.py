"""Decide what fires: the rules of execution as a pure, synchronous state machine.

No I/O, no clock, no randomness, no values: the planner sees references. Live running and replay take the
same path, so that recovery is replay; every method's result depends only on the calls before it. Methods
return the firings that were formed, in order; the caller runs them in any order and reports back.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from weft.errors import LimitExceeded
from weft.executions.planning import snapshots
from weft.executions.planning.delivery import PIN_BITS, Firing, Progress
from weft.executions.planning.errors import Diverged
from weft.executions.planning.model import Plan
from weft.executions.planning.refs import EMISSION_BITS, INDEX_BITS, MAX_EMISSIONS, Inputs
from weft.executions.planning.standing import Closing, Standing, State
from weft.executions.planning.whynot import WhyNot, explain
from weft.executions.records import (
    Answered,
    Closed,
    CloseReason,
    Completed,
    Emitted,
    Finished,
    Outcome,
    Record,
    Reset,
    Waiting,
)

__all__ = ["Closing", "Diverged", "Firing", "Planner", "State", "WhyNot"]

_NOTHING: Mapping[int, int] = MappingProxyType({})
_ENDS_WITH_ERROR = (Outcome.ERROR, Outcome.TIMEOUT)


class Planner(Standing):
    """The state of one execution; built from a plan, fed with what happened.

    What can be asked of it stands in `Standing`.
    """

    __slots__ = ("_mishaps",)

    def __init__(self, plan: Plan, snapshot: bytes | None = None) -> None:
        super().__init__(plan)
        self._mishaps: dict[int, tuple[int, str]] = {}
        if snapshot is not None:
            self._restore(snapshots.load(self, snapshot))

    def start(self, inputs: Collection[int], skips: Mapping[int, int] = _NOTHING) -> list[Firing]:
        """Begin; `inputs` are the INPUT nodes that hold a value, which is named `(node, 0, 0)`.

        `skips` has, by INPUT node, a bit for each route whose optional path leads nowhere in the value.
        To be called once, also before a replay, with the same inputs; not after restoring a snapshot.
        """
        out: list[Firing] = []
        self._begin(frozenset(inputs), skips, out)
        return out

    def emitted(self, node: int, index: int, pin: int, skip_routes: int = 0) -> list[Firing]:
        """Take an emission of a running firing.

        Args:
            node: The node's number.
            index: The firing's index.
            pin: The output pin's number.
            skip_routes: A bit for each route, by its order, that delivers nothing: an optional path led
                nowhere.

        Raises:
            Diverged: The firing is not open; nothing was changed.
            LimitExceeded: The firing emits more values than references can name.
        """
        key, progress = self._begun(node, index)
        if progress.count >= MAX_EMISSIONS:
            raise LimitExceeded(f"firing {index} of node {node} would emit more than {MAX_EMISSIONS} values")
        progress.count += 1
        out: list[Firing] = []
        if self.closing is None:
            progress.pending.append(pin | skip_routes << PIN_BITS)
            if self.plan.replayable[node]:
                progress.safe = progress.count
                if index == self.settled[node] or not self.plan.ordered[node]:
                    self._flush(key, progress, out)
        return out

    def completed(
        self,
        node: int,
        index: int,
        pins: Sequence[int],
        outcome: Outcome = Outcome.OK,
        skips: Sequence[int] = (),
    ) -> list[Firing]:
        """Take all further emissions of a firing and its end at once: `emitted` for each, then `finished`."""
        key = node << INDEX_BITS | index
        plan = self.plan
        if (
            outcome is not Outcome.OK
            or index != self.settled[node]
            or skips
            or key in self.progress
            or self.closing is not None
            or len(pins) >= MAX_EMISSIONS
        ):
            return self._completed_slowly(node, index, pins, outcome, skips)
        firing = self.firings.pop(key, None)
        if firing is None:
            raise self._unknown(node, index)
        out: list[Firing] = []
        fanouts = plan.fanouts[node]
        opened: dict[int, int] = {}
        for k, pin in enumerate(pins):
            sinks = fanouts[pin]
            if sinks is None:
                self._deliver(key, k, pin, opened, out)
                continue
            ref = key << EMISSION_BITS | k
            if len(sinks) != 1:
                self.holders.share(ref, len(sinks))
            for sink in sinks:
                self._form(sink, (ref,), None, out)
        self.items.pop(key, None)
        self.settled[node] = index + 1
        self._release(firing)
        if self.progress:
            self._advance(node, out)
        if plan.watched[node]:
            self._check_quiet(node, out)
        return out

    def _completed_slowly(
        self, node: int, index: int, pins: Sequence[int], outcome: Outcome, skips: Sequence[int]
    ) -> list[Firing]:
        out: list[Firing] = []
        for at, pin in enumerate(pins):
            out += self.emitted(node, index, pin, skips[at] if skips else 0)
        out += self.finished(node, index, outcome)
        return out

    def finished(self, node: int, index: int, outcome: Outcome) -> list[Firing]:
        """Take the end of a firing.

        An `ERROR` delivers the error value as the firing's next emission, on pin `error`. Without a link
        there, as with `FAILED`, the execution closes. `WAIT` is `waiting`; `UNKNOWN` waits for a person
        unless the execution is closing.

        Raises:
            Diverged: The firing is not open; nothing was changed.
        """
        if outcome is Outcome.WAIT:
            return self.waiting(node, index)
        key, progress = self._begun(node, index)
        if outcome is Outcome.UNKNOWN and self.closing is None:
            self._waiting.add(key)
            return []
        self._release(self.firings.pop(key))
        self._waiting.discard(key)
        out: list[Firing] = []
        if self.closing is None:
            self._conclude(node, index, progress, outcome)
        if self.closing is not None:
            del self.progress[key]
            self.items.pop(key, None)
            return out
        progress.ended = True
        if self.plan.ordered[node]:
            self._advance(node, out)
        else:
            self._settle(key, progress, out)
        self._check_quiet(node, out)
        return out

    def _conclude(self, node: int, index: int, progress: Progress, outcome: Outcome) -> None:
        """Decide what of an ended firing stands."""
        if outcome is Outcome.OK:
            progress.safe = progress.count
            return
        if index < self._mishaps.get(node, (index + 1, ""))[0]:
            self._mishaps[node] = (index, outcome.value)
        del progress.pending[progress.safe - progress.sent :]
        if outcome in _ENDS_WITH_ERROR and self.plan.error_linked[node]:
            progress.error = progress.count
        elif outcome is not Outcome.SKIPPED:
            self.closing = Closing(CloseReason.FAILED, node, index)

    def reset(self, node: int, index: int) -> int:
        """Begin a new attempt; return how many emissions of the present part are on record and stand.

        A replayable firing will emit them again: the caller compares and drops them, and reports only later
        ones. Of others, all that was emitted since the last wait is void, and the result is 0.

        Raises:
            Diverged: The firing is not open; nothing was changed.
        """
        key = self._known(node, index)
        progress = self.progress.get(key)
        if progress is None:
            return 0
        if self.plan.replayable[node]:
            return progress.count - progress.base
        del progress.pending[progress.safe - progress.sent :]
        progress.count = progress.safe
        return 0

    def waiting(self, node: int, index: int) -> list[Firing]:
        """Take that a firing waits: what it emitted so far stands, and is delivered in its turn.

        Raises:
            Diverged: The firing is not open; nothing was changed.
        """
        key, progress = self._begun(node, index)
        self._waiting.add(key)
        progress.safe = progress.base = progress.count
        out: list[Firing] = []
        if self.closing is None and (index == self.settled[node] or not self.plan.ordered[node]):
            self._flush(key, progress, out)
        return out

    def answered(self, node: int, index: int) -> None:
        """Take that a waiting firing goes on; it continues with the answer, not from its beginning.

        Raises:
            Diverged: The firing is not open; nothing was changed.
        """
        self._waiting.discard(self._known(node, index))

    def close(self, reason: CloseReason) -> None:
        """Form and deliver nothing more; the first reason on record stands."""
        if self.closing is None:
            self.closing = Closing(reason)

    def apply(self, record: Record) -> list[Firing]:
        """Take a record of the journal: the method of its name, after its inputs were compared.

        Raises:
            Diverged: The record's firing is not open, or has other inputs; nothing was changed.
        """
        match record:
            case Completed():
                self._compare(record.node, record.index, record.inputs)
                return self.completed(record.node, record.index, record.pins, record.outcome, record.skips)
            case Emitted():
                return self.emitted(record.node, record.index, record.pin, record.skip)
            case Finished():
                self._compare(record.node, record.index, record.inputs)
                return self.finished(record.node, record.index, record.outcome)
            case Waiting():
                self._compare(record.node, record.index, record.inputs)
                return self.waiting(record.node, record.index)
            case Reset():
                self.reset(record.node, record.index)
            case Answered():
                self.answered(record.node, record.index)
            case Closed():
                self.close(record.reason)
        return []

    def why_not(self) -> list[WhyNot]:
        """Return the nodes that never fired or have values left, by position, each with its first cause."""
        return explain(self, self._mishaps, self._waiting, closed=self.closing is not None)

    def snapshot(self) -> bytes:
        """Return the state, but for releasable values: a planner restored from it goes on as this one."""
        closing = [*self.closing] if self.closing is not None else None
        mishaps = [[node, *mishap] for node, mishap in self._mishaps.items()]
        return snapshots.dump(self, {"closing": closing, "waiting": sorted(self._waiting), "mishaps": mishaps})

    def _restore(self, data: dict[str, Any]) -> None:
        if data["closing"] is not None:
            reason, node, index = data["closing"]
            self.closing = Closing(CloseReason(reason), node, index)
        self._waiting = set(data["waiting"])
        self._mishaps = {node: (index, outcome) for node, index, outcome in data["mishaps"]}

    def _begun(self, node: int, index: int) -> tuple[int, Progress]:
        key = self._known(node, index)
        progress = self.progress.get(key)
        if progress is None:
            progress = self.progress[key] = Progress()
        return key, progress

    def _release(self, firing: Firing) -> None:
        if self.plan.simple[firing.node]:
            self.holders.released += firing.inputs  # type: ignore[arg-type]  # simple: references only
        else:
            self.holders.drop_inputs(firing.inputs)

    def _compare(self, node: int, index: int, inputs: Inputs | None) -> None:
        firing = self.firings.get(node << INDEX_BITS | index)
        if firing is None:
            raise self._unknown(node, index)
        if inputs is not None and firing.inputs != inputs:
            raise Diverged(
                f"firing {index} of node {node} was recorded with other inputs than the rules give",
                node=node,
                index=index,
            )
