import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given

from tests.architecture.tree import ROOT
from tests.graphs.pictures import Picture, draw, fired, run_of
from tests.unit.graphs.random_graphs import graphs
from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.executions.types import ExecutionStatus, NotFired, RunError, Waiting
from weft.graphs.documents import parse_document
from weft.graphs.drawing.colours import Theme
from weft.graphs.drawing.svg import draw_svg
from weft.graphs.drawing.text import fit, text_width, wrap
from weft.graphs.sub_graphs import document_from
from weft.graphs.types import GraphContent, Node
from weft.sdk import Catalog

EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.json") if ".expect." not in path.name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_drawn_with_every_node_and_link(path: Path) -> None:
    content = document_from(json.loads(path.read_bytes())).main

    picture = Picture(draw_svg(content, Catalog.load()))

    assert sorted(card.texts[0] for card in picture.cards()) == sorted(one.label for one in content.nodes)
    assert len(picture.wires()) == len(content.links)
    assert picture.text("title") == content.name


def test_the_picture_of_the_guide_is_the_one_that_is_drawn() -> None:
    content = parse_document((ROOT / "examples" / "invoice.json").read_bytes())

    # weft draw examples/invoice.json -o docs/images/invoice.svg
    assert (ROOT / "docs" / "images" / "invoice.svg").read_text() == draw_svg(content, Catalog.load())


def test_static_and_error_links_are_told_apart_and_explained() -> None:
    content = graph(
        node("in", "text_input", name="x"),
        node("up", "upper"),
        node("out", "output", name="y"),
        link("in.result", "up.text", is_static=True),
        link("up.error", "out.value"),
    )
    picture = draw(content)

    assert {classes for classes, _, _ in picture.wires()} == {"wire static", "wire error"}
    assert picture.texts()[-2:] == ["static: keeps its last value", "error: taken when the block fails"]
    assert not any("keeps its last" in text for text in draw(sound_graph()).texts())


def test_a_block_that_is_not_installed_says_so() -> None:
    picture = draw(graph(node("a", "gone")))

    assert picture.card("A").texts[1] == "toy.gone · not installed"


def test_links_of_nodes_that_are_not_there_are_left_out() -> None:
    picture = draw(graph(node("a", "upper"), link("a.text", "gone.text")))

    assert picture.wires() == []
    assert len(picture.cards()) == 1


def test_an_empty_graph_says_that_it_is_empty() -> None:
    assert draw(GraphContent(name="Nothing")).texts() == ["Nothing", "There are no nodes yet."]


def test_a_note_shows_its_text_and_no_other_node_shows_a_value() -> None:
    content = graph(node("n", "note", text="ask Ada " * 60), node("in", "text_input", name="x", value="hunter2"))
    picture = draw(content, run=run_of(ExecutionStatus.COMPLETED, inputs={"x": "hunter3"}))

    note = picture.card("N").texts
    assert note[2].startswith("ask Ada ask Ada")
    assert note[-1].endswith("…")
    assert "hunter" not in "".join(picture.root.itertext())


@given(graphs())
def test_any_text_is_drawn_as_text(content: GraphContent) -> None:
    picture = draw(content)

    assert len(picture.cards()) == len(content.nodes)


@pytest.mark.parametrize(
    ("label", "drawn"),
    [
        ("<script>&\"'", "<script>&\"'"),
        ("a\tb\r\nc", "a b c"),
        ("a\x01b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("]]>", "]]>"),
        ("\ufffe", "\ufffd"),
    ],
)
def test_hostile_labels_steer_nothing(label: str, drawn: str) -> None:
    content = GraphContent(name=label, description=label, nodes=(Node(id="a", block_id=label, label=label),))

    picture = draw(content)

    assert picture.cards()[0].texts[0] == drawn
    assert {one.tag.rpartition("}")[2] for one in picture.root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "text", "tspan", "g", "path", "circle")
    }


@pytest.mark.parametrize("text", ["a" * 300, "翻" * 100, "mmmm" * 30, "👩‍👩‍👧" * 40, "é" * 100, "e\u0301" * 100])
@pytest.mark.parametrize("bold", [False, True])
def test_a_text_that_is_cut_takes_no_more_room_than_there_is(text: str, bold: bool) -> None:
    cut = fit(text, 120, 13, bold=bold)

    assert text_width(cut, 13, bold=bold) <= 120
    assert cut.endswith("…")
    assert not cut.endswith(("\u200d…", "\u0301\u0301…"))
    assert text.startswith(cut[:-1])


def test_wide_signs_take_the_room_of_two_narrow_ones() -> None:
    assert text_width("翻译", 10) == 20
    assert text_width("e\u0301", 10) == text_width("e", 10)
    wide, narrow = (
        draw(graph(node("a", "upper").model_copy(update={"label": text}))) for text in ("翻" * 15, "l" * 15)
    )
    assert wide.cards()[0].width > narrow.cards()[0].width


