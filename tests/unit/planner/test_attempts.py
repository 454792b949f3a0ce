"""Crash, retry, failure, wait: rules 17, 18, 29, 30, 32."""

import pytest

from tests.unit.planner.play import EFFECT, EFFECT_STREAM, PURE, STREAM, UNORDERED, Play
from weft.executions.planner import Closing, Diverged
from weft.executions.records import CloseReason, Outcome


def test_a_replayable_firing_delivers_as_it_comes_and_what_is_on_record_stands() -> None:
    play = Play("g -> a.x", g=STREAM)
    play.start()
    assert play.emit("g0") == ["a0(g0.0)"]
    assert play.emit("g0") == ["a1(g0.1)"]
    assert play.reset("g0") == 2
    assert play.emit("g0") == ["a2(g0.2)"]


def test_a_new_attempt_of_any_other_firing_begins_with_nothing() -> None:
    play = Play("g -> a.x", g=EFFECT_STREAM)
    play.start()
    play.emit("g0")
    play.emit("g0")
    assert play.reset("g0") == 0
    assert play.planner.recorded(*play.place("g0")) == 0
    play.emit("g0")
    assert play.end("g0") == ["a0(g0.0)"]


def test_a_wait_is_a_commit_point_for_what_was_emitted_before_it() -> None:
    play = Play("w -> a.x", w=EFFECT_STREAM)
    play.start()
    play.emit("w0")
    assert play.wait("w0") == ["a0(w0.0)"]
    play.answer("w0")
    play.emit("w0")
    assert play.reset("w0") == 0
    assert play.planner.recorded(*play.place("w0")) == 1
    play.emit("w0")
    assert play.end("w0") == ["a1(w0.1)"]


def test_a_replayable_firing_repeats_only_what_it_emitted_since_the_wait() -> None:
    play = Play("w -> a.x", w=STREAM)
    play.start()
    play.emit("w0")
    play.wait("w0")
    play.answer("w0")
    play.emit("w0")
    assert play.reset("w0") == 1


def test_an_ordered_wait_holds_all_later_items() -> None:
    play = Play("g -> w.x\nw -> a.x", g=STREAM, w=EFFECT)
    play.start()
    play.done("g0", "result", "result")
    play.wait("w0")
    assert play.done("w1") == []
    play.answer("w0")
    assert play.done("w0") == ["a0(w0.0)", "a1(w1.0)"]


def test_an_unordered_wait_lets_later_items_pass() -> None:
    play = Play("g -> w.x\nw -> a.x", g=STREAM, w=UNORDERED)
    play.start()
    play.done("g0", "result", "result")
    play.wait("w0")
    assert play.done("w1") == ["a0(w1.0)"]


def test_the_execution_waits_when_only_waits_are_left() -> None:
    play = Play("w -> a.x", w=EFFECT, b=PURE)
    play.start()
    play.wait("w0")
    assert play.state() == "running"
    play.done("b0")
    assert play.state() == "waiting"
    play.answer("w0")
    assert play.state() == "running"


def test_the_error_value_is_part_of_the_outcome_and_the_next_emission() -> None:
    play = Play("g -> a.x\ng.error -> e.x", g=STREAM)
    play.start()
    play.emit("g0")
    assert play.end("g0", Outcome.ERROR) == ["e0(g0.1)"]


def test_what_a_failed_effect_held_is_dropped() -> None:
    play = Play("g -> a.x\ng.error -> e.x", g=EFFECT_STREAM)
    play.start()
    play.emit("g0")
    assert play.end("g0", Outcome.ERROR) == ["e0(g0.1)"]
    assert play.state() == "running"


def test_an_error_waits_for_its_turn_like_any_value() -> None:
    play = Play("g -> a.x\na -> m.x\na.error -> m.x", g=STREAM)
    play.start()
    play.done("g0", "result", "result")
    assert play.end("a1", Outcome.ERROR) == []
    assert play.done("a0") == ["m0(a0.0)", "m1(a1.0)"]


def test_a_timeout_is_an_error_where_somebody_takes_it() -> None:
    play = Play("a.error -> e.x")
    play.start()
    assert play.end("a0", Outcome.TIMEOUT) == ["e0(a0.0)"]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT])
def test_a_failure_nobody_takes_closes_the_execution(outcome: Outcome) -> None:
    play = Play("a -> b.x", c=PURE)
    play.start()
    assert play.end("a0", outcome) == []
    assert play.planner.closing == Closing(CloseReason.FAILED, *play.place("a0"))
    assert play.state() == "closing"
    assert play.done("c0") == []
    assert play.state() == "done"


def test_the_first_failure_wins() -> None:
    play = Play("", a=PURE, b=PURE)
    play.start()
    play.end("b0", Outcome.FAILED)
    play.end("a0", Outcome.FAILED)
    play.planner.close(CloseReason.CANCELLED)
    assert play.planner.closing == Closing(CloseReason.FAILED, *play.place("b0"))


@pytest.mark.parametrize("reason", list(CloseReason))
def test_after_the_close_nothing_is_formed_or_delivered(reason: CloseReason) -> None:
    play = Play("a -> b.x\ng -> c.x", a=EFFECT, g=STREAM)
    play.start()
    play.planner.close(reason)
    assert play.emit("g0") == []
    assert play.wait("g0") == []
    assert play.end("g0") == []
    assert play.done("a0") == []
    assert play.state() == "done"


def test_a_closing_execution_does_not_wait_for_those_who_wait() -> None:
    play = Play("", w=EFFECT, a=PURE)
    play.start()
    play.wait("w0")
    play.planner.close(CloseReason.CANCELLED)
    assert play.state() == "closing"
    play.done("a0")
    assert play.state() == "done"


def test_an_unknown_outcome_waits_for_a_person_who_may_say_retry() -> None:
    play = Play("a -> b.x", a=EFFECT)
    play.start()
    play.emit("a0")
    assert play.end("a0", Outcome.UNKNOWN) == []
    assert play.state() == "waiting"
    assert play.planner.is_waiting(*play.place("a0"))
    play.answer("a0")
    assert play.reset("a0") == 0
    assert play.done("a0") == ["b0(a0.0)"]


def test_an_unknown_outcome_ends_the_firing_of_a_closing_execution() -> None:
    play = Play("", a=EFFECT)
    play.start()
    play.planner.close(CloseReason.CANCELLED)
    play.end("a0", Outcome.UNKNOWN)
    assert play.open() == []


def test_a_skipped_firing_delivers_nothing_and_lets_later_ones_pass() -> None:
    play = Play("g -> a.x\na -> b.x", g=STREAM, a=EFFECT)
    play.start()
    play.done("g0", "result", "result")
    play.done("a1")
    play.emit("a0")
    assert play.end("a0", Outcome.SKIPPED) == ["b0(a1.0)"]


def test_wait_as_an_outcome_is_a_wait() -> None:
    play = Play("a -> b.x", a=EFFECT)
    play.start()
    play.emit("a0")
    assert play.end("a0", Outcome.WAIT) == ["b0(a0.0)"]
    assert play.planner.is_waiting(*play.place("a0"))


@pytest.mark.parametrize("call", ["emit", "end", "done", "wait", "answer", "reset"])
def test_a_firing_that_is_not_open_takes_nothing(call: str) -> None:
    play = Play("a -> b.x")
    play.start()
    with pytest.raises(Diverged, match="not open"):
        getattr(play, call)("b0")
    assert play.open() == ["a0()"]
