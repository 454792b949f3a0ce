"""Records, replay, snapshots, forks, values let go: rules 1, 7, 8, 38 to 40."""

import pytest

from tests.unit.planner.play import COLLECT, EFFECT, INPUT, STREAM, Play
from weft.executions.planner import Diverged, Planner
from weft.executions.planning.refs import pack
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

LINKS = "g -> a.x\ng -> b.x\na -> z.x\nb -> z.y\nz -> c.list\ns -> c.k static"


def play_of_everything() -> Play:
    return Play(LINKS, g=STREAM, b=EFFECT, c=COLLECT, s=INPUT)


RECORDS: list[Record] = [
    Emitted(0, 0, 0),
    Emitted(0, 0, 0),
    Completed(4, 0, (0,), Outcome.OK, (pack(0, 0, 0),)),
    Emitted(1, 1, 0),
    Reset(1, 1),
    Waiting(1, 0),
    Emitted(1, 1, 0),
    Finished(1, 1, Outcome.OK),
    Completed(4, 1, (0,)),
    Finished(0, 0, Outcome.OK, ()),
    Answered(1, 0),
    Completed(1, 0, (0,)),
    Completed(5, 0, (0,)),
    Completed(5, 1, (0,)),
    Completed(2, 0, (0,)),
]


def test_records_and_calls_take_the_same_path() -> None:
    play = play_of_everything()
    assert play.names == ["g", "b", "c", "s", "a", "z"]
    assert play.start("s") == ["g0()"]
    shown = [play.apply(record) for record in RECORDS]
    assert shown[0] == ["a0(g0.0)", "b0(g0.0)"]
    assert shown[11] == ["z0(a0.0, b0.0)", "z1(a1.0, b1.0)"]
    assert shown[13] == ["c0(s0.0, [z0.0 z1.0])"]
    assert play.state() == "done"


@pytest.mark.parametrize("cut", range(len(RECORDS) + 1))
def test_a_snapshot_anywhere_goes_on_like_a_replay_from_the_start(cut: int) -> None:
    play = play_of_everything()
    play.start("s")
    for record in RECORDS[:cut]:
        play.apply(record)
    restored = Planner(play.plan, play.planner.snapshot())
    assert list(restored.open()) == list(play.planner.open())
    for record in RECORDS[cut:]:
        assert restored.apply(record) == play.planner.apply(record)
    assert restored.snapshot() == play.planner.snapshot()


def test_a_snapshot_of_another_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="another graph"):
        Planner(Play("a -> b.x").plan, Play("a -> b.x\nb -> c.x").planner.snapshot())


def test_a_record_with_other_inputs_stops_the_replay() -> None:
    play = Play("g -> a.x", g=STREAM)
    play.start()
    play.emit("g0")
    a = play.names.index("a")
    with pytest.raises(Diverged, match="other inputs"):
        play.apply(Finished(a, 0, Outcome.OK, (pack(0, 0, 1),)))
    assert play.open() == ["g0()", "a0(g0.0)"]


def test_a_record_of_a_firing_that_is_never_formed_stops_the_replay() -> None:
    play = Play("g -> a.x", g=STREAM)
    play.start()
    with pytest.raises(Diverged, match="not open"):
        play.apply(Completed(1, 0, (0,)))


def test_a_close_is_a_record() -> None:
    play = Play("a -> b.x")
    play.start()
    play.apply(Closed(CloseReason.TIMEOUT))
    assert play.apply(Completed(0, 0, (0,))) == []
    assert play.state() == "done"


def test_recovery_starts_what_is_formed_and_not_ended_in_order_of_formation() -> None:
    play = Play("g -> a.x", g=STREAM)
    play.start()
    play.done("g0", "result", "result", "result")
    play.done("a1")
    assert play.open() == ["a0(g0.0)", "a2(g0.2)"]


def test_a_fork_replays_the_records_of_nodes_that_are_not_downstream() -> None:
    play = Play("g -> a.x\ng -> b.x", g=STREAM)
    play.start()
    kept = [Completed(0, 0, (0, 0)), Completed(play.names.index("b"), 1, (0,))]
    for record in kept:
        play.apply(record)
    assert play.open() == ["a0(g0.0)", "b0(g0.0)", "a1(g0.1)"]


def test_a_value_is_let_go_when_all_that_took_it_have_ended() -> None:
    play = Play("g -> a.x\ng -> b.x", g=STREAM)
    play.start()
    play.emit("g0")
    play.done("a0")
    assert play.planner.releasable() == [pack(play.names.index("a"), 0, 0)]
    play.empty("b0")
    assert play.planner.releasable() == [pack(0, 0, 0)]
    assert play.planner.releasable() == []


def test_a_value_nobody_takes_is_let_go_at_once() -> None:
    play = Play("", a=STREAM)
    play.start()
    play.emit("a0")
    assert play.planner.releasable() == [pack(0, 0, 0)]


def test_a_lent_value_is_let_go_when_it_is_replaced_and_its_last_borrower_ended() -> None:
    play = Play("s -> n.a static\ng -> n.b", s=STREAM, g=STREAM)
    play.start()
    play.emit("s0")
    play.emit("g0")
    play.emit("s0")
    assert play.planner.releasable() == []
    play.empty("n0")
    g = play.names.index("g")
    assert sorted(play.planner.releasable()) == sorted([pack(0, 0, 0), pack(g, 0, 0)])


def test_collected_values_are_let_go_with_the_list() -> None:
    play = Play("g -> c.list", g=STREAM, c=COLLECT)
    play.start()
    play.done("g0", "result", "result")
    assert play.planner.releasable() == []
    play.empty("c0")
    assert sorted(play.planner.releasable()) == [pack(0, 0, 0), pack(0, 0, 1)]
