"""Graphs that run graphs: what is told of the calls before anything runs."""

from typing import Any
from uuid import UUID

import pytest

from tests.unit.graphs.toy_blocks import CATALOG as TOYS
from tests.unit.graphs.toy_blocks import graph, link, node
from weft.blocks.agent.loop import Loop
from weft.blocks.agent.run_graph import RunGraph
from weft.graphs.call_checks import DEEPEST, CalledGraph, Known, check_calls_of
from weft.graphs.calls import Call, CallKey, find_calls
from weft.graphs.issues import Issue
from weft.graphs.types import GraphContent, Link, Node
from weft.graphs.validation import check_graph
from weft.sdk import Catalog

CATALOG = Catalog([*TOYS, RunGraph, Loop])
CHILD = UUID(int=1)


def id_of(number: int) -> UUID:
    return UUID(int=number)


def caller(graph_id: object = CHILD, *, block: str = "agent.run", **values: Any) -> Node:
    """A node that runs a graph."""
    return Node(id="call", block_id=block, label="Call", input_default={"graph": str(graph_id), **values})


def child(*, name: str = "Child") -> GraphContent:
    """A graph that needs a text and may be given a whole number, and shows the text in capitals."""
    return graph(
        node("in", "text_input", name="text"),
        node("count", "number_input", name="count", value=1),
        node("up", "upper"),
        node("out", "output", name="LOUD!"),
        link("in.result", "up.text"),
        link("up.text", "out.value"),
        name=name,
    )


def check(root: CalledGraph, known: Known, *, with_called: bool = True) -> list[Issue]:
    (issues,) = check_calls_of([root], known, CATALOG, with_called=with_called)
    return issues


def issues_of(*parts: Node | Link, **known: GraphContent) -> list[Issue]:
    """Return what is told of the calls of a graph; `child` and others are known by their numbers."""
    graphs = {CallKey(id_of(int(name.removeprefix("g"))), 1): content for name, content in known.items()}
    graphs.setdefault(CallKey(CHILD, 1), child())
    found = {key: CalledGraph(key, content) for key, content in graphs.items()}
    by_key = found | {CallKey(key.graph_id): called for key, called in found.items()}
    return check(CalledGraph(None, graph(*parts, name="Root")), by_key)


def codes(*parts: Node | Link, **known: GraphContent) -> list[str]:
    return [issue.code for issue in issues_of(*parts, **known)]


def calling(number: int, *, name: str = "Calling") -> GraphContent:
    """A graph that runs another."""
    return graph(caller(id_of(number)), name=name)


def test_a_call_is_found_by_what_its_node_names() -> None:
    content = graph(caller("x", version=2), node("up", "upper", text="a"), caller("y").model_copy(update={"id": "b"}))

    assert find_calls(content, CATALOG) == [Call("call", "x", 2), Call("b", "y")]
    assert [call.key for call in find_calls(graph(caller(version=2)), CATALOG)] == [CallKey(CHILD, 2)]
    assert find_calls(graph(caller("x")), CATALOG)[0].key is None


@pytest.mark.parametrize(
    "parts",
    [
        (node("up", "upper", text="a"), caller(), link("up.text", "call.graph")),
        (node("up", "upper", text="1"), caller(), link("up.text", "call.version")),
        (caller(version="newest"),),
        (caller(version=2**40),),
        (Node(id="call", block_id="agent.run", label="Call", input_default={"graph": 5.5e300}),),
        (Node(id="call", block_id="agent.run", label="Call"),),
        (Node(id="call", block_id="toy.form", label="Call", input_default={"graph": str(CHILD)}),),
        (Node(id="call", block_id="no.such", label="Call", input_default={"graph": str(CHILD)}),),
    ],
)
def test_what_is_not_known_beforehand_is_not_judged(parts: tuple[Node | Link, ...]) -> None:
    assert codes(*parts) in ([], ["CALLED_GRAPH_NOT_FOUND"])
    assert CHILD not in {call.key and call.key.graph_id for call in find_calls(graph(*parts), CATALOG)}


