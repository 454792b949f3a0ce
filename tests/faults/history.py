"""What clients saw: a line for each call when it begins and when it ends, and the checks that such lines allow.

A call ends `ok`, `fail` (it did nothing) or `info` (nobody knows whether it did anything). What was acknowledged must be
there for ever; what failed must not; what is unknown may be either, but never twice. Status never goes backwards.
A call of unknown outcome may take effect at any time later, so its client goes on under another name.
"""

import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tests.faults.violations import Kind, Violation
from weft.executions.types import ExecutionStatus

Outcome: TypeAlias = Literal["invoke", "ok", "fail", "info"]


@dataclass(frozen=True)
class Line:
    """One line of a history.

    Attributes:
        call: Number of the call; its beginning and its end share it.
        client: Who calls; one client does one thing after the other, and nothing after a call of unknown outcome.
        operation: `start`, `cancel`, `answer` or `look`.
        subject: The execution's id, or the request's key for a start whose id is not known yet.
        value: What the call returned, or why it failed.
    """

    call: int
    client: str
    operation: str
    outcome: Outcome
    subject: str
    value: Any = None
    monotonic_s: float = 0.0
    wall_s: float = 0.0


@dataclass
class History:
    """Writes lines into a file as they happen, and keeps them."""

    path: Path
    lines: list[Line] = field(default_factory=list)
    _calls: Iterable[int] = field(default_factory=itertools.count)
    _unknown: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def call(self, client: str, operation: str, subject: str, value: Any = None) -> Iterator["Pending"]:
        """Note a call that lasts as long as the block; one that the block leaves open, as when it is cancelled, is unknown."""
        pending = self.begin(client, operation, subject, value)
        why = "nobody waited for its end"
        try:
            yield pending
        except BaseException as error:
            why = f"it was left by {type(error).__name__}"
            raise
        finally:
            if not pending.ended:
                pending.info(why)

    def begin(self, client: str, operation: str, subject: str, value: Any = None) -> "Pending":
        """Note that a call begins; a client one of whose calls has an unknown outcome takes a name it never had."""
        unknown = self._unknown[client]
        name = f"{client} ({unknown + 1})" if unknown else client
        pending = Pending(self, next(iter(self._calls)), client, name, operation, subject)
        self.write(pending, "invoke", subject, value)
        return pending

    def write(self, pending: "Pending", outcome: Outcome, subject: str, value: Any) -> None:
        """Append one line."""
        if outcome != "invoke":
            pending.ended = True
            self._unknown[pending.person] += outcome == "info"
        line = Line(
            pending.call, pending.client, pending.operation, outcome, subject, value, time.monotonic(), time.time()
        )
        self.lines.append(line)
        with self.path.open("a") as file:
            file.write(json.dumps(line.__dict__, default=str) + "\n")


@dataclass
class Pending:
    """A call under way; one of the three ends it.

    Attributes:
        person: Whose names the client's are.
    """

    history: History
    call: int
    person: str
    client: str
    operation: str
    subject: str
    ended: bool = False

    def ok(self, value: Any = None, *, subject: str | None = None) -> None:
        """It did what it should; `subject` names what it made."""
        self.history.write(self, "ok", subject or self.subject, value)

    def fail(self, why: str) -> None:
        """It was refused and did nothing."""
        self.history.write(self, "fail", self.subject, why)

    def info(self, why: str) -> None:
        """Nobody knows."""
        self.history.write(self, "info", self.subject, why)


@dataclass(frozen=True)
class Final:
    """How an execution stands after everything: what a history is compared with."""

    id: str
    status: str
    request_key: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def check_history(lines: Iterable[Line], finals: Mapping[str, Final]) -> list[Violation]:
    """Return what the clients saw and cannot be true of any order in which their calls took effect."""
    lines = list(lines)
    found = [*_shape(lines), *_starts(lines, finals), *_looks(lines, finals)]
    return [*found, *_cancels(lines, finals), *_answers(lines, finals)]


