"""Each issue by a graph that has it, and by nothing else being said about that graph."""

import pytest

from tests.unit.graphs.toy_blocks import CATALOG, graph, link, node, sound_graph
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.limits import GraphLimits
from weft.graphs.types import Link, Node
from weft.graphs.validation import (
    check_graph,
)


def issues(*parts: Node | Link, for_run: bool = False, limits: GraphLimits | None = None) -> list[Issue]:
    return check_graph(graph(*parts), CATALOG, for_run=for_run, limits=limits or GraphLimits())


def only(*parts: Node | Link, for_run: bool = False, limits: GraphLimits | None = None) -> Issue:
    (issue,) = issues(*parts, for_run=for_run, limits=limits)
    return issue


def test_a_sound_graph_has_no_issues() -> None:
    assert check_graph(sound_graph(), CATALOG, for_run=True) == []


def test_a_graph_without_nodes_can_be_kept_and_not_run() -> None:
    assert only() == Issue(Code.NO_NODES, Level.BLOCKS_RUN, "graph 'toy' must contain at least one node", path="nodes")


def test_a_link_from_a_node_that_is_not_there_is_refused_and_names_it() -> None:
    found = only(node("b", "upper", text=""), link("gone.text", "b.locale"))

    assert found == Issue(
        Code.UNKNOWN_SOURCE_NODE,
        Level.REFUSED,
        "link 'gone.text>b.locale' comes from the node 'gone', which the graph does not have",
        node_id="gone",
        link_id="gone.text>b.locale",
        path="links[0].source_id",
    )


def test_a_link_to_a_node_that_is_not_there_is_refused_and_names_it() -> None:
    found = only(node("a", "upper", text=""), link("a.text", "gone.text"))

    assert found.code is Code.UNKNOWN_SINK_NODE
    assert found.level is Level.REFUSED
    assert found.message == "link 'a.text>gone.text' leads to the node 'gone', which the graph does not have"
    assert (found.node_id, found.path) == ("gone", "links[0].sink_id")


def test_a_block_that_is_not_installed_blocks_the_run_and_leaves_its_pins_unjudged() -> None:
    found = only(
        node("a", "missing", what="ever"),
        node("b", "upper"),
        link("a.anything[3]", "b.text"),
    )

    assert found.code is Code.UNKNOWN_BLOCK
    assert found.level is Level.BLOCKS_RUN
    assert found.message == "node 'A' (a): there is no block 'toy.missing'"
    assert (found.node_id, found.path) == ("a", "nodes[0].block_id")


def test_an_output_pin_that_the_block_does_not_have_is_refused() -> None:
    found = only(node("a", "upper", text=""), node("b", "upper"), link("a.nope", "b.text"))

    assert found.code is Code.UNKNOWN_OUTPUT_PIN
    assert found.level is Level.REFUSED
    assert "(a.nope -> b.text): 'A' (a) has no output pin 'nope'; it has: text, error" in found.message
    assert (found.node_id, found.pin, found.path) == ("a", "nope", "links[0].source_name")


def test_an_input_pin_that_the_block_does_not_have_is_refused() -> None:
    found = only(node("a", "upper", text=""), node("b", "upper", text=""), link("a.text", "b.nope"))

    assert found.code is Code.UNKNOWN_INPUT_PIN
    assert found.level is Level.REFUSED
    assert "'B' (b) has no input pin 'nope'; it has: text, locale" in found.message
    assert (found.node_id, found.pin, found.path) == ("b", "nope", "links[0].sink_name")


def test_the_error_pin_is_a_pin_like_others() -> None:
    assert issues(node("a", "upper", text=""), node("b", "upper"), link("a.error", "b.text")) == []


def test_a_pin_reference_that_cannot_be_read_is_refused() -> None:
    found = only(node("a", "upper", text=""), node("b", "upper", text=""), link("a.text", "b.locale[x"))

    assert found.code is Code.BAD_PIN_PATH
    assert found.level is Level.REFUSED
    assert found.path == "links[0].sink_name"


def test_paths_into_values_are_followed_on_both_ends() -> None:
    parts = (
        node("f", "fetch"),
        node("u", "upper"),
        node("m", "form"),
        link("f.person.tags[0]", "u.text"),
        link("f.person.name", "m.values.Name"),
        link("f.person.name", "m.values", sink_name='values["Published URL"]', id="quoted"),
    )

    assert issues(*parts) == []


