"""Which of the platform's blocks become which of Weft's, and what becomes of their pins and values."""

from typing import Any

import pytest

from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.platform_pins import PINS
from tests.interop.reading import issues_of, link_into, node_of, read, report_of, runnable
from weft.interop.autogpt.blocks import COUNTERPARTS
from weft.interop.types import Result
from weft.sdk import Catalog


def one_node(block_id: str, **values: Any) -> Agent:
    agent = Agent()
    agent.node("it", block_id, values)
    return agent


@pytest.mark.parametrize("block_id", PINS, ids=lambda block_id: COUNTERPARTS[block_id].name)
def test_every_pin_of_a_known_block_is_a_pin_of_weft_or_known_to_be_missing(block_id: str, catalog: Catalog) -> None:
    counterpart = COUNTERPARTS[block_id]
    block = catalog.get(str(counterpart.block))
    assert block is not None
    passed = counterpart.lacking | counterpart.left_out
    inputs, outputs = (pins.split() for pins in PINS[block_id])

    assert [
        pin for pin in inputs if counterpart.inputs.get(pin, pin) not in block.spec.inputs and pin not in passed
    ] == []
    assert [pin for pin in outputs if counterpart.outputs.get(pin, pin) not in block.spec.outputs] == []


def test_every_counterpart_has_its_pins_in_this_test() -> None:
    unlisted = {one.name for block_id, one in COUNTERPARTS.items() if one.block is not None and block_id not in PINS}

    assert unlisted == {"Agent Executor"}


def test_a_block_nobody_knows_becomes_a_placeholder_that_keeps_what_the_file_says(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("who", agents.INPUT, name="who")
    agent.node("odd", agents.NOWHERE, {"deep_#_key": [1]}, volume=11)
    agent.node("out", agents.OUTPUT, name="out")
    agent.link("who.result", "odd.some pin_#_a key", static=True)
    agent.link("odd.found_$_2_@_name", "out.value")

    imported = read(agent, catalog)

    content = imported.main.content
    report = report_of(imported, "odd")
    assert (report.result, report.block, report.block_id) == (Result.PLACEHOLDER, None, agents.NOWHERE)
    assert report.todo == "Weft does not know this block: choose another one in its place"
    assert node_of(content, "odd").block_id == agents.NOWHERE
    assert node_of(content, "odd").input_default == {"volume": 11, "deep_#_key": [1]}
    assert link_into(content, "odd").sink_name == 'some pin["a key"]'
    assert link_into(content, "out").source_name == "found[2].name"
    assert [(issue.code, issue.level) for issue in issues_of(imported, catalog)] == [("UNKNOWN_BLOCK", "blocks_run")]
    assert not runnable(imported, catalog)


def test_a_known_block_that_weft_does_not_have_is_named(catalog: Catalog) -> None:
    report = report_of(read(one_node(agents.TEXT_GENERATOR, prompt="Hi"), catalog), "it")

    assert (report.label, report.result) == ("AI Text Generator", Result.PLACEHOLDER)
    assert report.todo == "Weft has no block like 'AI Text Generator' yet: choose another one in its place"


def test_a_block_that_is_not_installed_is_a_placeholder() -> None:
    report = report_of(read(one_node(agents.CALCULATOR, operation="Add", a=1, b=2), Catalog()), "it")

    assert report.result is Result.PLACEHOLDER
    assert report.todo == "the block logic.calculator is not installed: install it, or choose another one in its place"


def test_the_report_has_an_entry_for_each_node_of_the_file(catalog: Catalog) -> None:
    agent = agents.accumulator()

    reported = [node.node_id for node in read(agent, catalog).main.nodes]

    assert reported == [node["id"] for node in agent.nodes]


@pytest.mark.parametrize(
    ("block_id", "values", "block", "expected", "result"),
    [
        (agents.CALCULATOR, {"operation": "Add"}, "logic.calculator", {"operation": "add"}, "renamed"),
        (agents.COMBINE_TEXTS, {"input": ["a", "b"]}, "text.combine", {"texts": ["a", "b"]}, "renamed"),
        (agents.MATCH_TEXT, {"text": "a", "match": "b", "data": ""}, "text.match", {"text": "a", "pattern": "b"}, "renamed"),
        (agents.STEP_THROUGH, {"items_str": "[1]"}, "flow.step_through", {"items_text": "[1]"}, "renamed"),
        (agents.STORE_VALUE, {"input": "go", "data": 0}, "data.store_value", {"input": "go"}, "mapped"),
        (agents.NOTE, {"text": "hello"}, "flow.note", {"text": "hello"}, "mapped"),
        (agents.INPUT, {"name": "n", "secret": True}, "input.any", {"name": "n", "masked": True}, "renamed"),
        (agents.INPUT, {"name": "n", "title": None}, "input.any", {"name": "n"}, "mapped"),
        (agents.NUMBER_INPUT, {"name": "n", "value": "5"}, "input.number", {"name": "n", "value": 5}, "mapped"),
        (agents.NUMBER_INPUT, {"name": "n", "value": ""}, "input.number", {"name": "n"}, "mapped"),
        (agents.DROPDOWN_INPUT, {"placeholder_values": ["S"]}, "input.dropdown", {"options": ["S"], "name": "input"}, "renamed"),
        (agents.DROPDOWN_INPUT, {"name": "n", "options": []}, "input.text", {"name": "n"}, "mapped"),
        (agents.CREATE_LIST, {"values": [1], "max_tokens": None}, "list.create", {"values": [1]}, "mapped"),
        (agents.FILL_TEMPLATE, {"format": 7, "values": {}}, "text.fill_template", {"format": "7", "values": {}}, "mapped"),
    ],
)  # fmt: skip
def test_values_come_in_the_form_that_weft_takes(
    block_id: str, values: dict[str, Any], block: str, expected: dict[str, Any], result: str, catalog: Catalog
) -> None:
    imported = read(one_node(block_id, **values), catalog)

    node = node_of(imported.main.content, "it")
    assert (node.block_id, node.input_default) == (block, expected)
    assert report_of(imported, "it").result == result
    assert [
        issue.code
        for issue in issues_of(imported, catalog)
        if issue.code in {"WRONG_INPUT_TYPE", "UNKNOWN_INPUT_DEFAULT"}
    ] == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"body": {"a": 1}, "json_format": True}, {"body": {"a": 1}}),
        ({"body": {"a": 1}, "json_format": False}, {"body": {"a": 1}, "body_type": "form"}),
        ({"body": "plain", "json_format": False}, {"body": "plain", "body_type": "text"}),
        ({"files_name": "file", "files": []}, {}),
    ],
)
def test_a_request_says_how_its_body_is_written(
    values: dict[str, Any], expected: dict[str, Any], catalog: Catalog
) -> None:
    imported = read(one_node(agents.WEB_REQUEST, url="https://example.com", **values), catalog)

    assert node_of(imported.main.content, "it").input_default == {"url": "https://example.com"} | expected


