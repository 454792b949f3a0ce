"""When nodes fire, and with what: rules 9 to 16."""

import pytest

from tests.unit.planner.play import (
    COLLECT,
    EFFECT,
    EFFECT_STREAM,
    INPUT,
    PURE,
    STREAM,
    UNORDERED,
    Play,
)
from weft.errors import InvalidInput
from weft.executions.plan import Kind, NodeFacts
from weft.executions.records import Outcome


def test_a_node_without_incoming_links_fires_once_at_the_start() -> None:
    play = Play("a -> b.x")
    assert play.start() == ["a0()"]
    assert play.done("a0") == ["b0(a0.0)"]
    assert play.done("b0") == []
    assert play.state() == "done"


def test_an_input_delivers_its_value_and_never_fires() -> None:
    play = Play("i -> a.x\nj -> b.x", i=INPUT, j=INPUT)
    assert play.start("i") == ["a0(i0.0)"]
    assert play.done("a0") == []
    assert play.state() == "done"


def test_a_note_never_fires() -> None:
    play = Play("", n=NodeFacts(Kind.NOTE), a=PURE)
    assert play.start() == ["a0()"]


def test_a_firing_is_numbered_in_order_of_formation() -> None:
    play = Play("g -> a.x", g=STREAM)
    play.start()
    assert play.emit("g0") == ["a0(g0.0)"]
    assert play.emit("g0") == ["a1(g0.1)"]


def test_an_ordered_node_delivers_in_the_order_of_its_firings() -> None:
    play = Play("g -> a.x\na -> b.x", g=STREAM)
    play.start()
    play.done("g0", "result", "result", "result")
    assert play.done("a2") == []
    assert play.done("a1") == []
    assert play.done("a0") == ["b0(a0.0)", "b1(a1.0)", "b2(a2.0)"]


def test_the_lowest_open_firing_delivers_while_it_runs_and_later_ones_hold() -> None:
    play = Play("g -> a.x\na -> b.x", g=STREAM, a=STREAM)
    play.start()
    play.done("g0", "result", "result")
    assert play.emit("a1") == []
    assert play.emit("a0") == ["b0(a0.0)"]
    assert play.end("a0") == ["b1(a1.0)"]
    assert play.emit("a1") == ["b2(a1.1)"]


def test_a_node_without_order_delivers_as_its_firings_end() -> None:
    play = Play("g -> a.x\na -> b.x", g=STREAM, a=UNORDERED)
    play.start()
    play.done("g0", "result", "result")
    assert play.done("a1") == ["b0(a1.0)"]
    assert play.done("a0") == ["b1(a0.0)"]


def test_pins_of_different_origin_are_paired_first_in_first_out() -> None:
    play = Play("a -> z.x\nb -> z.y", a=STREAM, b=STREAM)
    play.start()
    assert play.done("a0", "result", "result") == []
    assert play.emit("b0") == ["z0(a0.0, b0.0)"]
    assert play.emit("b0") == ["z1(a0.1, b0.1)"]


def test_pins_of_one_stream_are_paired_by_item_where_an_arm_loses_one() -> None:
    play = Play("g -> a.x\ng -> b.x\na -> z.x\nb -> z.y\na.error -> e.x", g=STREAM)
    play.start()
    play.done("g0", "result", "result", "result")
    assert play.done("a0") == []
    assert play.planner.completed(*play.place("a1"), (), Outcome.ERROR)
    assert play.done("a2") == []
    assert play.done("b0") == ["z0(a0.0, b0.0)"]
    assert play.done("b1") == []
    assert play.done("b2") == ["z1(a2.0, b2.0)"]


def test_a_branch_and_a_merge_inside_a_stream_pair_by_item_whatever_comes_first() -> None:
    links = "g -> c.x\nc -> a.x\nc.other -> b.x\na -> z.x\nb -> z.x\ng -> z.y"
    play = Play(links, g=STREAM)
    play.start()
    play.done("g0", "result", "result")
    play.done("c0", "other")
    assert play.done("c1", "result") == ["a0(c1.0)"]
    assert play.done("a0") == ["z0(a0.0, g0.1)"]
    assert play.done("b0") == ["z1(b0.0, g0.0)"]


