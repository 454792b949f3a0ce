"""Issues of a graph as a whole: its flow, its limits, its ways to be judged."""

import pytest

from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.graphs.errors import GraphInvalid
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.limits import GraphLimits
from weft.graphs.types import GraphContent, Link, Node
from weft.graphs.validation import (
    check_graph,
    check_integrity,
    require_storable,
    validate_graph,
    validate_structure,
)


def issues(*parts: Node | Link, for_run: bool = False, limits: GraphLimits | None = None) -> list[Issue]:
    return check_graph(graph(*parts), CATALOG, for_run=for_run, limits=limits or GraphLimits())


def only(*parts: Node | Link, for_run: bool = False, limits: GraphLimits | None = None) -> Issue:
    (issue,) = issues(*parts, for_run=for_run, limits=limits)
    return issue


def test_a_node_without_links_among_others_deserves_a_look() -> None:
    found = only(node("f", "fetch"), node("u", "upper"), node("lost", "fetch"), link("f.found", "u.text"))

    assert found.code is Code.ISOLATED_NODE
    assert found.level is Level.WARNING
    assert found.message == "node 'Lost' (lost) has no links"


def test_a_single_node_is_not_isolated() -> None:
    assert issues(node("f", "fetch"), for_run=True) == []


def test_inputs_outputs_and_triggers_without_links_are_not_called_isolated() -> None:
    parts = (
        node("i", "text_input", name="q"),
        node("o", "output", name="r", value=1),
        node("h", "hook", secret_word=""),
    )

    assert issues(*parts) == []


def test_what_stands_behind_a_node_that_cannot_start_is_not_reached() -> None:
    found = issues(
        node("f", "fetch"),
        node("dead", "upper"),
        node("b", "upper"),
        node("o", "output", name="r"),
        link("dead.text", "b.text"),
        link("b.text", "o.value"),
        for_run=True,
    )

    assert [issue.code for issue in found] == [
        Code.MISSING_REQUIRED_INPUT,
        Code.UNREACHABLE_NODE,
        Code.OUTPUT_NOT_REACHED,
        Code.ISOLATED_NODE,
    ]
    assert found[1].level is Level.BLOCKS_RUN
    assert found[1].message.endswith("(node ids: dead, b, o)")
    assert found[2].level is Level.WARNING
    assert found[2].node_id == "o"


def test_a_trigger_starts_a_graph_though_its_values_come_later() -> None:
    parts = (node("h", "hook"), node("o", "output", name="r"), link("h.body", "o.value"))

    assert [issue.code for issue in issues(*parts, for_run=True)] == [Code.MISSING_REQUIRED_INPUT]


def test_a_graph_of_nothing_but_a_cycle_has_no_entry() -> None:
    parts = (node("a", "upper"), node("b", "upper"), link("a.text", "b.text"), link("b.text", "a.text"))

    assert [issue.code for issue in issues(*parts, for_run=True)] == [Code.CYCLE, Code.NO_ENTRY_NODE]
    assert [issue.code for issue in issues(*parts)] == [Code.CYCLE]


def test_a_graph_of_notes_has_no_entry() -> None:
    assert only(node("n", "note"), for_run=True).code is Code.NO_ENTRY_NODE


def test_pins_that_depend_on_order_are_named_by_who_knows_them() -> None:
    def order_dependent(content: GraphContent) -> list[tuple[str, str]]:
        return [(content.nodes[1].id, "text")]

    found = check_graph(sound_graph(), CATALOG, for_run=True, order_dependent=order_dependent)

    assert [(issue.code, issue.level, issue.node_id, issue.pin) for issue in found] == [
        (Code.ORDER_DEPENDENT, Level.WARNING, "up", "text")
    ]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (GraphLimits(nodes=2), Code.TOO_MANY_NODES),
        (GraphLimits(links=1), Code.TOO_MANY_LINKS),
        (GraphLimits(node_bytes=20), Code.NODE_TOO_LARGE),
    ],
)
def test_a_graph_beyond_a_limit_is_refused_and_nothing_else_is_looked_at(limits: GraphLimits, code: Code) -> None:
    broken = (node("a", "missing", text="twenty characters or more"), node("b", "upper"), node("c", "upper"))
    links = (link("a.x", "b.text"), link("a.x", "gone.text"))

    found = check_graph(graph(*broken, *links), CATALOG, for_run=True, limits=limits)

    assert [(issue.code, issue.level) for issue in found] == [(code, Level.REFUSED)]


