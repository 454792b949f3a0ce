"""Pins with a path, and names, as files write them and as Weft takes them."""

from typing import Any

import pytest

from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.reading import issues_of, link_into, node_of, read, report_of, runnable
from weft.graphs.errors import DocumentInvalid
from weft.graphs.interface import graph_inputs
from weft.interop.types import Result
from weft.sdk import Catalog

LONG = "x" * 101


def linked(source_pin: str, sink_pin: str) -> Agent:
    """A node nobody knows, and links that name pins of it."""
    agent = Agent()
    agent.node("in", agents.INPUT, name="in")
    agent.node("odd", agents.NOWHERE)
    agent.node("out", agents.OUTPUT, name="out")
    agent.link("in.result", f"odd.{sink_pin}")
    agent.link(f"odd.{source_pin}", "out.value")
    return agent


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("plain", "plain"),
        ("values_#_Name", "values.Name"),
        ("values_#_Published URL", 'values["Published URL"]'),
        ("values_#_7", 'values["7"]'),
        ("values_#_名前", "values.名前"),
        ('values_#_say "hi".', 'values["say \\"hi\\"."]'),
        ("list_$_0", "list[0]"),
        ("event_@_name", "event.name"),
        ("a_$_0_#_name_@_b", "a[0].name.b"),
        ("a_b_c", "a_b_c"),
        ("v1.2[x]_#_k", "v1_2_x].k"),
    ],
)
def test_a_path_is_read_from_left_to_right_on_both_ends(written: str, meant: str, catalog: Catalog) -> None:
    content = read(linked(written, written), catalog).main.content

    assert link_into(content, "odd").sink_name == meant
    assert link_into(content, "out").source_name == meant


def test_only_a_part_of_a_source_may_be_missing(catalog: Catalog) -> None:
    content = read(linked("event_#_name", "values_#_name"), catalog).main.content

    assert [link.optional_path for link in content.links] == [False, True]


@pytest.mark.parametrize(
    "pin", ["list_$_x", "list_$_-1", "list_$_10001", "list_$_99999999999", "values_#_", "a_$__#_b"]
)
def test_a_path_that_leads_nowhere_is_refused_with_its_place(pin: str, catalog: Catalog) -> None:
    with pytest.raises(
        DocumentInvalid, match=r"agent.json: links\[0\].sink_name: link 'link-0': .* is no pin"
    ) as caught:
        read(linked("a", pin), catalog)

    assert caught.value.issues[0].code == "BAD_PIN_PATH"


