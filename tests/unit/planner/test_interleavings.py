"""Whatever order firings end in, what is formed is the same: rules 11, 12, 15, 25."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.planner.play import COLLECT, STREAM, Play
from weft.executions.records import Outcome

ITEMS = st.integers(0, 7)
few = settings(max_examples=50, deadline=None)


def finish(play: Play, data: st.DataObject, lost: dict[str, set[int]]) -> list[str]:
    """End open firings in a drawn order, in error for lost items; return what `z` fired with, in order."""
    formed: list[str] = []
    while firings := play.open():
        name = data.draw(st.sampled_from(firings)).split("(")[0]
        if int(name[1:]) in lost.get(name[0], ()):
            formed += play.end(name, Outcome.ERROR)
        else:
            formed += play.done(name)
    return [one for one in formed if one.startswith("z")]


@few
@given(st.data(), ITEMS, st.sets(ITEMS), st.sets(ITEMS))
def test_arms_of_one_stream_pair_the_items_that_neither_lost(
    data: st.DataObject, count: int, lost_by_a: set[int], lost_by_b: set[int]
) -> None:
    links = "g -> a.x\ng -> b.x\na -> z.x\nb -> z.y\na.error -> e.x\nb.error -> f.x"
    play = Play(links, g=STREAM)
    play.start()
    play.done("g0", *["result"] * count) if count else play.empty("g0")
    kept = [item for item in range(count) if item not in lost_by_a | lost_by_b]
    expected = [f"z{at}(a{item}.0, b{item}.0)" for at, item in enumerate(kept)]
    assert finish(play, data, {"a": lost_by_a, "b": lost_by_b}) == expected


@few
@given(st.data(), ITEMS, ITEMS)
def test_streams_of_different_origin_pair_by_position(data: st.DataObject, first: int, second: int) -> None:
    play = Play("g -> a.x\nh -> b.x\na -> z.x\nb -> z.y", g=STREAM, h=STREAM)
    play.start()
    play.planner.completed(*play.place("g0"), (0,) * first)
    play.planner.completed(*play.place("h0"), (0,) * second)
    expected = [f"z{at}(a{at}.0, b{at}.0)" for at in range(min(first, second))]
    assert finish(play, data, {}) == expected


@few
@given(st.data(), ITEMS, ITEMS)
def test_static_pins_take_the_kth_values_and_then_lend_the_last(data: st.DataObject, first: int, second: int) -> None:
    play = Play("g -> a.x\nh -> b.x\na -> z.x static\nb -> z.y static", g=STREAM, h=STREAM)
    play.start()
    formed = play.planner.completed(*play.place("g0"), (0,) * first)
    formed += play.planner.completed(*play.place("h0"), (0,) * second)
    longest = max(first, second) if first and second else 0
    expected = [f"z{k}(a{min(k, first - 1)}.0, b{min(k, second - 1)}.0)" for k in range(longest)]
    assert finish(play, data, {}) == expected


@few
@given(st.data(), ITEMS, st.sets(ITEMS))
def test_a_list_holds_what_was_not_lost_in_the_order_of_items(data: st.DataObject, count: int, lost: set[int]) -> None:
    play = Play("g -> a.x\na -> z.list\na.error -> e.x", g=STREAM, z=COLLECT)
    play.start()
    formed = play.shown(play.planner.completed(*play.place("g0"), (0,) * count))
    listed = " ".join(f"a{item}.0" for item in range(count) if item not in lost)
    found = finish(play, data, {"a": lost}) or [one for one in formed if one.startswith("z")]
    assert found == [f"z0([{listed}])"]