@pytest.mark.parametrize("source", ["person.gone", "person.name.x", "found.x", "person[0]"])
def test_a_part_that_no_value_of_the_source_can_have_blocks_the_run(source: str) -> None:
    nodes = (node("f", "fetch"), node("u", "upper"))

    found = only(*nodes, link(f"f.{source}", "u.text"))

    assert found.code is Code.PATH_NOT_IN_VALUE
    assert found.level is Level.BLOCKS_RUN
    assert (found.node_id, found.pin, found.path) == ("f", source, "links[0].source_name")
    assert issues(*nodes, link(f"f.{source}", "u.text", optional_path=True)) == []


@pytest.mark.parametrize("sink", ["text.x", "text[0]"])
def test_a_part_that_the_sink_cannot_have_blocks_the_run(sink: str) -> None:
    found = only(node("f", "fetch"), node("u", "upper"), link("f.found", f"u.{sink}", optional_path=True))

    assert found.code is Code.PATH_NOT_IN_VALUE
    assert (found.node_id, found.pin, found.path) == ("u", sink, "links[0].sink_name")


def test_types_that_never_go_together_block_the_run_and_name_both_ends() -> None:
    found = only(node("f", "fetch"), node("s", "add"), link("f.person", "s.a"))

    assert found.code is Code.INCOMPATIBLE_TYPES
    assert found.level is Level.BLOCKS_RUN
    assert found.message == (
        "link 'f.person>s.a' (f.person -> s.a): 'F' (f) gives an object, but 'S' (s) takes a whole number"
    )
    assert (found.node_id, found.link_id, found.pin, found.path) == ("s", "f.person>s.a", "a", "links[0]")


def test_what_is_wrong_with_links_that_are_alike_is_told_of_each() -> None:
    nodes = (node("f", "fetch"), *(node(id, "add", a=1) for id in "stu"))
    bad = [link("f.person", f"{id}.a") for id in "stu"]
    worse = [link("f.gone", f"{id}.b") for id in "stu"]

    found = issues(*nodes, *bad, *worse)

    assert [issue.code for issue in found] == [Code.INCOMPATIBLE_TYPES] * 3 + [Code.UNKNOWN_OUTPUT_PIN] * 3
    assert [issue.link_id for issue in found] == [one.id for one in (*bad, *worse)]


def test_a_link_that_may_lead_nowhere_excuses_no_other() -> None:
    nodes = (node("f", "fetch"), node("u", "upper"), node("v", "upper"))

    found = only(*nodes, link("f.person.gone", "u.text", optional_path=True), link("f.person.gone", "v.text"))

    assert (found.code, found.link_id) == (Code.PATH_NOT_IN_VALUE, "f.person.gone>v.text")


def test_a_part_is_judged_by_its_own_type() -> None:
    nodes = (node("f", "fetch"), node("s", "add"))

    assert only(*nodes, link("f.person.tags", "s.a")).code is Code.INCOMPATIBLE_TYPES
    assert issues(*nodes, link("f.person.tags[0]", "s.a")) == []


def test_nodes_with_the_same_id_are_refused() -> None:
    found = only(node("a", "fetch"), node("b", "fetch"), node("a", "fetch"), link("a.found", "b.query"))

    assert found == Issue(
        Code.DUPLICATE_NODE_ID,
        Level.REFUSED,
        "nodes[0] and nodes[2] have the same id 'a'",
        node_id="a",
        path="nodes[2].id",
    )


def test_links_with_the_same_id_are_refused() -> None:
    nodes = (node("f", "fetch"), node("u", "upper"))

    found = only(*nodes, link("f.found", "u.text", id="l"), link("f.found", "u.locale", id="l"))

    assert found.code is Code.DUPLICATE_LINK_ID
    assert found.level is Level.REFUSED
    assert (found.link_id, found.path) == ("l", "links[1].id")


def test_two_links_between_the_same_pins_are_refused_whatever_their_ids() -> None:
    nodes = (node("f", "fetch"), node("u", "upper"))

    found = only(*nodes, link("f.found", "u.text", id="l1"), link("f.found", "u.text", id="l2", is_static=True))

    assert found.code is Code.DUPLICATE_LINK
    assert found.level is Level.REFUSED
    assert found.message == "link 'l2' (f.found -> u.text) joins the same pins as link 'l1'"


def test_two_links_into_one_pin_from_different_pins_merge() -> None:
    nodes = (node("f", "fetch"), node("u", "upper"))

    assert issues(*nodes, link("f.found", "u.text"), link("f.error", "u.text")) == []


