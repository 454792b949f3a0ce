"""What must hold after every fault, checked on a snapshot; each check returns what it finds broken."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.drills.crash_graph import AT_LEAST_ONCE, AT_MOST_ONCE
from tests.faults.snapshot import Snapshot
from tests.faults.violations import Kind, Violation
from weft.blocks.testing.record import Record
from weft.executions.types import ExecutionStatus

OPEN_OUTCOMES = ("wait", "unknown")
_LOUD = (AT_LEAST_ONCE, AT_MOST_ONCE, Record.id)


@dataclass(frozen=True)
class Expected:
    """What a row allows beside the rule.

    Attributes:
        accepted: The executions that clients were told of.
        ends: How they may end.
        reconnects: Workers may have made new connections, so a session does not stand for a worker.
    """

    accepted: Collection[str] = ()
    ends: Collection[str] = ("completed",)
    reconnects: bool = False
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What each accepted execution put out."""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    """What it would have put out without any fault."""


def check_snapshot(seen: Snapshot, expected: Expected) -> list[Violation]:
    """Return every promise that is broken, in no order."""
    return [
        *_ends(seen, expected),
        *_journals(seen),
        *_commits(seen),
        *_zombies(seen, expected),
        *_order(seen),
        *_outputs(seen, expected),
        *_effects(seen),
        *_statuses(seen),
        *(Violation(Kind.LEFT_OVER, sentence) for sentence in seen.left_over),
    ]


def _ends(seen: Snapshot, expected: Expected) -> Iterable[Violation]:
    for id in expected.accepted:
        execution = seen.executions.get(id)
        if execution is None:
            yield Violation(Kind.LOST, f"{id} was accepted and is not there")
    for execution in seen.executions.values():
        if not ExecutionStatus(execution.status).is_terminal():
            yield Violation(Kind.STUCK, f"{execution.id} is {execution.status} for ever")
        elif execution.parent_id is None and execution.status not in expected.ends:
            yield Violation(Kind.LOST, f"{execution.id} ended {execution.status}: {execution.error}")


def _journals(seen: Snapshot) -> Iterable[Violation]:
    """Numbers run from one to the last one, each once."""
    for id, execution in seen.executions.items():
        numbers = sorted(seen.journal.get(id, ()))
        if numbers != list(range(1, execution.seq + 1)):
            missing = sorted(set(range(1, execution.seq + 1)) - set(numbers))
            doubled = [number for number, count in Counter(numbers).items() if count > 1]
            beyond = [number for number in numbers if number > execution.seq]
            where = f"missing {missing[:5]}, doubled {doubled[:5]}, beyond its end {beyond[:5]}"
            yield Violation(Kind.JOURNAL, f"the journal of {id} with {execution.seq} records has gaps: {where}")


def _commits(seen: Snapshot) -> Iterable[Violation]:
    """Who has ended does not end again; writing the very same record again after a lost answer is no second end."""
    for write in seen.writes:
        if write.was is not None and write.was not in OPEN_OUTCOMES and write.seq_was != write.seq_end:
            yield Violation(
                Kind.TWICE, f"{write.spot} ended {write.was} at {write.seq_was} and {write.outcome} at {write.seq_end}"
            )
    ends: Counter[str] = Counter()
    for step in seen.steps:
        if step.was is not None and step.was != step.status and ExecutionStatus(step.status).is_terminal():
            ends[step.execution] += 1
    yield from (Violation(Kind.TWICE, f"{id} ended {count} times") for id, count in ends.items() if count > 1)


def _zombies(seen: Snapshot, expected: Expected) -> Iterable[Violation]:
    """A worker writes through one session; a second one that writes what it owns is somebody else's."""
    if expected.reconnects:
        return
    sessions: dict[int, set[int]] = defaultdict(set)
    for write in seen.writes:
        if write.worker is not None:
            sessions[write.worker].add(write.backend)
    for worker, backends in sessions.items():
        if len(backends) > 1:
            yield Violation(Kind.ZOMBIE, f"{len(backends)} sessions wrote what worker {worker} owned")


def _order(seen: Snapshot) -> Iterable[Violation]:
    """What a firing consumed was on record before it ended."""
    for firing in seen.firings.values():
        for source, seq in zip(firing.consumed, firing.consumed_seqs, strict=True):
            given = seen.blocks.get(source[:2], "").startswith("input.")  # stands in the request, not in the journal
            if not given and (seq is None or seq >= firing.seq_end):
                yield Violation(Kind.ORDER, f"{firing.spot} consumed {source}, which the journal does not show before")


def _outputs(seen: Snapshot, expected: Expected) -> Iterable[Violation]:
    for id, outputs in expected.outputs.items():
        execution = seen.executions.get(id)
        if execution is not None and execution.status == "completed" and outputs != expected.wanted[id]:
            yield Violation(Kind.OUTPUT, f"{id} put out {outputs!r}, not {expected.wanted[id]!r}")


def _effects(seen: Snapshot) -> Iterable[Violation]:
    """A committed effect has left its line; under one key if it may be repeated, and never twice if it may not."""
    for spot, firing in seen.firings.items():
        if seen.blocks.get(spot[:2]) in _LOUD and firing.outcome == "ok" and not seen.lines.get(spot):
            yield Violation(Kind.EFFECT, f"{spot} is committed and has left no line")
    for spot, keys in seen.lines.items():
        block = seen.blocks.get(spot[:2])
        if block is None:
            yield Violation(Kind.EFFECT, f"{spot} has left a line and belongs to no execution that is there")
        if block == AT_LEAST_ONCE and len(set(keys)) > 1:
            yield Violation(Kind.EFFECT, f"{spot} has an effect under {len(set(keys))} keys")
        if block == AT_MOST_ONCE and len(keys) > 1:
            yield Violation(Kind.EFFECT, f"{spot} has an effect that may happen once {len(keys)} times")


def _statuses(seen: Snapshot) -> Iterable[Violation]:
    """Each noted change of status is a step of the lifecycle, and begins where the one before ended."""
    last: dict[str, str] = {}
    for step in seen.steps:
        before = last.get(step.execution)
        if step.was != before:
            yield Violation(Kind.STATUS, f"{step.execution} went from {step.was}, but was {before}")
        if step.was not in (None, step.status) and step.status not in _steps_from(str(step.was)):
            yield Violation(Kind.STATUS, f"{step.execution} went from {step.was} to {step.status}")
        last[step.execution] = step.status


def _steps_from(status: str) -> set[str]:
    return {str(later) for later in ExecutionStatus if ExecutionStatus(status).may_become(later)}