def test_a_pin_that_neither_knows_is_refused_by_the_validator(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("in", agents.INPUT, name="in")
    agent.node("count", agents.COUNT_ITEMS)
    agent.link("in.result", "count.nothing_such")

    (issue,) = [one for one in issues_of(read(agent, catalog), catalog) if one.level == "refused"]

    assert issue.code == "UNKNOWN_INPUT_PIN"
    assert "'Count Items' (count) has no input pin 'nothing_such'; it has: collection" in issue.message


def test_values_for_parts_of_a_pin_are_put_together(catalog: Catalog) -> None:
    agent = Agent()
    parts = {"values_#_b": 2, "values_#_c_$_1": "x"}
    agent.node("fill", agents.FILL_TEMPLATE, parts, format="{{ a }}", values={"a": 1})

    node = node_of(read(agent, catalog).main.content, "fill")

    assert node.input_default == {"format": "{{ a }}", "values": {"a": 1, "b": 2, "c": [None, "x"]}}


def test_values_that_contradict_each_other_are_refused(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("fill", agents.FILL_TEMPLATE, {"values_#_a": 1, "values_#_a_#_b": 2}, format="")

    with pytest.raises(DocumentInvalid, match=r"nodes\[0\].input_default: key 'b' cannot be put into"):
        read(agent, catalog)


def test_values_nested_deeper_than_a_file_can_hold_are_refused(catalog: Catalog) -> None:
    agent = Agent()
    value: Any = 1
    for _ in range(60):
        value = [value]
    agent.node("fill", agents.FILL_TEMPLATE, {"values" + "_#_a" * 40: value}, format="")

    with pytest.raises(DocumentInvalid, match="is nested too deep"):
        read(agent, catalog)


def test_a_path_of_thousands_of_steps_is_no_path(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("fill", agents.FILL_TEMPLATE, {"values" + "_#_a" * 5000: 1}, format="")

    assert [issue.code for issue in issues_of(read(agent, catalog), catalog)] == ["UNKNOWN_INPUT_DEFAULT"]


def test_a_few_bytes_do_not_become_gigabytes_of_empty_places(catalog: Catalog) -> None:
    agent = Agent()
    for number in range(100):
        agent.node(f"n{number}", agents.CREATE_LIST, {"values_$_9999": 1})

    with pytest.raises(DocumentInvalid, match="too many places empty"):
        read(agent, catalog)


def test_part_of_a_list_that_a_link_fills_starts_from_the_nodes_own_value(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("in", agents.INPUT, name="in")
    agent.node("list", agents.CREATE_LIST, values=["a"])
    agent.node("out", agents.OUTPUT, name="out")
    agent.link("in.result", "list.values_$_1", static=True)
    agent.link("list.list", "out.value")

    imported = read(agent, catalog)

    assert node_of(imported.main.content, "list").input_default == {"values": ["a"]}
    assert runnable(imported, catalog)


@pytest.mark.parametrize(
    "name", ["Published URL", "Results!", "名前", "ünïcode ✓", " padded ", "v1.2", "a[0]", "x" * 100]
)
def test_names_that_weft_can_have_stay_as_they_are(name: str, catalog: Catalog) -> None:
    agent = Agent()
    agent.node("in", agents.INPUT, name=name)

    imported = read(agent, catalog)

    assert [one.name for one in graph_inputs(imported.main.content, catalog)] == [name]
    assert report_of(imported, "in").todo is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["", "  ", None], ["input", "input 2", "input 3"]),
        (["", "input"], ["input 2", "input"]),
        ([LONG, LONG + "y"], ["x" * 99 + "…", "x" * 92 + " 2"]),
    ],
)
def test_other_names_are_replaced_and_told(names: list[Any], expected: list[str], catalog: Catalog) -> None:
    agent = Agent()
    for at, name in enumerate(names):
        agent.node(f"n{at}", agents.INPUT, name=name)

    imported = read(agent, catalog)

    assert [one.name for one in graph_inputs(imported.main.content, catalog)] == expected
    assert all(
        node.result is Result.RENAMED and f"its name is now {name!r}" in str(node.todo)
        for node, given, name in zip(imported.main.nodes, names, expected, strict=True)
        if given != name
    )
    assert runnable(imported, catalog)


def test_two_inputs_of_one_name_are_kept_and_forbid_the_run(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("a", agents.INPUT, name="same")
    agent.node("b", agents.INPUT, name="same")

    assert [issue.code for issue in issues_of(read(agent, catalog), catalog)] == ["DUPLICATE_INPUT_NAME"]


@pytest.mark.parametrize(
    ("title", "label"),
    [("Mine", "Mine"), ("  two\nlines ", "two lines"), ("名" * 120, "名" * 99 + "…"), ("", "who"), (7, "who")],
)
def test_labels_are_what_the_user_wrote_as_far_as_weft_can_show_it(title: Any, label: str, catalog: Catalog) -> None:
    agent = Agent()
    agent.node("in", agents.INPUT, metadata={"customized_name": title}, name="who")

    assert node_of(read(agent, catalog).main.content, "in").label == label


def test_a_graph_without_a_usable_name_or_description_gets_one_and_a_note(catalog: Catalog) -> None:
    agent = Agent(name="\n", extra={"description": "d" * 501, "instructions": "First do this."})
    agent.node("in", agents.INPUT, name="who")

    imported = read(agent, catalog)

    assert imported.main.content.name == "Imported agent"
    assert imported.main.content.description == "d" * 499 + "…"
    assert [note.partition(" ")[2][:20] for note in imported.main.notes] == [
        "graph is called 'Imp",
        "description was cut ",
        "instructions for use",
    ]


def test_a_place_on_the_canvas_is_kept_if_it_is_one(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("a", agents.NOTE, metadata={"position": {"x": 1, "y": 2.5, "z": 3}}, text="")
    agent.node("b", agents.NOTE, metadata={"position": {"x": "left", "y": 2}}, text="")
    agent.node("c", agents.NOTE, metadata={"position": [1, 2]}, text="")

    content = read(agent, catalog).main.content

    assert [node.metadata for node in content.nodes] == [{"position": {"x": 1.0, "y": 2.5}}, {}, {}]
