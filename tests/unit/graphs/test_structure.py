import random

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.graphs.toy_blocks import chain, graph, link, node, sound_graph
from weft.graphs.structure import (
    find_cycles,
    find_unreachable_nodes,
    get_entry_nodes,
    get_exit_nodes,
    has_cycles,
    link_ends,
)
from weft.graphs.types import GraphContent


def test_entries_and_exits_come_in_the_order_of_the_nodes() -> None:
    content = graph(
        node("z", "fetch"),
        node("mid", "upper"),
        node("a", "fetch"),
        node("end", "upper"),
        link("z.found", "mid.text"),
        link("a.found", "mid.locale"),
    )

    assert [found.id for found in get_entry_nodes(content)] == ["z", "a", "end"]
    assert [found.id for found in get_exit_nodes(content)] == ["mid", "end"]


def test_a_chain_of_ten_thousand_has_no_cycle_and_a_ring_of_them_is_one() -> None:
    content = chain(10_000)
    ring = content.model_copy(update={"links": (*content.links, link("n9999.text", "n0.text"))})

    assert not has_cycles(content)
    assert find_cycles(content) == []
    assert has_cycles(ring)
    assert [len(tangle) for tangle in find_cycles(ring)] == [10_000]


def test_two_cycles_are_told_apart_and_what_lies_between_is_on_none() -> None:
    nodes = [node(name, "upper") for name in ("a", "b", "between", "c", "d")]
    ends = ["a>b", "b>a", "b>between", "between>c", "c>d", "d>c"]
    links = [link(f"{end.split('>')[0]}.text", f"{end.split('>')[1]}.text") for end in ends]

    assert find_cycles(graph(*nodes, *links)) == [["a", "b"], ["c", "d"]]


def test_a_ring_without_entry_reports_nothing_unreachable() -> None:
    ring = graph(node("a", "upper"), node("b", "upper"), link("a.text", "b.text"), link("b.text", "a.text"))

    assert find_unreachable_nodes(ring) == []


def test_a_ring_beside_an_entry_is_unreachable_in_node_order() -> None:
    content = graph(
        node("z", "upper"),
        node("a", "upper"),
        node("entry", "fetch"),
        link("a.text", "z.text"),
        link("z.text", "a.text"),
    )

    assert find_unreachable_nodes(content) == ["z", "a"]


def test_links_are_the_same_by_their_ends() -> None:
    one, other = link("a.x", "b.y", id="1"), link("a.x", "b.y", id="2", is_static=True)

    assert link_ends(one) == link_ends(other)
    assert link_ends(one) != link_ends(link("a.x", "b.z"))


def test_links_to_nowhere_are_passed_over() -> None:
    content = sound_graph().model_copy(update={"links": (link("gone.x", "up.text"), link("up.text", "lost.x"))})

    assert not has_cycles(content)


@given(st.integers(0, 2**32), st.integers(1, 7), st.integers(0, 14))
def test_cycles_are_the_nodes_that_reach_themselves(seed: int, size: int, count: int) -> None:
    chance = random.Random(seed)
    ends = {(chance.randrange(size), chance.randrange(size)) for _ in range(count)}
    content = graph(
        *(node(f"n{at}", "upper") for at in range(size)),
        *(link(f"n{source}.text", f"n{sink}.text") for source, sink in sorted(ends)),
    )

    on_cycles = {node for tangle in find_cycles(content) for node in tangle}

    assert on_cycles == _reaching_themselves(content)
    assert has_cycles(content) == bool(on_cycles)


def _reaching_themselves(content: GraphContent) -> set[str]:
    """Warshall's closure: shares no idea with the code under test."""
    ids = [node.id for node in content.nodes]
    reaches = {(link.source_id, link.sink_id) for link in content.links}
    for middle in ids:
        reaches |= {(a, b) for a in ids for b in ids if (a, middle) in reaches and (middle, b) in reaches}
    return {id for id in ids if (id, id) in reaches}
