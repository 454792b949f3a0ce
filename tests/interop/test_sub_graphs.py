"""Agents inside an agent become graphs of their own, each before those that run it."""

from typing import Any

import pytest

from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.reading import node_of, read, report_of, runnable
from weft.graphs.errors import DocumentInvalid
from weft.interop.types import Imported, Result
from weft.sdk import Catalog


def shout(id: str = "child", *, takes: str = "text", shows: str = "LOUD!", version: int = 1) -> Agent:
    """An agent that writes a text in capitals."""
    agent = Agent("Shout", id=id, version=version)
    agent.node("in", agents.TEXT_INPUT, name=takes)
    agent.node("fill", agents.FILL_TEMPLATE, format="{{ it | upper }}")
    agent.node("out", agents.OUTPUT, name=shows)
    agent.link("in.result", "fill.values_#_it", static=True)
    agent.link("fill.output", "out.value")
    return agent


def caller(*children: Agent, id: str = "main", takes: str = "text", shows: str = "LOUD!", **reference: Any) -> Agent:
    """An agent that runs another one, the first of the children if nothing else is said."""
    agent = Agent("Caller", id=id, sub_graphs=[child.document() for child in children])
    agent.node("word", agents.INPUT, name="word")
    agent.node("run", agents.RUN_AGENT, {"graph_id": children[0].id, "graph_version": 1} | reference)
    agent.node("result", agents.OUTPUT, name="result")
    agent.link("word.result", f"run.{takes}", static=True)
    agent.link(f"run.{shows}", "result.value")
    return agent


def names(imported: Imported) -> list[str]:
    return [graph.key for graph in imported.graphs]


def test_a_node_runs_the_agent_that_stands_beside_it_in_the_file(catalog: Catalog) -> None:
    imported = read(caller(shout(), inputs={"text": "hello"}), catalog)

    child, main = imported.graphs
    node = node_of(main.content, "run")
    assert (node.block_id, node.label) == ("agent.run", "Shout")
    assert node.input_default == {"graph": str(child.ref), "version": 1, "inputs": {"text": "hello"}}
    assert main.children == {"run": child.ref}
    taken, shown = main.content.links
    assert (taken.sink_name, taken.is_static) == ("inputs.text", True)
    assert (shown.source_name, shown.optional_path) == ('outputs["LOUD!"]', True)
    assert runnable(imported, catalog)


@pytest.mark.parametrize("name", ["v1.2", "a[0]", "Published URL", "名前", 'say "hi"', "price_#_net", "error"])
def test_names_of_any_signs_are_pins_of_the_node(name: str, catalog: Catalog) -> None:
    imported = read(caller(shout(takes=name, shows=name), takes=name, shows=name), catalog)

    assert runnable(imported, catalog)
    assert node_of(imported.graphs[0].content, "in").input_default["name"] == name


def test_a_name_that_weft_cannot_have_is_changed_on_both_sides(catalog: Catalog) -> None:
    long = "n" * 120
    imported = read(caller(shout(takes=long), takes=long, inputs={long: "x"}), catalog)

    name = "n" * 99 + "…"
    assert node_of(imported.graphs[0].content, "in").input_default["name"] == name
    assert node_of(imported.main.content, "run").input_default["inputs"] == {name: "x"}
    assert imported.main.content.links[0].sink_name == f'inputs["{name}"]'


def test_a_path_behind_an_output_s_name_goes_into_its_value(catalog: Catalog) -> None:
    imported = read(caller(shout(), shows="LOUD!_#_first"), catalog)

    assert imported.main.content.links[1].source_name == 'outputs["LOUD!"].first'


@pytest.mark.parametrize(
    ("ends", "code", "known"),
    [({"takes": "ghost"}, "UNKNOWN_INPUT_PIN", "text"), ({"shows": "ghost"}, "UNKNOWN_OUTPUT_PIN", "error, LOUD!")],
)
def test_a_link_to_a_name_that_the_agent_does_not_have_is_refused(
    ends: dict[str, str], code: str, known: str, catalog: Catalog
) -> None:
    with pytest.raises(DocumentInvalid, match=f"there is no pin 'ghost'; there are: {known}") as caught:
        read(caller(shout(), **ends), catalog)

    assert caught.value.issues[0].code == code


