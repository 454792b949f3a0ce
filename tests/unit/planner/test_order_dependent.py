"""The pins that depend on timing are the same whether a whole plan is made or only they are asked for."""

import pytest

from tests.simulation.cases import facts, make_case
from tests.unit.planner.play import STREAM, Play
from weft.errors import InvalidInput
from weft.executions.plan import compile_plan, find_order_dependent


def test_random_graphs_give_the_same_pins_either_way() -> None:
    named = 0
    for seed in range(300):
        case = make_case(seed)
        found = find_order_dependent(case.content(), [facts(spec) for spec in case.specs])

        assert found == case.plan.order_dependent
        named += len(found)
    assert named > 100, "too few graphs with such pins to tell anything"


def test_slots_stand_in_order_of_pin_and_path_wherever_their_links_stand() -> None:
    play = Play(
        """
        s -> b.y[10]
        s -> b.y[2]
        s -> b.y.k
        s -> b.y
        s -> b.x
    """,
        s=STREAM,
    )

    assert [str(slot) for slot in play.plan.slots[1]] == ["x", "y", "y.k", "y[10]", "y[2]"]
    assert [slot.links for slot in play.plan.slots[1]] == [(4,), (3,), (2,), (0,), (1,)]


def test_what_is_no_plan_names_no_pins_either() -> None:
    play = Play("a -> b.x")
    (link,) = play.content.links
    broken = play.content.model_copy(update={"links": (link.model_copy(update={"source_id": "gone"}),)})

    for ask in (compile_plan, find_order_dependent):
        with pytest.raises(InvalidInput, match="names node 'gone'"):
            ask(broken, play.facts)
        with pytest.raises(InvalidInput, match="facts of 1 nodes were given for a graph of 2"):
            ask(play.content, play.facts[:1])
