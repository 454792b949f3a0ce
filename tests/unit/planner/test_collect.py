"""Quiet nodes, collecting pins, empty streams: rules 24 to 26."""

from tests.unit.planner.play import COLLECT, EFFECT, INPUT, STREAM, Play
from weft.executions.records import Outcome


def test_collect_fires_once_with_everything_when_all_upstream_is_quiet() -> None:
    play = Play("g -> a.x\na -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.done("g0", "result", "result", "result")
    play.done("a0")
    play.done("a2")
    assert play.done("a1") == ["c0([a0.0 a1.0 a2.0])"]


def test_the_order_is_by_link_then_by_position_not_by_arrival() -> None:
    play = Play("a -> c.list\nb -> c.list", a=STREAM, b=STREAM, c=COLLECT)
    play.start()
    play.done("b0", "result", "result")
    assert play.done("a0", "result", "result") == ["c0([a0.0 a0.1 b0.0 b0.1])"]


def test_a_second_link_from_farther_upstream_counts() -> None:
    play = Play("g -> c.list\ng -> a.x\na -> c.list", g=STREAM, c=COLLECT)
    play.start()
    assert play.done("g0") == ["a0(g0.0)"]
    assert play.done("a0") == ["c0([g0.0 a0.0])"]


def test_a_held_firing_keeps_its_node_from_being_quiet() -> None:
    play = Play("g -> a.x\na -> c.list", g=STREAM, a=EFFECT, c=COLLECT)
    play.start()
    play.done("g0", "result", "result")
    play.wait("a0")
    assert play.done("a1") == []
    play.answer("a0")
    assert play.done("a0") == ["c0([a0.0 a1.0])"]


def test_an_empty_stream_gives_an_empty_list() -> None:
    play = Play("g -> a.x\na -> c.list", g=STREAM, c=COLLECT)
    play.start()
    assert play.empty("g0") == ["c0([])"]


def test_a_branch_not_taken_sends_nothing() -> None:
    play = Play("b -> a.x\nb.other -> z.x\na -> c.list", c=COLLECT)
    play.start()
    assert play.done("b0", "other") == ["z0(b0.0)"]
    assert play.done("z0") == []
    assert play.state() == "done"


def test_a_stream_that_is_filtered_to_nothing_gives_an_empty_list() -> None:
    play = Play("g -> f.x\nf -> a.x\na -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.done("g0", "result")
    assert play.empty("f0") == ["c0([])"]


def test_a_stream_beside_a_single_value_is_still_an_empty_stream() -> None:
    play = Play("g -> a.x\ni -> a.y\na -> c.list", g=STREAM, i=INPUT, c=COLLECT)
    play.start("i")
    assert play.empty("g0") == ["c0([])"]


def test_a_stream_beside_a_branch_not_taken_sends_nothing() -> None:
    play = Play("g -> a.x\nb.other -> a.y\na -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.done("b0", "result")
    assert play.empty("g0") == []


def test_collect_after_collect() -> None:
    play = Play("g -> c.list\nc -> d.list", g=STREAM, c=COLLECT, d=COLLECT)
    play.start()
    assert play.done("g0", "result", "result") == ["c0([g0.0 g0.1])"]
    assert play.done("c0") == ["d0([c0.0])"]


def test_a_branch_after_a_list_is_a_branch_and_no_empty_stream() -> None:
    play = Play("g -> c.list\nc.other -> d.list", g=STREAM, c=COLLECT, d=COLLECT)
    play.start()
    play.done("g0", "result")
    assert play.done("c0", "result") == []


def test_other_pins_of_a_collecting_node_are_static_or_single() -> None:
    play = Play("g -> c.list\ni -> c.y\ns -> c.z static", g=STREAM, i=INPUT, s=STREAM, c=COLLECT)
    play.start("i")
    play.done("s0", "result", "result")
    assert play.done("g0", "result") == ["c0([g0.0], i0.0, s0.1)"]


def test_errors_are_collected_and_none_is_an_empty_list() -> None:
    play = Play("g -> a.x\na.error -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.done("g0", "result", "result")
    play.done("a0")
    assert play.done("a1") == ["c0([])"]
    play = Play("g -> a.x\na.error -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.done("g0", "result", "result")
    play.done("a0")
    assert play.end("a1", Outcome.ERROR) == ["c0([a1.0])"]


def test_ten_thousand_values_take_one_run() -> None:
    play = Play("g -> a.x\na -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.planner.completed(*play.place("g0"), (0,) * 10_000)
    for index in range(9_999):
        play.done(f"a{index}")
    firing = play.planner.completed(*play.place("a9999"), (0,))[0]
    (collected,) = firing.inputs
    assert not isinstance(collected, int)
    assert len(collected) == 10_000
    assert len(collected.runs) == 1