def test_an_input_of_the_graph_takes_no_link() -> None:
    found = only(node("f", "fetch"), node("i", "text_input", name="q"), link("f.found", "i.value"))

    assert found.code is Code.INPUT_PIN_LINKED
    assert found.level is Level.BLOCKS_RUN
    assert (found.node_id, found.pin, found.path) == ("i", "value", "links[0].sink_id")


def test_a_cycle_blocks_the_run_and_lists_the_nodes_on_it_and_no_others() -> None:
    found = only(
        node("before", "fetch"),
        node("a", "upper"),
        node("b", "upper"),
        node("behind", "upper"),
        link("before.found", "a.text"),
        link("a.text", "b.text"),
        link("b.text", "a.text"),
        link("b.text", "behind.text"),
    )

    assert found.code is Code.CYCLE
    assert found.level is Level.BLOCKS_RUN
    assert found.message == "circular dependencies found between 'A' (a), 'B' (b)"
    assert found.path == "nodes[1]"


def test_a_node_that_feeds_itself_is_a_cycle() -> None:
    found = only(node("a", "upper"), link("a.text", "a.text"))

    assert found.code is Code.CYCLE
    assert found.message == "circular dependencies found: 'A' (a) feeds itself"


@pytest.mark.parametrize("name", [{}, {"name": ""}, {"name": "  "}])
def test_an_input_needs_a_name(name: dict[str, str]) -> None:
    found = only(node("i", "text_input", **name))

    assert found.code is Code.INTERFACE_NAME_MISSING
    assert found.level is Level.BLOCKS_RUN
    assert found.message == "input 'I' (i) has no name; set its pin 'name' to a text"
    assert (found.node_id, found.pin, found.path) == ("i", "name", "nodes[0].input_default.name")


def test_two_inputs_of_one_name_block_the_run() -> None:
    found = only(node("i", "text_input", name="q"), node("j", "number_input", name="q"))

    assert found.code is Code.DUPLICATE_INPUT_NAME
    assert found.level is Level.BLOCKS_RUN
    assert found.message == "'I' (i), 'J' (j) are both inputs named 'q'"
    assert (found.node_id, found.path) == ("j", "nodes[1].input_default.name")


def test_two_outputs_of_one_name_deserve_a_look_and_an_input_may_share_it() -> None:
    found = only(
        node("i", "text_input", name="r"),
        node("a", "output", name="r"),
        node("b", "output", name="r"),
        link("i.result", "a.value"),
        link("i.result", "b.value"),
    )

    assert found.code is Code.DUPLICATE_OUTPUT_NAME
    assert found.level is Level.WARNING


def test_a_required_pin_needs_a_link_or_a_value() -> None:
    found = only(node("u", "upper"))

    assert found == Issue(
        Code.MISSING_REQUIRED_INPUT,
        Level.BLOCKS_RUN,
        "node 'U' (u): input 'text' needs a value or a link",
        node_id="u",
        pin="text",
        path="nodes[0].input_default.text",
    )


def test_a_link_into_a_part_of_a_required_pin_is_a_value_for_it() -> None:
    assert issues(node("f", "fetch"), node("m", "form"), link("f.person.name", "m.values.Name")) == []


def test_a_note_needs_no_values_and_no_links() -> None:
    assert issues(node("f", "fetch"), node("n", "note"), node("u", "upper"), link("f.found", "u.text")) == []


def test_a_default_of_the_wrong_type_blocks_the_run() -> None:
    found = only(node("s", "add", a="many"))

    assert found.code is Code.WRONG_INPUT_TYPE
    assert found.level is Level.BLOCKS_RUN
    assert found.message == "node 'S' (s): input 'a' must be a whole number, not a text"
    assert (found.node_id, found.pin, found.path) == ("s", "a", "nodes[0].input_default.a")


def test_the_default_of_a_linked_pin_is_not_judged_for_it_is_never_used() -> None:
    assert issues(node("f", "fetch"), node("s", "add", a="many"), link("f.numbers[0]", "s.a")) == []


def test_a_default_that_is_wrong_inside_names_the_place_inside() -> None:
    found = only(node("m", "form", values={"x": 3}))

    assert found.code is Code.WRONG_INPUT_TYPE
    assert found.message == "node 'M' (m): input 'values' is wrong at x: Input should be a valid string"


def test_a_default_for_a_pin_that_the_block_does_not_have_blocks_the_run() -> None:
    found = only(node("u", "upper", text="", size=3))

    assert found.code is Code.UNKNOWN_INPUT_DEFAULT
    assert found.level is Level.BLOCKS_RUN
    assert found.message == "node 'U' (u): there is no input pin 'size'; there are: text, locale"