def _shape(lines: list[Line]) -> Iterable[Violation]:
    """Each call begins once and ends at most once, after its beginning; a client does one thing at a time.

    A client whose call ended unknown does nothing any more.
    """
    begun: set[int] = set()
    busy: dict[str, int] = {}
    ended: set[int] = set()
    for line in lines:
        if line.outcome == "invoke":
            if line.call in begun or line.client in busy:
                yield Violation(Kind.HISTORY, f"client {line.client} begins call {line.call} during another one")
            begun.add(line.call)
            busy[line.client] = line.call
            continue
        if line.call not in begun or line.call in ended:
            yield Violation(Kind.HISTORY, f"call {line.call} of {line.client} ends twice, or before it began")
        ended.add(line.call)
        if line.outcome != "info":
            busy.pop(line.client, None)


def _starts(lines: list[Line], finals: Mapping[str, Final]) -> Iterable[Violation]:
    """What was accepted is there; what was refused is not; a request's key names one execution."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for final in finals.values():
        if final.request_key is not None:
            by_key[final.request_key].add(final.id)
    may: set[str] = set()
    refused: set[str] = set()
    keys = {line.call: line.subject for line in lines if line.outcome == "invoke" and line.operation == "start"}
    for line in lines:
        key = keys.get(line.call)
        if key is None or line.outcome == "invoke":
            continue
        if line.outcome == "ok":
            may.add(key)
            by_key[key].add(line.subject)
            if line.subject not in finals:
                yield Violation(Kind.LOST, f"start {key} was accepted as {line.subject}, which is not there")
        (refused if line.outcome == "fail" else may).add(key)
    for key, ids in by_key.items():
        if len(ids) > 1:
            yield Violation(Kind.TWICE, f"request {key} made {len(ids)} executions: {sorted(ids)}")
        if key in refused - may:
            yield Violation(Kind.TWICE, f"start {key} was refused, and yet there is {sorted(ids)}")


def _looks(lines: list[Line], finals: Mapping[str, Final]) -> Iterable[Violation]:
    """A status that somebody saw can still become the next one, and the last one the final one."""
    begun = {line.call: number for number, line in enumerate(lines) if line.outcome == "invoke"}
    seen: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for number, line in enumerate(lines):
        if line.operation == "look" and line.outcome == "ok":
            seen[line.subject].append((begun.get(line.call, number), number, str(line.value)))
    for id, looks in seen.items():
        for number, (_, ended, earlier) in enumerate(looks):
            later = [status for start, _, status in looks[number + 1 :] if start > ended]
            final = finals.get(id)
            for status in [*later, *([final.status] if final else [])]:
                if not _reachable(earlier, status):
                    yield Violation(Kind.HISTORY, f"{id} was seen {earlier} and later {status}")


def _reachable(earlier: str, later: str) -> bool:
    """Return whether the lifecycle leads from one status to the other, in any number of steps."""
    if earlier == later:
        return True
    known, todo = {ExecutionStatus(earlier)}, [ExecutionStatus(earlier)]
    while todo:
        one = todo.pop()
        new = {status for status in ExecutionStatus if one.may_become(status)} - known
        known |= new
        todo += new
    return ExecutionStatus(later) in known


def _cancels(lines: list[Line], finals: Mapping[str, Final]) -> Iterable[Violation]:
    """What was acknowledged as cancelled is."""
    for line in lines:
        final = finals.get(line.subject)
        status = "not there" if final is None else final.status
        if (line.operation, line.outcome, line.value) == ("cancel", "ok", "cancelled") and status != "cancelled":
            yield Violation(Kind.LOST, f"the cancel of {line.subject} was acknowledged, but it is {status}")


def _answers(lines: list[Line], finals: Mapping[str, Final]) -> Iterable[Violation]:
    """An acknowledged answer to a wait is the one that stands, unless somebody else's may have come first."""
    given: dict[tuple[str, str], list[tuple[str, Any]]] = defaultdict(list)
    said = {line.call: line.value for line in lines if line.operation == "answer" and line.outcome == "invoke"}
    for line in lines:
        if line.operation == "answer" and line.outcome in ("ok", "info") and line.call in said:
            key, data = said[line.call]
            given[line.subject, key].append((line.outcome, data))
    for (id, key), answers in given.items():
        final = finals.get(id)
        stands = None if final is None else final.answers.get(key)
        if any(outcome == "ok" for outcome, _ in answers) and stands not in [data for _, data in answers]:
            yield Violation(Kind.LOST, f"an answer to {key} of {id} was acknowledged, and {stands!r} stands")
