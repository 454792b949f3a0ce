"""`weft.Result`: what it says, in words, in a notebook, and when it is asked for what is not there."""

from typing import Any
from xml.etree import ElementTree

import pytest

import weft
from tests.graphs.pictures import fired, run_of
from tests.unit.graphs.toy_blocks import CATALOG
from weft.errors import ExecutionError, InvalidInput, NotFound
from weft.executions.types import ExecutionStatus, NotFired, RunError, Waiting
from weft.graphs.documents import content_from
from weft.graphs.types import GraphContent
from weft.sdk.builder import GraphBuilder

HOSTILE = '<script>alert(1)</script>\x1b[31m\u202e & "it"'


def content(nodes: int = 2, name: str = "Toy") -> GraphContent:
    g = GraphBuilder(name)
    for number in range(nodes):
        g.add("flow.note", f"note {number}", text="a note")
    return content_from(g.to_document())


def result(
    status: ExecutionStatus = ExecutionStatus.COMPLETED, *, of: GraphContent | None = None, **fields: Any
) -> weft.Result:
    return weft.Result(run_of(status, fired("greet"), **fields), of or content(), CATALOG)


FAILED = result(
    ExecutionStatus.FAILED,
    outputs={"greeting": []},
    error=RunError("BRIDGE_OUT", "the bridge is out", "cross", "Cross the river", 1),
    not_fired=(NotFired("a", "Arrive", ("value",)),),
)
WAITING = result(
    ExecutionStatus.WAITING,
    outputs={"greeting": []},
    waiting=(Waiting("ask", "Ask", "person", title="Your name?", key="0:0:1"),),
)
DONE = result(outputs={"greeting": ["Hello", "Hello again"], "none": []}, not_fired=(NotFired("a", "Arrive", ()),))


def test_an_output_is_its_last_value_and_all_of_them() -> None:
    assert (DONE["greeting"], DONE.outputs["greeting"]) == ("Hello again", ["Hello", "Hello again"])
    assert (DONE.get("greeting"), DONE.get("none"), DONE.get("none", 7)) == ("Hello again", None, 7)


@pytest.mark.parametrize(
    ("asked", "name", "sentence"),
    [
        (DONE, "greting", "the graph has no output 'greting'; it has: greeting, none"),
        (DONE, "none", "output 'none' got no value: completed without one"),
        (
            FAILED,
            "greeting",
            "output 'greeting' got no value: failed: node 'Cross the river' (cross): the bridge is out",
        ),
        (WAITING, "greeting", "output 'greeting' got no value: waits for person at 'Ask': Your name? (key 0:0:1)"),
        (result(ExecutionStatus.CANCELLED, outputs={"a": []}), "a", "output 'a' got no value: was cancelled"),
        (result(ExecutionStatus.RUNNING, outputs={"a": []}), "a", "output 'a' got no value: is running"),
    ],
)
def test_an_output_that_is_not_there_is_told_with_the_reason(asked: weft.Result, name: str, sentence: str) -> None:
    with pytest.raises(NotFound) as raised:
        asked[name]

    assert str(raised.value) == sentence
    assert isinstance(raised.value, KeyError)


def test_a_name_that_no_output_has_is_a_mistake_even_with_a_default() -> None:
    with pytest.raises(KeyError):
        DONE.get("greting", 7)


def test_only_a_run_that_completed_passes_the_check() -> None:
    assert DONE.raise_for_error() is DONE
    with pytest.raises(ExecutionError) as raised:
        FAILED.raise_for_error()

    assert raised.value.error_code == "BRIDGE_OUT"
    assert raised.value.message == ("the run of 'Toy' failed: node 'Cross the river' (cross): the bridge is out")
    for asked, code in (
        (WAITING, "RUN_WAITING"),
        (result(ExecutionStatus.CANCELLED), "RUN_CANCELLED"),
        (result(ExecutionStatus.TIMEOUT), "RUN_TIMEOUT"),
    ):
        with pytest.raises(ExecutionError) as raised:
            asked.raise_for_error()
        assert raised.value.error_code == code


