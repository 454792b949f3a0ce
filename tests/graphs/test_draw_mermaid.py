import re

import pytest
from hypothesis import given

from tests.graphs.pictures import fired, run_of
from tests.unit.graphs.random_graphs import graphs
from tests.unit.graphs.toy_blocks import CATALOG, graph, link, node, sound_graph
from weft.executions.types import ExecutionStatus, NotFired
from weft.graphs.drawing.colours import Theme
from weft.graphs.drawing.mermaid import draw_mermaid
from weft.graphs.types import GraphContent, Node

LINE = re.compile(
    r"    n\d+(\(\[|\[|>)\"[^\"]*\"(\]\)|\])"  # a node
    r"|    n\d+ -\.?->(\|\"[^\"]*\"\|)? n\d+"  # a link
    r"|    (linkStyle|classDef|class) [\w,:#. -]+"
    r"|    acc(Title|Descr): .*"
    r"|---|flowchart LR|title: \".*\"|config:|  theme: \w+"
    r"|    empty\[\"There are no nodes yet\"\]"
)


def test_a_graph_is_a_flowchart() -> None:
    assert draw_mermaid(sound_graph(), CATALOG).splitlines() == [
        "---",
        'title: "toy"',
        "---",
        "flowchart LR",
        "    accTitle: toy",
        "    accDescr: A graph of 3 nodes and 2 links. Inputs: In. Outputs: Out. In leads to Up. Up leads to Out.",
        '    n0(["In<br/>Text"])',
        '    n1["Up<br/>Upper"]',
        '    n2(["Out<br/>Result"])',
        "    n0 --> n1",
        "    n1 --> n2",
    ]


def test_links_say_which_pins_where_there_are_several() -> None:
    content = graph(
        node("a", "fetch"),
        node("b", "upper"),
        link("a.found", "b.text", is_static=True),
        link("a.error", "b.locale"),
    )

    assert draw_mermaid(content, CATALOG).splitlines()[-3:] == [
        '    n0 -.->|"found → text"| n1',
        '    n0 -->|"error → locale"| n1',
        "    linkStyle 1 stroke:#b91c1c",
    ]


def test_a_run_gives_each_state_a_class() -> None:
    run = run_of(
        ExecutionStatus.COMPLETED,
        fired("up", firings=2, attempts=2),
        inputs={"question": "hunter2"},
        not_fired=(NotFired("out", "Out", ("value",)),),
    )

    text = draw_mermaid(sound_graph(), CATALOG, run=run, theme=Theme.DARK)

    assert 'title: "toy: completed after 1.5 s"\nconfig:\n  theme: dark\n' in text
    assert '    n1["Up<br/>Upper<br/>completed · 2 runs · 12 ms"]' in text
    assert '    n2(["Out<br/>Result<br/>not run<br/>no value for #39;value#39;"])' in text
    assert "    class n0,n1 completed" in text
    assert "    class n2 idle" in text
    assert "hunter" not in text


def test_a_note_is_its_text() -> None:
    assert '    n0>"N<br/>ask Ada"]' in draw_mermaid(graph(node("n", "note", text="ask\nAda")), CATALOG)


def test_an_empty_graph_says_that_it_is_empty() -> None:
    assert draw_mermaid(GraphContent(name="x"), CATALOG).endswith('    empty["There are no nodes yet"]\n')


@given(graphs())
def test_any_text_leaves_every_line_what_it_is(content: GraphContent) -> None:
    for line in draw_mermaid(content, CATALOG).splitlines():
        assert LINE.fullmatch(line), line


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ('a"]; click n0 call x()', "a#34;#93;#59; click n0 call x#40;#41;"),
        ("%%{init: {}}%%", "#37;#37;#123;init#58; #123;#125;#125;#37;#37;"),
        ("1. first", "1#46; first"),
        ("- first", "#45; first"),
        ("`code`", "#96;code#96;"),
        ("#quot;", "#35;quot#59;"),
        ("<b>&amp;", "#60;b#62;#38;amp#59;"),
        ("翻译 مرحبا", "翻译 مرحبا"),
        ("two\nlines", "two lines"),
    ],
)
def test_signs_that_mean_something_stand_for_themselves(label: str, written: str) -> None:
    content = GraphContent(name=label, nodes=(Node(id="a", block_id="toy.upper", label=label),))

    text = draw_mermaid(content, CATALOG)

    assert f'n0["{written}<br/>Upper"]' in text
    assert "%%" not in text
    assert text.count("\n---\n") == 1
