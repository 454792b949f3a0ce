"""Why a node never fired or has values left: rule 27; and that neither fails an execution: rule 28."""

from tests.unit.planner.play import COLLECT, INPUT, STREAM, Play
from weft.executions.planning.whynot import Cause, WhyNot, WhyNotKind
from weft.executions.records import Outcome


def why(play: Play) -> dict[str, WhyNot]:
    return {play.names[one.node]: one for one in play.planner.why_not()}


def cause(play: Play, name: str) -> tuple[str, int | None, str]:
    found = why(play)[name].first_cause
    return play.names[found.node], found.index, found.reason


def test_nothing_to_explain_when_all_fired_and_nothing_is_left() -> None:
    play = Play("a -> b.x")
    play.start()
    play.done("a0")
    play.done("b0")
    assert play.planner.why_not() == []


def test_a_node_that_never_fired_names_what_it_misses_and_the_first_cause_upstream() -> None:
    play = Play("b -> x.v\nb.other -> y.v\ny -> z.v\ni -> z.w", i=INPUT)
    play.start("i")
    play.done("b0", "result")
    play.done("x0")
    assert play.state() == "done"
    found = why(play)
    assert list(found) == ["y", "z"]
    assert found["z"].kind is WhyNotKind.NEVER_FIRED
    assert found["z"].pins == ("v",)
    assert found["z"].left == ((1, 1),)
    assert cause(play, "y") == ("b", None, "no_emission")
    assert cause(play, "z") == ("b", None, "no_emission")


def test_an_input_without_a_value_is_a_cause() -> None:
    play = Play("i -> a.x\na -> b.x", i=INPUT)
    play.start()
    assert cause(play, "b") == ("i", None, "no_value")


def test_values_left_name_the_item_that_ended_in_an_error() -> None:
    play = Play("g -> a.x\ng -> b.x\na -> z.x\nb -> z.y\na.error -> e.x", g=STREAM)
    play.start()
    play.done("g0", "result", "result")
    play.done("a0")
    play.end("a1", Outcome.ERROR)
    play.done("b0")
    play.done("b1")
    found = why(play)["z"]
    assert found.kind is WhyNotKind.VALUES_LEFT
    assert (found.pins, found.left) == (("x",), ((1, 1),))
    assert cause(play, "z") == ("a", 1, "error")


def test_a_waiting_firing_is_a_cause() -> None:
    play = Play("w -> a.x")
    play.start()
    play.wait("w0")
    assert cause(play, "a") == ("w", 0, "waiting")


def test_a_failed_firing_is_a_cause() -> None:
    play = Play("a -> b.x")
    play.start()
    play.end("a0", Outcome.FAILED)
    assert cause(play, "b") == ("a", 0, "failed")


def test_a_list_that_lacks_its_other_pin_counts_what_it_holds() -> None:
    play = Play("g -> c.list\ni -> c.y", g=STREAM, i=INPUT, c=COLLECT)
    play.start()
    play.done("g0", "result", "result")
    found = why(play)["c"]
    assert (found.pins, found.left) == (("y",), ((0, 2),))


def test_causes_of_ten_thousand_nodes_are_found_in_one_walk() -> None:
    links = "\n".join(f"n{at}x -> n{at + 1}x.v" for at in range(10_000))
    play = Play(links, n0x=INPUT)
    play.start()
    found = play.planner.why_not()
    assert len(found) == 10_000
    assert {one.first_cause for one in found} == {Cause(0, None, "no_value")}