def test_a_sound_call_has_no_issues() -> None:
    parts = (
        node("up", "upper", text="a"),
        caller(inputs={"count": 3}),
        node("out", "output", name="shout"),
        node("all", "output", name="all"),
        link("up.text", "call.inputs.text"),
        link('call.outputs["LOUD!"]', "out.value"),
        link('call.results["LOUD!"][0]', "all.value"),
    )

    assert issues_of(*parts) == []
    assert check_graph(graph(*parts), CATALOG, for_run=True) == []


@pytest.mark.parametrize(
    ("parts", "code", "sentence", "path"),
    [
        (
            (caller(id_of(9)),),
            "CALLED_GRAPH_NOT_FOUND",
            f"node 'Call' (call): there is no graph {id_of(9)}, or it was never saved",
            "nodes[0].input_default.graph",
        ),
        (
            (caller(version=7),),
            "CALLED_GRAPH_NOT_FOUND",
            f"node 'Call' (call): there is no version 7 of a graph {CHILD}",
            "nodes[0].input_default.graph",
        ),
        (
            (caller("shout"),),
            "CALLED_GRAPH_NOT_FOUND",
            "node 'Call' (call): 'shout' is neither the id of a graph nor a sub-graph of the file",
            "nodes[0].input_default.graph",
        ),
        (
            (caller(inputs={"text": "a", "tone": 1}),),
            "UNKNOWN_CALL_INPUT",
            "node 'Call' (call): graph 'Child' has no input 'tone'; it has: text, count",
            "nodes[0].input_default.inputs",
        ),
        (
            (node("up", "upper", text="a"), caller(inputs={"text": "a"}), link("up.text", "call.inputs.tone.of.it")),
            "UNKNOWN_CALL_INPUT",
            "link 'up.text>call.inputs.tone.of.it' to 'Call' (call): graph 'Child' has no input 'tone'; it has: text, count",
            "links[0].sink_name",
        ),
        (
            (caller(inputs={"count": 3}),),
            "MISSING_CALL_INPUT",
            "node 'Call' (call): input 'text' of graph 'Child' needs a value or a link",
            "nodes[0].input_default.inputs",
        ),
        (
            (caller(inputs={"text": "a", "count": "many"}),),
            "WRONG_CALL_INPUT",
            "node 'Call' (call): input 'count' of graph 'Child' must be a whole number or null, not a text",
            "nodes[0].input_default.inputs",
        ),
        (
            (caller(inputs={"text": None}),),
            "WRONG_CALL_INPUT",
            "node 'Call' (call): input 'text' of graph 'Child' must have a value, not null",
            "nodes[0].input_default.inputs",
        ),
        (
            (caller(inputs={"text": "a"}), node("out", "output", name="o"), link("call.outputs.low", "out.value")),
            "UNKNOWN_CALL_OUTPUT",
            "link 'call.outputs.low>out.value' from 'Call' (call): graph 'Child' has no output 'low'; it has: LOUD!",
            "links[0].source_name",
        ),
        (
            (caller(inputs={"text": "a"}), node("out", "output", name="o"), link("call.results[0]", "out.value")),
            "UNKNOWN_CALL_OUTPUT",
            "link 'call.results[0]>out.value' from 'Call' (call): graph 'Child' has no output '0'; it has: LOUD!",
            "links[0].source_name",
        ),
        (
            (caller(block="agent.loop", until="True", inputs={"text": "a"}, feed={"low": "text"}),),
            "UNKNOWN_CALL_OUTPUT",
            "node 'Call' (call): graph 'Child' has no output 'low'; it has: LOUD!",
            "nodes[0].input_default.feed",
        ),
        (
            (caller(block="agent.loop", until="True", inputs={"text": "a"}, feed={"LOUD!": "tone"}),),
            "UNKNOWN_CALL_INPUT",
            "node 'Call' (call): graph 'Child' has no input 'tone'; it has: text, count",
            "nodes[0].input_default.feed",
        ),
    ],
)
def test_each_fault_of_a_call_is_told_with_its_place(
    parts: tuple[Node | Link, ...], code: str, sentence: str, path: str
) -> None:
    if "no graph" in sentence or "no version" in sentence:
        key = CallKey(id_of(9)) if "no graph" in sentence else CallKey(CHILD, 7)
        (issue,) = check(CalledGraph(None, graph(*parts)), {key: None})
    else:
        (issue,) = issues_of(*parts)

    assert (issue.code, issue.message, issue.path) == (code, sentence, path)
    assert (issue.level, issue.node_id) == ("blocks_run", "call")