def test_in_words_it_is_short() -> None:
    assert repr(DONE).splitlines() == [
        f"<weft.Result: 'Toy' completed after 1.5 s, execution {DONE.execution_id}>",
        "  greeting: 2 values, the last: Hello again",
        "  none: no value",
        "  not run: Arrive",
    ]
    assert "  error: node 'Cross the river' (cross): the bridge is out" in repr(FAILED).splitlines()
    assert "  waits for person at 'Ask': Your name? (key 0:0:1)" in repr(WAITING).splitlines()


def test_in_words_it_has_five_lines_at_most_and_none_is_endless() -> None:
    words = repr(result(outputs={f"output {number}": ["long\n" * 1000] for number in range(50)}))

    assert len(words.splitlines()) == 5
    assert words.endswith("  … and 47 more")
    assert max(map(len, words.splitlines())) <= 170


def test_what_a_run_gave_steers_neither_terminal_nor_notebook() -> None:
    hostile = result(
        ExecutionStatus.FAILED,
        of=content(name="Toy <b>"),
        outputs={HOSTILE: [HOSTILE, {"a": HOSTILE}]},
        error=RunError("X", HOSTILE, HOSTILE, HOSTILE),
        not_fired=(NotFired("a", HOSTILE, (HOSTILE,)),),
        waiting=(Waiting("a", HOSTILE, "person", title=HOSTILE, key=HOSTILE),),
    )

    html = hostile._repr_html_()

    ElementTree.fromstring(html)
    assert "<script" not in html
    for text in (html, repr(hostile)):
        assert not set(text) & {"\x1b", "\u202e"}


def test_in_a_notebook_it_is_a_table_and_the_graph_with_its_states() -> None:
    html = ElementTree.fromstring(DONE._repr_html_())
    rows = [["".join(cell.itertext()) for cell in row] for row in html.iter("tr")]

    assert rows == [["greeting", "Hello\nHello again"], ["none", "no value"], ["", "not run: Arrive"]]
    assert html.find(".//{http://www.w3.org/2000/svg}svg") is not None
    assert "completed after 1.5 s" in "".join(html.itertext())


def test_a_graph_too_large_for_a_cell_is_not_drawn_there() -> None:
    large = result(of=content(151))

    assert "<svg" not in large._repr_html_()
    assert "151 nodes" in large._repr_html_()
    assert large.drawing.svg().startswith("<svg")


def test_of_many_values_the_last_ones_are_shown() -> None:
    html = result(outputs={"n": list(range(1234))})._repr_html_()

    assert "… 1,229 before\n1229\n1230\n1231\n1232\n1233" in html


def test_a_drawing_is_svg_and_mermaid_in_any_theme() -> None:
    drawing = weft.draw(content())

    assert drawing.svg() == drawing._repr_svg_()
    assert 'class="weft-dark"' in drawing.svg("dark")
    assert "flowchart LR" in drawing.mermaid()
    assert repr(drawing) == "<weft.Drawing of 'Toy': 2 nodes>"
    assert repr(DONE.drawing) == "<weft.Drawing of 'Toy': 2 nodes, completed>"
    with pytest.raises(InvalidInput, match="there is no theme 'pink'; there are: auto, light, dark"):
        drawing.svg("pink")


def test_the_names_of_the_package_are_listed_and_no_others_are_there() -> None:
    assert {"run", "arun", "open", "draw", "close", "Result", "App", "Drawing"} <= set(dir(weft))
    assert all(getattr(weft, name).__doc__ for name in ("run", "arun", "open", "draw", "close", "Result"))
    with pytest.raises(AttributeError, match="module 'weft' has no attribute 'ruin'"):
        weft.ruin  # type: ignore[attr-defined]  # noqa: B018