def test_a_request_whose_body_is_linked_asks_the_user_to_look(catalog: Catalog) -> None:
    agent = one_node(agents.WEB_REQUEST, url="https://example.com", json_format=False)
    agent.node("body", agents.INPUT, name="body")
    agent.link("body.result", "it.body", static=True)

    imported = read(agent, catalog)

    assert node_of(imported.main.content, "it").input_default["body_type"] == "form"
    assert "body_type" in str(report_of(imported, "it").todo)


def test_a_file_inside_the_agent_is_kept_and_one_that_it_only_names_is_asked_for(catalog: Catalog) -> None:
    held = read(one_node(agents.FILE_INPUT, name="f", value="data:text/plain;base64,aGk="), catalog)
    named = read(one_node(agents.FILE_INPUT, name="f", value="workspace://a1b2"), catalog)

    value = {"media_type": "text/plain", "content": "aGk="}
    assert node_of(held.main.content, "it").input_default == {"name": "f", "value": value}
    assert runnable(held, catalog)
    assert node_of(named.main.content, "it").input_default == {"name": "f"}
    assert "give it when you run it" in str(report_of(named, "it").todo)


def test_a_file_as_base64_text_is_the_content_of_the_file(catalog: Catalog) -> None:
    agent = one_node(agents.FILE_INPUT, name="f", base_64=True)
    agent.node("out", agents.OUTPUT, name="out")
    agent.link("it.result", "out.value", static=True)

    assert link_into(read(agent, catalog).main.content, "out").source_name == "result.content"


def test_the_way_no_of_a_condition_asks_for_a_look_only_where_it_is_used(catalog: Catalog) -> None:
    def todo(pin: str, **values: Any) -> str | None:
        agent = one_node(agents.CONDITION, value1=1, value2=2, **values)
        agent.node("out", agents.OUTPUT, name="out")
        agent.link(f"it.{pin}", "out.value")
        return report_of(read(agent, catalog), "it").todo

    assert "older agents sent value2" in str(todo("no_output"))
    assert todo("no_output", no_value="no") is None
    assert todo("yes_output") is None


def test_a_link_to_a_pin_that_weft_lacks_makes_a_placeholder_and_a_value_forbids_the_run(catalog: Catalog) -> None:
    linked = one_node(agents.CREATE_LIST, values=[1, 2])
    linked.node("most", agents.INPUT, name="most")
    linked.link("most.result", "it.max_tokens", static=True)
    valued = read(one_node(agents.CREATE_LIST, values=[1, 2], max_tokens=100), catalog)

    assert report_of(read(linked, catalog), "it").todo == "Weft's list.create has no pin 'max_tokens'"
    assert report_of(read(linked, catalog), "it").result is Result.PLACEHOLDER
    assert report_of(valued, "it").todo == "list.create has no pin 'max_tokens': remove its value"
    assert [issue.code for issue in issues_of(valued, catalog)] == ["UNKNOWN_INPUT_DEFAULT"]


def test_links_from_blocks_that_hold_a_value_are_static(catalog: Catalog) -> None:
    agent = one_node(agents.STORE_VALUE, input="go", data=1)
    agent.node("count", agents.COUNT_ITEMS)
    agent.node("out", agents.OUTPUT, name="out")
    agent.link("it.output", "count.collection")
    agent.link("count.count", "out.value")

    content = read(agent, catalog).main.content

    assert [(link.source_id, link.is_static) for link in content.links] == [("it", True), ("count", False)]


def test_an_input_is_optional_if_its_value_is_null_or_the_file_does_not_require_it(catalog: Catalog) -> None:
    agent = Agent(extra={"input_schema": {"properties": {"a": {}, "b": {}, "c": {}}, "required": ["a", "c"]}})
    agent.node("a", agents.INPUT, name="a")
    agent.node("b", agents.INPUT, name="b")
    agent.node("c", agents.INPUT, name="c", value=None)

    content = read(agent, catalog).main.content

    assert [node.input_default for node in content.nodes] == [
        {"name": "a"},
        {"name": "b", "value": None},
        {"name": "c", "value": None},
    ]