def test_a_link_that_brings_all_inputs_takes_the_place_of_what_the_node_says() -> None:
    everything = (node("get", "fetch"), caller(inputs={"tone": 1}), link("get.person", "call.inputs"))

    assert codes(*everything) == []
    assert codes(*everything, link("get.person.name", "call.inputs.tone")) == ["UNKNOWN_CALL_INPUT"]


def test_an_input_that_is_linked_in_part_is_not_judged_by_the_rest_of_its_value() -> None:
    parts = (
        node("up", "upper", text="a"),
        caller(inputs={"text": {}, "count": 1}),
        link("up.text", "call.inputs.text.b"),
    )

    assert codes(*parts) == []


def test_a_call_of_values_that_are_no_dictionary_is_told_as_that_alone() -> None:
    assert codes(caller(inputs=[1])) == []
    assert [issue.code for issue in check_graph(graph(caller(inputs=[1])), CATALOG, for_run=True)] == [
        "WRONG_INPUT_TYPE"
    ]


def test_a_called_graph_that_cannot_run_is_told_with_the_reason_at_any_depth() -> None:
    broken = graph(node("up", "upper"), node("more", "upper"), name="Broken")

    (issue,) = issues_of(caller(id_of(2)), g2=calling(3, name="Middle"), g3=broken)

    assert issue.code == "CALLED_GRAPH_INVALID"
    assert issue.message.startswith(
        "node 'Call' (call): graph 'Middle' cannot run: node 'Call' (call): graph 'Broken' cannot run: "
        "node 'Up' (up): input 'text' needs a value or a link (and "
    )


def test_a_wrong_call_inside_of_a_called_graph_forbids_to_run_both() -> None:
    (issue,) = issues_of(caller(id_of(2)), g2=graph(caller(), name="Middle"))

    assert issue.code == "CALLED_GRAPH_INVALID"
    assert "input 'text' of graph 'Child' needs a value or a link" in issue.message


def test_a_graph_that_comes_back_to_itself_is_told_with_the_way() -> None:
    key, other = CallKey(id_of(5)), CallKey(id_of(6))
    draft = CalledGraph(key, calling(6, name="A"))
    known = {key: draft, other: CalledGraph(CallKey(id_of(6), 1), calling(5, name="B"))}

    (issue,) = check(draft, known)

    assert issue.code == "RECURSION"
    assert issue.message == "node 'Call' (call): a graph may not run itself: 'A' -> 'B' -> 'A'"


def test_a_circle_below_the_graph_is_told_at_the_node_that_leads_to_it() -> None:
    (issue,) = issues_of(caller(id_of(2)), g2=calling(3, name="A"), g3=calling(4, name="B"), g4=calling(3, name="C"))

    assert (issue.code, issue.node_id) == ("RECURSION", "call")
    assert issue.message.endswith("'B' -> 'C' -> 'B'")


def test_two_ways_to_one_graph_are_no_circle() -> None:
    again = caller(id_of(3)).model_copy(update={"id": "again"})

    leaf = graph(node("up", "upper", text="a"))

    assert codes(caller(id_of(2)), again, g2=calling(3), g3=leaf) == []


def row_of(length: int) -> dict[str, GraphContent]:
    """Return graphs 2, 3 and so on, of which each but the last calls the next."""
    row = {f"g{number}": calling(number + 1) for number in range(2, length + 1)}
    return row | {f"g{length + 1}": graph(node("up", "upper", text="a"))}


