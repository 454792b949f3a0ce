"""The loop that gathers values becomes a block that collects; every other cycle is told."""

from typing import Any

import pytest

from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.reading import issues_of, link_into, node_of, read, report_of, runnable
from weft.interop.types import Result
from weft.sdk import Catalog


def test_the_loop_is_replaced_and_everything_behind_it_stays(catalog: Catalog) -> None:
    imported = read(agents.accumulator(), catalog)

    content = imported.main.content
    assert "seed" not in {node.id for node in content.nodes}
    gather = node_of(content, "gather")
    assert (gather.block_id, gather.input_default) == ("flow.collect", {"start": ["begin"]})
    assert [(link.source_name, link.sink_id) for link in content.links if link.source_id == "gather"] == [
        ("list", "count"),
        ("list", "enough"),
    ]
    assert (link_into(content, "gather").source_id, link_into(content, "gather").sink_name) == ("square", "values")
    assert report_of(imported, "gather").result is Result.REWRITTEN
    assert report_of(imported, "seed").todo == "its list is the start of 'Collect' (gather) now"
    assert runnable(imported, catalog)


@pytest.mark.parametrize(
    ("block", "values", "start"),
    [
        (agents.ADD_TO_LIST, {"list": [1, 4], "entries": [2], "entry": 3, "position": 1}, [1, 2, 3, 4]),
        (agents.ADD_TO_LIST, {"list": None}, []),
        (agents.CREATE_LIST, {"values": ["a"], "max_size": None}, ["a"]),
        (agents.CREATE_LIST, {"values_$_0": "a", "values_$_1": "b"}, None),
        (agents.CREATE_LIST, {"values": [1, 2], "max_size": 1}, None),
        (agents.STORE_VALUE, {"input": "go", "data": [1]}, [1]),
        (agents.STORE_VALUE, {"input": "go"}, None),
        (agents.INPUT, {"name": "begin with", "value": [1]}, None),
    ],
)
def test_a_seed_whose_list_is_known_goes_and_any_other_is_linked_to_the_start(
    block: str, values: dict[str, Any], start: list[Any] | None, catalog: Catalog
) -> None:
    imported = read(agents.accumulator(seed=values, seed_block=block), catalog)

    content = imported.main.content
    assert node_of(content, "gather").input_default == ({"start": start} if start else {})
    seeds = [link for link in content.links if link.source_id == "seed"]
    assert [link.sink_name for link in seeds] == ([] if start is not None else ["start"])
    assert ("seed" in {node.id for node in content.nodes}) is (start is None)
    assert report_of(imported, "gather").result is Result.REWRITTEN
    assert issues_of(imported, catalog) == []


def test_a_seed_that_others_use_stays_for_them(catalog: Catalog) -> None:
    agent = agents.accumulator()
    agent.node("first", agents.OUTPUT, name="first")
    agent.link("seed.updated_list", "first.value")

    content = read(agent, catalog).main.content

    assert {(link.sink_id, link.sink_name) for link in content.links if link.source_id == "seed"} == {
        ("gather", "start"),
        ("first", "value"),
    }


def test_what_asked_a_seed_for_its_list_loses_the_link_with_it(catalog: Catalog) -> None:
    agent = agents.accumulator(seed={"data": [1]}, seed_block=agents.STORE_VALUE)
    agent.link("numbers.result", "seed.input", static=True)

    imported = read(agent, catalog)

    assert node_of(imported.main.content, "gather").input_default == {"start": [1]}
    assert issues_of(imported, catalog) == []


def test_a_loop_without_a_seed_begins_with_its_own_list(catalog: Catalog) -> None:
    agent = agents.accumulator()
    agent.links = [link for link in agent.links if link["source_id"] != "seed"]
    agent.nodes = [node for node in agent.nodes if node["id"] != "seed"]
    agent.nodes[3]["input_default"] = {"list": [0]}

    imported = read(agent, catalog)

    assert node_of(imported.main.content, "gather").input_default == {"start": [0]}
    assert runnable(imported, catalog)


def with_position(agent: Agent) -> None:
    next(node for node in agent.nodes if node["id"] == "gather")["input_default"]["position"] = 0


def with_entries(agent: Agent) -> None:
    agent.link("each.item", "gather.entries")


def with_two_seeds(agent: Agent) -> None:
    agent.link("numbers.result", "gather.list")


def without_entry(agent: Agent) -> None:
    agent.links = [link for link in agent.links if link["sink_name"] != "entry"]


def with_a_path(agent: Agent) -> None:
    next(link for link in agent.links if link["source_id"] == link["sink_id"])["sink_name"] = "list_$_0"


@pytest.mark.parametrize("change", [with_position, with_entries, with_two_seeds, without_entry, with_a_path])
def test_a_loop_that_does_more_than_gather_is_a_cycle(change: Any, catalog: Catalog) -> None:
    agent = agents.accumulator()
    change(agent)

    imported = read(agent, catalog)

    report = report_of(imported, "gather")
    assert (report.result, report.block) == (Result.MAPPED, "list.add")
    assert "it is on a cycle" in str(report.todo)
    assert "CYCLE" in [issue.code for issue in issues_of(imported, catalog)]
    assert not runnable(imported, catalog)


def test_every_node_of_another_cycle_says_so(catalog: Catalog) -> None:
    agent = Agent()
    for number in range(7):
        agent.node(f"n{number}", agents.STORE_VALUE, metadata={"customized_name": f"Step {number}"})
    for number in range(7):
        agent.link(f"n{number}.output", f"n{(number + 1) % 7}.input")
    agent.node("beside", agents.OUTPUT, name="beside")
    agent.link("n0.output", "beside.value")

    imported = read(agent, catalog)

    told = {node.node_id: node.todo for node in imported.main.nodes}
    assert told["beside"] is None
    why = (
        "it is on a cycle ('Step 0', 'Step 1', 'Step 2', 'Step 3', 'Step 4' and 2 more), "
        "and graphs of Weft have none: take one of its links away"
    )
    assert {told[f"n{number}"] for number in range(7)} == {why}
    assert not runnable(imported, catalog)