def test_a_value_that_cannot_be_stored_is_refused_with_its_place() -> None:
    found = only(node("a", "fetch", query="\ud800"))

    assert found.code is Code.BAD_TEXT
    assert found.level is Level.REFUSED
    assert found.path == "nodes[0].input_default.query"


def test_all_issues_come_in_one_fixed_order() -> None:
    parts = (
        node("u", "upper", nope=1),
        node("x", "missing"),
        node("s", "add", a="many"),
        node("i", "text_input"),
        link("u.text", "u.text"),
        link("u.nope", "s.b"),
        link("gone.x", "s.b"),
        link("u.text", "i.value"),
    )

    expected = [
        Code.UNKNOWN_SOURCE_NODE,
        Code.UNKNOWN_BLOCK,
        Code.UNKNOWN_OUTPUT_PIN,
        Code.INPUT_PIN_LINKED,
        Code.CYCLE,
        Code.INTERFACE_NAME_MISSING,
        Code.UNKNOWN_INPUT_DEFAULT,
        Code.WRONG_INPUT_TYPE,
        Code.ISOLATED_NODE,
    ]
    assert [issue.code for issue in issues(*parts)] == expected
    assert issues(*parts) == issues(*parts)


def test_validate_graph_raises_for_faults_of_the_graph_though_it_could_be_stored() -> None:
    assert validate_graph(sound_graph(), CATALOG, for_run=True)
    for parts in [
        (),
        (node("x", "missing"),),
        (node("a", "upper"), link("a.text", "a.text")),
        (node("f", "fetch"), node("s", "add"), link("f.person", "s.a")),
        (node("f", "fetch"), link("f.found", "gone.text")),
    ]:
        with pytest.raises(GraphInvalid):
            validate_graph(graph(*parts), CATALOG)


def test_validate_graph_raises_the_first_issue_and_carries_the_others() -> None:
    broken = graph(node("a", "upper", text=""), link("a.text", "gone.x"), link("zero.x", "a.text"))

    with pytest.raises(GraphInvalid) as caught:
        validate_graph(broken, CATALOG)

    assert caught.value.message.startswith("link 'a.text>gone.x' leads to the node 'gone'")
    assert caught.value.message.endswith("(and 1 more)")
    assert [issue.code for issue in caught.value.issues] == [Code.UNKNOWN_SINK_NODE, Code.UNKNOWN_SOURCE_NODE]
    assert caught.value.details["issues"][0]["code"] == "UNKNOWN_SINK_NODE"


def test_what_only_forbids_a_run_is_raised_only_for_a_run() -> None:
    unfinished = graph(node("u", "upper"))

    assert validate_graph(unfinished, CATALOG)
    with pytest.raises(GraphInvalid, match="needs a value or a link"):
        validate_graph(unfinished, CATALOG, for_run=True)


def test_warnings_never_raise() -> None:
    lost = graph(node("f", "fetch"), node("g", "fetch"))

    assert validate_graph(lost, CATALOG, for_run=True)
    assert check_integrity(lost, CATALOG) == []


def test_a_draft_that_cannot_run_can_be_stored() -> None:
    draft = graph(node("a", "upper"), link("a.text", "a.text"))

    assert [issue.code for issue in require_storable(draft, CATALOG)] == [Code.CYCLE]
    with pytest.raises(GraphInvalid) as caught:
        require_storable(graph(link("a.x", "b.y")), CATALOG)
    assert {issue.level for issue in caught.value.issues} == {Level.REFUSED}


def test_structure_alone_is_judged_without_blocks() -> None:
    assert validate_structure(sound_graph())
    assert validate_structure(graph(node("x", "missing")))
    assert not validate_structure(graph())
    assert not validate_structure(graph(node("a", "upper"), link("a.text", "gone.text")))
    assert not validate_structure(graph(node("a", "upper"), link("a.text", "a.text")))


def test_a_chain_of_ten_thousand_nodes_is_checked_without_recursion() -> None:
    content = chain(10_000)

    assert check_graph(content, CATALOG, for_run=True) == []
    ring = content.model_copy(update={"links": (*content.links, link("n9999.text", "n0.locale"))})
    assert [issue.code for issue in check_graph(ring, CATALOG, for_run=True)] == [Code.CYCLE, Code.NO_ENTRY_NODE]