def test_agents_come_in_the_order_in_which_they_need_each_other(catalog: Catalog) -> None:
    deep = shout("deep")
    middle = caller(deep, id="middle")
    flat = middle.document() | {"sub_graphs": []}
    agent = Agent("Top", id="top", sub_graphs=[flat, deep.document()])
    agent.node("word", agents.INPUT, name="word")
    agent.node("run", agents.RUN_AGENT, graph_id="middle", graph_version=1)
    agent.link("word.result", "run.word", static=True)

    assert names(read(agent, catalog)) == ["deep", "middle", "top"]


def test_agents_nested_in_each_other_are_found_at_any_depth_and_once(catalog: Catalog) -> None:
    deep = shout("deep")
    middle = caller(deep, id="middle")
    agent = caller(middle, deep, id="top", takes="word", shows="result")

    assert names(read(agent, catalog)) == ["deep", "middle", "top"]


def test_a_node_runs_the_version_it_names_and_else_the_one_there_is(catalog: Catalog) -> None:
    old, new = shout(version=1), shout(version=2)
    both = read(caller(old, new, graph_version=2), catalog)
    other = read(caller(old, graph_version=7), catalog)

    assert both.main.children == {"run": both.graphs[1].ref}
    assert len({graph.ref for graph in both.graphs}) == 3
    assert other.main.children == {"run": other.graphs[0].ref}


def test_an_agent_that_is_not_in_the_file_is_a_placeholder(catalog: Catalog) -> None:
    imported = read(caller(shout(), graph_id="elsewhere", agent_name="Far away"), catalog)

    report = report_of(imported, "run")
    assert (report.label, report.result, report.block) == ("Far away", Result.PLACEHOLDER, None)
    assert "not in the file" in str(report.todo)
    assert not runnable(imported, catalog)


@pytest.mark.parametrize("ends_at", ["main", "other"])
def test_agents_that_run_each_other_are_kept_and_cannot_run(ends_at: str, catalog: Catalog) -> None:
    other = Agent("Other", id="other")
    other.node("word", agents.INPUT, name="text")
    other.node("again", agents.RUN_AGENT, graph_id=ends_at, graph_version=1)
    other.node("out", agents.OUTPUT, name="LOUD!")
    other.link("word.result", "again.text")
    other.link("again.LOUD!", "out.value")

    imported = read(caller(other), catalog)

    assert names(imported) == ["other", "main"]
    assert [node.result for node in imported.graphs[0].nodes if node.node_id == "again"] == [Result.PLACEHOLDER]
    assert not runnable(imported, catalog)


def test_a_graph_cannot_run_if_one_that_it_runs_cannot(catalog: Catalog) -> None:
    child = shout()
    child.node("odd", agents.NOWHERE)
    imported = read(caller(child), catalog)

    assert not runnable(imported, catalog)
    assert [graph.key for graph in imported.needed()] == ["main", "child"]


def test_an_agent_that_nothing_runs_is_kept_and_hinders_nobody(catalog: Catalog) -> None:
    spare = Agent("Spare", id="spare")
    spare.node("odd", agents.NOWHERE)
    imported = read(caller(shout(), spare), catalog)

    assert names(imported) == ["child", "spare", "main"]
    assert [graph.key for graph in imported.needed()] == ["main", "child"]
    assert runnable(imported, catalog)


def test_without_the_block_that_runs_graphs_the_node_is_a_placeholder(catalog: Catalog) -> None:
    few = Catalog([block for block in catalog if block.id != "agent.run"])

    report = report_of(read(caller(shout()), few), "run")

    assert (report.result, report.label) == (Result.PLACEHOLDER, "Agent Executor")
    assert report.todo == "the block agent.run is not installed: install it, or choose another one in its place"
