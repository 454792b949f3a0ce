"""Graphs that run other graphs, through the real program: what is said of the others, and who goes on with them."""

from pathlib import Path

import pytest

from tests.cli import acme_blocks, graphs
from tests.cli.conftest import Weft
from tests.cli.processes import Start, end, execution_of
from weft.sdk.builder import GraphBuilder


@pytest.fixture
def calling(start: Start, tmp_path: Path) -> str:
    """A graph that runs another one, which asks a person for a name."""
    acme_blocks.install(tmp_path)
    catalog = graphs.CATALOG.with_blocks(acme_blocks.AskName)
    g = GraphBuilder("Asking", catalog=catalog)
    g.output("greeting", g.add("acme.ask_name", "Ask"))
    saved = end(start("save", str(g.write(tmp_path / "asking.json")), "--json")).json()
    g = GraphBuilder("Calling", catalog=catalog)
    g.output("said", g.add("agent.run", "Call", graph=saved["graph_id"])["outputs.greeting"])
    return str(g.write(tmp_path / "calling.json"))


def test_a_run_whose_called_graph_waits_for_a_person_names_that_run(start: Start, weft: Weft, calling: str) -> None:
    process = start("run", calling)
    id = execution_of(process)
    ended = end(process)
    (wait,) = weft("executions", id, "--json").json()["waiting"]
    called = wait["key"].removeprefix("child:")
    (asked,) = weft("executions", called, "--json").json()["waiting"]

    assert (ended.code, wait["kind"]) == (4, "child")
    assert f"  weft executions {called}\n" in ended.err
    assert "weft answer" not in ended.err
    assert f"weft answer {called} {asked['key']} --data JSON" in weft("executions", called).err


def test_resume_goes_on_with_callers_and_what_they_called_and_lists_the_callers(
    start: Start, weft: Weft, calling: str
) -> None:
    process = start("run", calling)
    id = execution_of(process)
    end(process)
    called = weft("executions", id, "--json").json()["waiting"][0]["key"].removeprefix("child:")
    (asked,) = weft("executions", called, "--json").json()["waiting"]
    assert weft("answer", called, asked["key"], "--data", '"Ada"').code == 0

    items = {item["execution_id"]: item for item in end(start("resume", "--all", "--json")).json()["items"]}

    assert (items[id]["status"], items[id]["outputs"]) == ("completed", {"said": ["Hello, Ada"]})
    assert called not in items


def test_nobody_answers_for_a_called_graph(start: Start, weft: Weft, calling: str) -> None:
    process = start("run", calling)
    id = execution_of(process)
    end(process)
    (wait,) = weft("executions", id, "--json").json()["waiting"]

    refused = weft("answer", id, wait["key"], "--data", "{}", "--json")

    assert (refused.code, refused.json()["error"]["code"]) == (2, "INVALID_INPUT")
