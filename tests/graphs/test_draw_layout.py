"""Where cards and links stand in a picture."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.graphs.pictures import Picture, draw, ends, level_pieces
from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.graphs.drawing.svg import draw_svg
from weft.graphs.types import GraphContent, Link


def placed(content: GraphContent, places: list[tuple[float, float]]) -> GraphContent:
    nodes = tuple(
        one.model_copy(update={"metadata": {"position": {"x": x, "y": y}}})
        for one, (x, y) in zip(content.nodes, places, strict=True)
    )
    return content.model_copy(update={"nodes": nodes})


@st.composite
def shapes(draw: st.DrawFn) -> GraphContent:
    """Graphs of any shape, cycles included, some with places of their own."""
    count = draw(st.integers(1, 12))
    numbers = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=25))
    nodes = [node(f"n{at}", draw(st.sampled_from(["upper", "add", "text_input", "note"]))) for at in range(count)]
    links = [
        Link(
            id=f"l{at}",
            source_id=f"n{source}",
            source_name=draw(st.sampled_from(["text", "sum", "error"])),
            sink_id=f"n{sink}",
            sink_name=draw(st.sampled_from(["text", "a", "values.name"])),
            is_static=draw(st.booleans()),
        )
        for at, (source, sink) in enumerate(pairs)
    ]
    content = graph(*nodes, *links)
    places = st.tuples(st.integers(-900, 900), st.integers(-900, 900))
    if draw(st.booleans()):
        return placed(content, draw(st.lists(places, min_size=count, max_size=count, unique=True)))
    return content


@given(shapes())
def test_no_card_covers_another_and_links_end_at_their_cards(content: GraphContent) -> None:
    picture = draw(content)

    cards = {card.hint.split("id: ")[1]: card for card in picture.cards()}
    assert len(cards) == len(content.nodes)
    assert not any(one.touches(other) for one, other in combinations(cards.values(), 2))
    found = [ends(way) for _, way, _ in picture.wires()]
    wanted = [(cards[one.source_id], cards[one.sink_id]) for one in content.links]
    for source, sink in wanted:
        assert any(
            start[0] == pytest.approx(source.x + source.width, abs=0.2)
            and end[0] == pytest.approx(sink.x, abs=0.2)
            and source.y < start[1] < source.y + source.height
            and sink.y < end[1] < sink.y + sink.height
            for start, end in found
        )


@given(shapes())
def test_everything_lies_inside_of_the_picture(content: GraphContent) -> None:
    picture = draw(content)
    width, height = picture.size()
    x, y = picture.corner()

    for card in picture.cards():
        assert 0 <= card.x + x <= card.x + card.width + x <= width
        assert 0 <= card.y + y <= card.y + card.height + y <= height
    for _, way, _ in picture.wires():
        for start, end, at in level_pieces(way):
            assert 0 <= start + x <= width
            assert 0 <= end + x <= width
            assert 0 <= at + y <= height


def tangle(seed: int) -> GraphContent:
    """A graph of 60 nodes, most links short, some long."""
    chance = random.Random(seed)
    nodes = [node(f"n{at}", "upper") for at in range(60)]
    pairs = {tuple(sorted(chance.sample(range(max(0, at - 12), at + 1), 2))) for at in range(2, 60)}
    pairs |= {tuple(sorted(chance.sample(range(60), 2))) for _ in range(40)}
    return graph(*nodes, *(link(f"n{one}.text", f"n{other}.a{one}") for one, other in sorted(pairs)))


@pytest.mark.parametrize("seed", range(6))
def test_links_pass_between_the_cards_of_a_tangle(seed: int) -> None:
    assert_nothing_is_crossed_out(draw(tangle(seed)))


@given(shapes())
def test_links_pass_between_the_cards_of_columns(content: GraphContent) -> None:
    bare = content.model_copy(update={"nodes": tuple(one.model_copy(update={"metadata": {}}) for one in content.nodes)})

    assert_nothing_is_crossed_out(draw(bare))


def assert_nothing_is_crossed_out(picture: Picture) -> None:
    for _, way, _ in picture.wires():
        for start, end, at in level_pieces(way):
            for card in picture.cards():
                beside = max(start, end) <= card.x + 0.2 or min(start, end) >= card.x + card.width - 0.2
                assert beside or not card.y < at < card.y + card.height


def test_links_lead_from_left_to_right() -> None:
    for _, way, _ in draw(chain(20)).wires():
        (left, start), (right, end) = ends(way)
        assert left < right
        assert start == end


def test_columns_are_ordered_so_that_links_do_not_cross() -> None:
    names = "abcdef"
    content = graph(
        *(node(f"{name}1", "upper") for name in names),
        *(node(f"{name}2", "upper") for name in reversed(names)),
        node("end", "form"),
        *(link(f"{name}1.text", f"{name}2.text") for name in names),
        *(link(f"{name}2.text", f"end.values.{name}") for name in "cfadbe"),
    )
    picture = draw(content)

    first, second = (
        [
            title
            for _, title in sorted((card.y, card.texts[0][0]) for card in picture.cards() if card.texts[0][1:] == at)
        ]
        for at in "12"
    )
    assert first == second
    assert [text[-1].upper() for text in picture.card("End").texts[2:]] == second


def test_inputs_stand_first_and_other_beginnings_beside_what_needs_them() -> None:
    content = graph(
        *chain(4).nodes,
        *chain(4).links,
        node("asked", "text_input", name="x"),
        node("found", "fetch"),
        link("asked.result", "n3.a"),
        link("found.found", "n3.b"),
    )
    picture = draw(content)

    assert picture.card("Asked").x == picture.card("N0").x
    assert picture.card("Found").x == picture.card("N2").x


def test_parts_that_nothing_links_are_put_together_like_a_page() -> None:
    picture = draw(graph(*(node(f"n{at}", "upper") for at in range(100))))
    width, height = picture.size()

    assert 1 < width / height < 3


def test_places_that_somebody_chose_are_kept() -> None:
    snake = placed(chain(4), [(0, 0), (900, 30), (900, 700), (0, 730)])

    cards = draw(snake).cards()

    assert cards[0].x == cards[3].x < cards[1].x == cards[2].x
    assert cards[0].y < cards[1].y < cards[2].y < cards[3].y


@pytest.mark.parametrize(
    "places",
    [
        [(0.0, 0.0), (0.0, 0.0), (640.0, 0.0)],
        [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)],
        [(0.0, 0.0), (1e300, 0.0), (2e300, 0.0)],
        [(0.0, 0.0), (320.0, 0.0), (640.0, 0.0)],
    ],
    ids=["twice the same", "on top of each other", "worlds apart", "as programs place them"],
)
def test_places_of_no_use_give_way_to_columns(places: list[tuple[float, float]]) -> None:
    assert draw_svg(placed(sound_graph(), places), CATALOG) == draw_svg(sound_graph(), CATALOG)


def test_large_graphs_are_drawn_whole() -> None:
    size = 800
    star = graph(
        *(node(f"n{at}", "upper") for at in range(size)), *(link("n0.text", f"n{at}.text") for at in range(1, size))
    )
    ring = graph(*chain(size).nodes, *chain(size).links, link(f"n{size - 1}.text", "n0.text"))
    skips = graph(
        *chain(size).nodes,
        *chain(size).links,
        *(link(f"n{at}.text", f"n{size - 1 - at}.a{at}") for at in range(size // 2 - 1)),
    )

    for content in (star, ring, skips, graph(*(node(f"n{at}", "upper") for at in range(size)))):
        picture = draw(content)
        assert len(picture.cards()) == size
        assert len(picture.wires()) == len(content.links)