def test_text_is_wrapped_at_spaces_and_loses_nothing_but_the_end() -> None:
    assert wrap("one two three", 10_000, 11, lines=3) == ["one two three"]
    assert " ".join(wrap("one two three four", 40, 11, lines=9)) == "one two three four"
    assert "".join(wrap("翻" * 20, 44, 11, lines=9)) == "翻" * 20
    assert wrap("", 40, 11, lines=3) == []


def test_a_run_is_drawn_on_the_nodes() -> None:
    content = graph(
        node("in", "text_input", name="question"),
        node("other", "text_input", name="other", value="x"),
        node("up", "upper"),
        node("more", "upper"),
        node("out", "output", name="answer"),
        node("note", "note", text="hello"),
        link("in.result", "up.text"),
        link("other.result", "up.locale"),
        link("up.text", "more.text"),
        link("more.text", "out.value"),
    )
    run = run_of(
        ExecutionStatus.FAILED,
        fired("up", firings=3, attempts=5),
        fired("more", ExecutionStatus.FAILED),
        inputs={"question": "why"},
        error=RunError("X", "the bridge is out", "more"),
        not_fired=(NotFired("out", "Out", ("value",)),),
    )

    picture = draw(content, run=run)

    assert "failed after 1.5 s" in picture.texts()
    assert picture.card("In").texts[-1] == "given"
    assert picture.card("Other").texts[-1] == "default"
    assert picture.card("Up").texts[-1] == "completed · 3 runs · 5 tries · 12 ms"
    assert picture.card("More").texts[-2:] == ("failed · 12 ms", "the bridge is out")
    assert picture.card("Out").texts[-2:] == ("not run", "no value for 'value'")
    assert picture.card("Note").texts[-1] == "hello"
    assert {card.texts[0]: card.classes for card in picture.cards()} == {
        "In": "card completed",
        "Other": "card completed",
        "Up": "card completed",
        "More": "card failed",
        "Out": "card idle",
        "Note": "note",
    }
    assert [classes for classes, _, hint in picture.wires() if "Out" in hint] == ["wire unused"]


def test_a_run_that_waits_says_for_what() -> None:
    until = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
    run = run_of(
        ExecutionStatus.WAITING,
        fired("n0", ExecutionStatus.WAITING),
        fired("n1", ExecutionStatus.WAITING),
        waiting=(
            Waiting("n0", "N0", "time", until),
            Waiting("n1", "N1", "person", None, "Agree?"),
            Waiting("n1", "N1", "person"),
        ),
    )

    picture = draw(chain(3), run=run)

    assert picture.card("N0").texts[-1] == "until 2026-05-06 07:08:09 UTC"
    assert picture.card("N1").texts[-1] == "for person: Agree? (and 1 more)"
    assert picture.card("N2").texts[-1] == "not yet run"


def test_a_picture_can_be_read_aloud() -> None:
    words = draw(sound_graph(), run=run_of(ExecutionStatus.CANCELLED)).text("desc")

    assert words.startswith("A graph of 3 nodes and 2 links. Inputs: In. Outputs: Out. The run: cancelled after 1.5 s.")
    assert words.endswith("In leads to Up. Up leads to Out.")


@pytest.mark.parametrize(("theme", "asks"), [(Theme.AUTO, True), (Theme.LIGHT, False), (Theme.DARK, False)])
def test_only_without_a_theme_the_viewer_is_asked(theme: Theme, asks: bool) -> None:
    assert ("prefers-color-scheme" in draw_svg(sound_graph(), CATALOG, theme=theme)) is asks


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_all_text_can_be_read_on_what_is_behind_it(theme: Theme) -> None:
    nodes = (
        node("in", "text_input", name="q"),
        node("n", "note", text="x"),
        *(node(f"n{at}", "upper") for at in range(5)),
    )
    statuses = [ExecutionStatus.FAILED, ExecutionStatus.WAITING, ExecutionStatus.CANCELLED, ExecutionStatus.RUNNING]
    run = run_of(
        ExecutionStatus.RUNNING,
        *(fired(f"n{at}", status) for at, status in enumerate(statuses)),
        inputs={"q": "x"},
        error=RunError("X", "x", "n0"),
    )
    style = draw(graph(*nodes, node("gone", "gone")), run=run, theme=theme).text("style")
    fills = dict(re.findall(r"\.weft-\w+ (\.[\w.]+)\{[^}]*?fill:(#\w{6})", style))

    backgrounds = [fills[".page"], fills[".card"], fills[".note"]]
    for name in (".t", ".s", ".bad", ".failed", ".waiting", ".cancelled", ".running", ".completed", ".idle"):
        behind = [fills[".page"], fills[".card"]] if name not in (".t", ".s") else backgrounds
        assert min(contrast(fills[name], one) for one in behind) >= 4.5, name


def contrast(one: str, other: str) -> float:
    lights = sorted((luminance(one), luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_two_drawings_on_one_page_do_not_share_names() -> None:
    text = draw_svg(sound_graph(), CATALOG)
    style = Picture(text).text("style").replace("@media (prefers-color-scheme:dark){", "")

    assert " id=" not in text
    assert {rule[:10] for rule in style.rstrip("}").split("}")} == {".weft-auto"}