def test_an_inner_stream_pairs_with_its_own_outer_item() -> None:
    play = Play("g -> o.x\no -> i.x\ni -> z.x\no -> z.y", g=STREAM, i=STREAM)
    play.start()
    play.done("g0", "result", "result")
    play.done("o0")
    play.done("o1")
    assert play.done("i0", "result") == ["z0(i0.0, o0.0)"]
    assert play.done("i1", "result", "result") == ["z1(i1.0, o1.0)"]


def test_three_pins_of_two_streams_agree_on_every_common_item() -> None:
    links = "g -> h.x\ng -> z.x\nh -> z.y\nh -> k.x\nk -> z.z"
    play = Play(links, g=STREAM, h=STREAM)
    play.start()
    play.done("g0", "result", "result")
    play.done("h0", "result")
    play.done("h1", "result")
    assert play.done("k0") == ["z0(g0.0, h0.0, k0.0)"]
    assert play.done("k1") == ["z1(g0.1, h1.0, k1.0)"]


def test_a_collected_list_stems_from_no_item() -> None:
    play = Play("g -> a.x\na -> c.list\nc -> z.x\ng -> z.y", g=STREAM, c=COLLECT)
    play.start()
    play.done("g0", "result", "result")
    play.done("a0")
    assert play.done("a1") == ["c0([a0.0 a1.0])"]
    assert play.done("c0") == ["z0(c0.0, g0.0)"]


def test_item_numbers_begin_again_with_an_attempt() -> None:
    play = Play("g -> a.x\ng -> z.x\na -> z.y", g=EFFECT_STREAM)
    play.start()
    play.emit("g0")
    play.reset("g0")
    play.emit("g0")
    assert play.end("g0") == ["a0(g0.0)"]
    assert list(play.planner.items.values()) == [(0,)]
    assert play.done("a0") == ["z0(g0.0, a0.0)"]


def test_several_links_into_one_pin_merge_in_delivery_order() -> None:
    play = Play("a -> m.x\nb -> m.x")
    play.start()
    assert play.done("b0") == ["m0(b0.0)"]
    assert play.done("a0") == ["m1(a0.0)"]


def test_a_static_pin_lends_the_latest_value_delivered_when_the_firing_is_formed() -> None:
    play = Play("s -> n.a static\ng -> n.b", s=STREAM, g=STREAM)
    play.start()
    assert play.emit("g0") == []
    assert play.emit("s0") == ["n0(s0.0, g0.0)"]
    assert play.emit("s0") == []
    assert play.emit("g0") == ["n1(s0.1, g0.1)"]
    assert play.emit("g0") == ["n2(s0.1, g0.2)"]


def test_a_pin_with_one_ordinary_link_consumes_all_its_values() -> None:
    play = Play("s -> n.a static\nt -> n.a\ng -> n.b", g=STREAM)
    play.start()
    play.done("s0")
    assert play.done("g0", "result", "result") == ["n0(s0.0, g0.0)"]
    assert play.done("t0") == ["n1(t0.0, g0.1)"]


def test_a_node_of_static_pins_fires_once_for_plain_inputs() -> None:
    play = Play("i -> n.a static\nj -> n.b static", i=INPUT, j=INPUT)
    assert play.start("i", "j") == ["n0(i0.0, j0.0)"]
    assert play.done("n0") == []
    assert play.state() == "done"


def test_a_node_of_static_pins_takes_the_kth_values_and_a_quiet_pin_lends_its_last() -> None:
    play = Play("s -> n.a static\nt -> n.b static", s=STREAM, t=STREAM)
    play.start()
    assert play.emit("s0") == []
    assert play.emit("s0") == []
    assert play.emit("t0") == ["n0(s0.0, t0.0)"]
    assert play.end("t0") == ["n1(s0.1, t0.0)"]
    assert play.emit("s0") == ["n2(s0.2, t0.0)"]


