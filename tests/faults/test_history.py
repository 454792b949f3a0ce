"""The checks of the fault matrix find what is planted: a run that found nothing proves nothing by itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.drills.crash_graph import AT_LEAST_ONCE, AT_MOST_ONCE
from tests.faults.history import Final, History, Line, check_history
from tests.faults.invariants import Expected, check_snapshot
from tests.faults.snapshot import ExecutionSeen, FiringSeen, Snapshot, Step, Write
from tests.faults.violations import Kind

TELL, ONCE = ("one", "tell", 0), ("one", "once", 0)
WORKER, OTHER = 11, 12
HEALTHY = Snapshot(
    executions={"one": ExecutionSeen("one", "completed", 4)},
    firings={
        TELL: FiringSeen(TELL, "ok", 2),
        ONCE: FiringSeen(ONCE, "ok", 4, consumed=(TELL,), consumed_seqs=(1,)),
    },
    journal={"one": [1, 2, 3, 4]},
    steps=[
        Step("one", None, "queued", 0, None, 1.0),
        Step("one", "queued", "running", 1, WORKER, 2.0),
        Step("one", "running", "completed", 1, None, 3.0),
    ],
    writes=[Write(TELL, None, "ok", None, 2, WORKER, 7), Write(ONCE, None, "ok", None, 4, WORKER, 7)],
    lines={TELL: ["k", "k"], ONCE: ["l"]},
    blocks={("one", "tell"): AT_LEAST_ONCE, ("one", "once"): AT_MOST_ONCE},
)
EXPECTED = Expected(accepted=["one"], outputs={"one": {"y": [1]}}, wanted={"one": {"y": [1]}})


def kinds_of(seen: Snapshot, expected: Expected = EXPECTED) -> set[Kind]:
    return {violation.kind for violation in check_snapshot(seen, expected)}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert check_snapshot(HEALTHY, EXPECTED) == []


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (replace(HEALTHY, executions={}), Kind.LOST),
        (replace(HEALTHY, executions={"one": ExecutionSeen("one", "failed", 4)}), Kind.LOST),
        (replace(HEALTHY, executions={"one": ExecutionSeen("one", "running", 4)}), Kind.STUCK),
        (replace(HEALTHY, journal={"one": [1, 2, 4]}), Kind.JOURNAL),
        (replace(HEALTHY, journal={"one": [1, 2, 2, 3, 4]}), Kind.JOURNAL),
        (replace(HEALTHY, journal={"one": [1, 2, 3, 4, 5]}), Kind.JOURNAL),
        (replace(HEALTHY, writes=[*HEALTHY.writes, Write(TELL, "ok", "ok", 2, 9, WORKER, 7)]), Kind.TWICE),
        (
            replace(HEALTHY, steps=[*HEALTHY.steps, Step("one", "running", "failed", 1, None, 4.0)]),
            Kind.TWICE,
        ),
        (replace(HEALTHY, writes=[*HEALTHY.writes, Write(TELL, None, "ok", None, 2, WORKER, 8)]), Kind.ZOMBIE),
        (
            replace(HEALTHY, firings={**HEALTHY.firings, ONCE: FiringSeen(ONCE, "ok", 1, (TELL,), (1,))}),
            Kind.ORDER,
        ),
        (
            replace(HEALTHY, firings={**HEALTHY.firings, ONCE: FiringSeen(ONCE, "ok", 4, (TELL,), (None,))}),
            Kind.ORDER,
        ),
        (replace(HEALTHY, lines={ONCE: ["l"]}), Kind.EFFECT),
        (replace(HEALTHY, lines={TELL: ["k", "other"], ONCE: ["l"]}), Kind.EFFECT),
        (replace(HEALTHY, lines={TELL: ["k"], ONCE: ["l", "l"]}), Kind.EFFECT),
        (replace(HEALTHY, lines={**HEALTHY.lines, ("none", "tell", 0): ["k"]}), Kind.EFFECT),
        (replace(HEALTHY, left_over=["queue still holds one, which has ended"]), Kind.LEFT_OVER),
        (
            replace(
                HEALTHY,
                steps=[Step("one", None, "queued", 0, None, 1.0), Step("one", "queued", "completed", 1, None, 2.0)],
            ),
            Kind.STATUS,
        ),
        (replace(HEALTHY, steps=HEALTHY.steps[1:]), Kind.STATUS),
    ],
)
def test_each_broken_promise_is_found(wrong: Snapshot, kind: Kind) -> None:
    assert kind in kinds_of(wrong)


def test_other_outputs_than_without_a_fault_are_found() -> None:
    assert kinds_of(HEALTHY, replace(EXPECTED, outputs={"one": {"y": [2]}})) == {Kind.OUTPUT}


def test_writing_the_same_record_again_is_no_second_commit() -> None:
    again = replace(HEALTHY, writes=[*HEALTHY.writes, Write(TELL, "ok", "ok", 2, 2, WORKER, 7)])

    assert check_snapshot(again, EXPECTED) == []


def test_taking_over_with_another_session_is_no_zombie() -> None:
    taken = replace(HEALTHY, writes=[HEALTHY.writes[0], Write(ONCE, None, "ok", None, 4, OTHER, 8)])

    assert check_snapshot(taken, EXPECTED) == []


def told(*lines: tuple[int, str, str, str, object]) -> list[Line]:
    """Return lines of one client each, from (call, operation, outcome, subject, value)."""
    return [
        Line(call, f"client {call}", operation, outcome, subject, value)  # type: ignore[arg-type]  # plain words
        for call, operation, outcome, subject, value in lines
    ]


DONE = {"one": Final("one", "completed", "key", {"well": "yes"})}
STARTED = told((1, "start", "invoke", "key", None), (1, "start", "ok", "one", None))


@pytest.mark.parametrize(
    ("lines", "finals", "kind"),
    [
        (STARTED, {}, Kind.LOST),
        (STARTED, {**DONE, "two": Final("two", "completed", "key")}, Kind.TWICE),
        (told((1, "start", "invoke", "key", None), (1, "start", "fail", "key", "full")), DONE, Kind.TWICE),
        (
            told((1, "cancel", "invoke", "one", None), (1, "cancel", "ok", "one", "cancelled")),
            DONE,
            Kind.LOST,
        ),
        (
            told((1, "answer", "invoke", "one", ["well", "no"]), (1, "answer", "ok", "one", None)),
            DONE,
            Kind.LOST,
        ),
        (
            told((1, "look", "invoke", "one", None), (1, "look", "ok", "one", "failed")),
            DONE,
            Kind.HISTORY,
        ),
        (
            told(
                (1, "look", "invoke", "one", None),
                (1, "look", "ok", "one", "completed"),
                (2, "look", "invoke", "one", None),
                (2, "look", "ok", "one", "running"),
            ),
            DONE,
            Kind.HISTORY,
        ),
        (told((1, "look", "ok", "one", "queued")), DONE, Kind.HISTORY),
    ],
)
def test_what_clients_cannot_have_seen_is_found(lines: list[Line], finals: dict[str, Final], kind: Kind) -> None:
    assert kind in {violation.kind for violation in check_history(lines, finals)}


@pytest.mark.parametrize("finals", [{}, DONE])
def test_a_start_of_unknown_outcome_may_or_may_not_have_happened(finals: dict[str, Final]) -> None:
    lines = told((1, "start", "invoke", "key", None), (1, "start", "info", "key", "the line was cut"))

    assert check_history(lines, finals) == []


def test_looks_that_overlap_may_see_any_order() -> None:
    lines = told(
        (1, "look", "invoke", "one", None),
        (2, "look", "invoke", "one", None),
        (2, "look", "ok", "one", "completed"),
        (1, "look", "ok", "one", "running"),
    )

    assert check_history(lines, DONE) == []


def test_client_that_does_something_after_a_call_of_unknown_outcome_is_found() -> None:
    lines = [
        Line(1, "somebody", "look", "invoke", "one"),
        Line(1, "somebody", "look", "info", "one", "the line was cut"),
        Line(2, "somebody", "look", "invoke", "one"),
    ]

    assert {violation.kind for violation in check_history(lines, DONE)} == {Kind.HISTORY}


def test_each_call_of_unknown_outcome_is_the_last_one_of_its_client(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    for _ in range(3):
        history.begin("somebody", "look", "one").info("the line was cut")
    history.begin("another", "look", "one").ok("running")

    assert [line.client for line in history.lines[::2]] == ["somebody", "somebody (2)", "somebody (3)", "another"]
    assert check_history(history.lines, DONE) == []


def test_history_is_written_as_it_happens(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    call = history.begin("somebody", "start", "key")

    before = (tmp_path / "history.jsonl").read_text().count("\n")
    call.ok(subject="one")

    assert (before, len(history.lines)) == (1, 2)
    assert check_history(history.lines, DONE) == []