@pytest.mark.parametrize(("length", "expected"), [(DEEPEST, []), (DEEPEST + 1, ["CALLS_TOO_DEEP"])])
def test_calls_may_be_so_deep_and_no_deeper(length: int, expected: list[str]) -> None:
    assert codes(caller(id_of(2)), **row_of(length)) == expected


def test_the_longest_way_counts_also_where_a_short_one_leads_to_the_same_graph() -> None:
    short = caller(id_of(9)).model_copy(update={"id": "short"})

    issues = issues_of(short, caller(id_of(2)), **row_of(DEEPEST + 1))

    assert [(one.code, one.node_id) for one in issues] == [("CALLS_TOO_DEEP", "call")]


def test_what_was_not_looked_for_is_passed_over_and_counts_as_one_deep() -> None:
    row = row_of(DEEPEST - 1)

    assert codes(caller(id_of(2)), **row | {"g8": calling(99)}) == []
    assert codes(caller(id_of(2)), **row | {"g8": calling(9), "g9": calling(99)}) == ["CALLS_TOO_DEEP"]


def test_a_row_of_a_thousand_graphs_is_judged_without_recursion() -> None:
    assert codes(caller(id_of(2)), **row_of(1_000) | {"g1001": calling(2)}) == ["RECURSION"]


def test_a_called_graph_that_somebody_else_tells_of_is_not_told_twice() -> None:
    key = CallKey(id_of(2), 1)
    root = CalledGraph(None, graph(caller(id_of(2), version=1)))

    broken = {key: CalledGraph(key, graph(node("up", "upper")))}

    assert check(root, broken, with_called=False) == []
    assert [issue.code for issue in check(root, broken)] == ["CALLED_GRAPH_INVALID"]


def test_long_lists_of_names_are_cut() -> None:
    many = graph(*(node(f"n{at}", "text_input", name=f"n{at}", value="") for at in range(30)), name="Many")

    (issue,) = issues_of(caller(id_of(2), inputs={"x": 1}), g2=many)

    assert issue.message.endswith("n18, n19 and 10 more")


def test_many_graphs_are_judged_together_as_each_would_be_alone() -> None:
    keys = [CallKey(id_of(number), 1) for number in range(1, 5)]
    contents = (
        child(),
        asking(CHILD),
        graph(caller(id_of(2), version=1), name="C"),
        graph(caller(version=1), name="D"),
    )
    graphs = [CalledGraph(key, content) for key, content in zip(keys, contents, strict=True)]
    known = dict(zip(keys, graphs, strict=True))

    together = check_calls_of(graphs, known, CATALOG, with_called=True)

    assert together == [check(one, known) for one in graphs]
    assert [[issue.code for issue in told] for told in together] == [[], [], [], ["MISSING_CALL_INPUT"]]


def asking(graph_id: UUID) -> GraphContent:
    """A graph that gives a text to another."""
    return graph(caller(graph_id, version=1, inputs={"text": "a"}), name="Asking")


def test_no_more_is_told_of_a_graph_than_anybody_reads() -> None:
    greedy = graph(*(node(f"n{at}", "text_input", name=f"n{at}") for at in range(40)), name="Greedy")
    callers = [caller(id_of(2)).model_copy(update={"id": f"c{at}"}) for at in range(40)]

    assert codes(*callers, g2=greedy) == ["MISSING_CALL_INPUT"] * 1_000


def test_what_a_message_quotes_is_cut() -> None:
    picky = graph(
        node("n", "choice_input", name="n", options=["o" * 60 + str(at) for at in range(1_000)]), name="Picky"
    )

    (issue,) = issues_of(caller(id_of(2), inputs={"n": "other"}), g2=picky)

    assert issue.code == "WRONG_CALL_INPUT"
    assert len(issue.message) < 600
    assert issue.message.endswith("…")