def test_a_node_with_one_static_pin_fires_for_each_value() -> None:
    play = Play("s -> n.a static", s=STREAM)
    play.start()
    assert play.emit("s0") == ["n0(s0.0)"]
    assert play.emit("s0") == ["n1(s0.1)"]


def test_a_linked_pin_does_not_fall_back_to_its_default() -> None:
    play = Play("i -> n.a\nj -> n.b", i=INPUT, j=INPUT)
    assert play.start("i") == []
    assert play.state() == "done"


def test_two_parts_of_a_container_are_two_slots() -> None:
    play = Play("a -> n.values.Name\nb -> n.values.Product")
    play.start()
    assert play.done("a0") == []
    assert play.done("b0") == ["n0(a0.0, b0.0)"]
    assert [str(slot) for slot in play.plan.slots[play.names.index("n")]] == ["values.Name", "values.Product"]


def test_a_skipped_route_delivers_nothing_and_the_others_do() -> None:
    play = Play("a.result.x -> b.x optional\na -> c.x")
    play.start()
    assert play.emit("a0", skip=1) == ["c0(a0.0)"]


def test_two_links_from_one_pin_to_one_slot_are_told_apart() -> None:
    play = Play("a.result.x -> b.v\na.result.y -> b.v")
    play.start()
    assert play.done("a0") == ["b0(a0.0)", "b1(a0.0)"]
    first, second = play.planner.open()
    sink = play.names.index("b")
    vias = [one.inputs[0] >> 63 for one in (first, second)]  # type: ignore[operator]
    assert [play.plan.link_of(sink, 0, 0, 0, via) for via in vias] == [0, 1]


def test_an_effect_delivers_only_when_it_ends() -> None:
    play = Play("a -> b.x", a=EFFECT)
    play.start()
    assert play.emit("a0") == []
    assert play.end("a0") == ["b0(a0.0)"]


@pytest.mark.parametrize(
    ("links", "sentence"),
    [("a -> b.x\nb -> a.x", "circular"), ("a -> a.x", "circular"), ("a.nowhere -> b.x", "'nowhere'")],
)
def test_a_graph_that_cannot_run_is_refused(links: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        Play(links)


def test_a_link_into_an_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="input or a note"):
        Play("a -> i.x", i=INPUT)


def test_ten_thousand_nodes_in_a_row_need_no_recursion() -> None:
    links = "\n".join(f"n{at}x -> n{at + 1}x.v" for at in range(10_000)) + "\nn10000x -> c.list"
    play = Play(links, c=COLLECT)
    todo = play.planner.start(())
    count = 0
    while todo:
        count += 1
        firing = todo.pop()
        todo += play.planner.completed(firing.node, firing.index, (0,))
    assert count == 10_002
    assert play.state() == "done"


def test_an_optional_path_of_an_input_may_lead_nowhere() -> None:
    play = Play("i.result.x -> a.x optional\ni -> b.x", i=INPUT)
    formed = play.planner.start([0], {0: 1})
    assert play.shown(formed) == ["b0(i0.0)"]


def test_joins_one_after_the_other_carry_the_innermost_items_only() -> None:
    steps = range(6)
    links = "\n".join(f"j{at}x -> {arm}{at}x.v\n{arm}{at}x -> j{at + 1}x.{arm}" for at in steps for arm in ("a", "b"))
    streams = {f"j{at}x": STREAM for at in steps}
    play = Play(links, **streams)
    assert max(play.plan.layouts) == 1
    play.start()
    play.done("j0x0", "result", "result")
    play.empty("a0x0")
    play.done("b0x0")
    play.done("a0x1")
    assert play.done("b0x1") == ["j1x0(a0x1.0, b0x1.0)"]
