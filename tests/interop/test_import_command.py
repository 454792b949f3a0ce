"""`weft import`, and every other command that takes a file: the report, the versions, and what is stored."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft
from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.test_sub_graphs import caller, shout
from weft.db.embedded.server import EmbeddedServer

FILES = Path(__file__).parent / "files"
CANARY = "canary-7be0a1d4"


def outputs(weft: Weft, file: str, tmp_path: Path, inputs: dict[str, Any]) -> dict[str, Any]:
    """Run the file and return what it showed."""
    (tmp_path / "inputs.json").write_text(json.dumps(inputs))
    answer = weft("run", file, "--inputs", "inputs.json", "--json")
    assert answer.code == 0, answer.err
    return dict(answer.json()["outputs"])


def test_an_agent_s_file_is_imported_with_a_report_and_runs(weft: Weft, tmp_path: Path) -> None:
    file = str(FILES / "letter.json")

    report = weft("import", file, "--json").json()

    assert set(report) == {
        "graph_id", "name", "version", "active", "runnable", "nodes", "to_connect", "notes", "issues", "sub_graphs",
    }  # fmt: skip
    assert (report["name"], report["version"], report["runnable"]) == ("Letter to a guest", 1, True)
    assert report["nodes"][2] == {
        "node_id": "write",
        "label": "Write the letter",
        "block_id": agents.FILL_TEMPLATE,
        "result": "mapped",
        "block": "text.fill_template",
        "todo": None,
    }
    shown = outputs(weft, file, tmp_path, {"Guest name": "Ada"})
    assert shown == {"The letter!": ["Dear Ada, the tea is ready."]}


def test_a_file_is_known_by_its_own_id_wherever_it_lies(weft: Weft, tmp_path: Path) -> None:
    agent = agents.chain(3)
    agent.id = "9d0f6b1c-0000-4000-8000-000000000001"
    first = weft("import", agent.write(tmp_path / "one.json"), "--json").json()
    again = weft("import", agent.write(tmp_path / "two.json"), "--json").json()
    agent.node("note", agents.NOTE, text="new")
    changed = weft("import", agent.write(tmp_path / "two.json"), "--json").json()

    assert again == first
    assert (changed["graph_id"], changed["version"]) == (first["graph_id"], 2)


def test_a_file_without_an_id_is_known_by_its_path(weft: Weft, tmp_path: Path) -> None:
    document = agents.chain(3).document() | {"id": None}
    ids = set()
    for name in ("a.json", "b.json", "a.json"):
        (tmp_path / name).write_text(json.dumps(document))
        ids.add(weft("import", name, "--json").json()["graph_id"])

    assert len(ids) == 2


def test_sub_graphs_are_saved_first_and_nodes_run_the_versions_saved(weft: Weft, tmp_path: Path) -> None:
    child, main = shout("sub-child-1"), "sub-main-1"
    first = weft("import", caller(child, id=main).write(tmp_path / "agent.json"), "--json").json()
    again = weft("import", "agent.json", "--json").json()
    child.node("note", agents.NOTE, text="new")
    changed = weft("import", caller(child, id=main).write(tmp_path / "agent.json"), "--json").json()

    (inner,) = first["sub_graphs"]
    assert (inner["name"], inner["version"], inner["runnable"]) == ("Shout", 1, True)
    assert again == first
    assert (changed["version"], changed["sub_graphs"][0]["version"]) == (2, 2)
    for report, version, nodes in ((first, 1, 3), (changed, 2, 4)):
        exported = json.loads(weft("export", report["graph_id"], "--version", str(version)).out)
        values = next(node["input_default"] for node in exported["nodes"] if node["id"] == "run")
        assert values == {"graph": "shout", "inputs": {}}
        assert len(exported["sub_graphs"]["shout"]["nodes"]) == nodes


def test_an_agent_that_cannot_run_is_kept_and_told(weft: Weft, tmp_path: Path) -> None:
    agent = Agent(id="cannot-run-1")
    agent.node("ai", agents.TEXT_GENERATOR, prompt="Hi")
    file = agent.write(tmp_path / "agent.json")

    imported = weft("import", file, "--json")
    words = weft("import", file)
    run = weft("run", file, "--json")
    validated = weft("validate", file, "--json")

    assert (imported.code, imported.json()["runnable"]) == (0, False)
    assert [issue["code"] for issue in imported.json()["issues"]] == ["UNKNOWN_BLOCK"]
    assert "  nodes: 1 placeholder\n" in words.out
    assert "placeholder AI Text Generator (ai): Weft has no block like 'AI Text Generator' yet" in words.out
    assert "it cannot run yet: 1 issue; to change it: weft export" in words.out
    assert (run.code, run.json()["error"]["code"]) == (2, "GRAPH_INVALID")
    assert (validated.code, validated.json()["valid"]) == (2, True)


def test_a_fault_inside_a_sub_graph_is_told_with_its_place(weft: Weft, tmp_path: Path) -> None:
    child = shout("sub-child-2")
    child.node("odd", agents.NOWHERE)
    file = caller(child, id="sub-main-2").write(tmp_path / "agent.json")

    run = weft("run", "agent.json", "-i", "word=a", "--json")
    imported = weft("import", file)

    assert run.code == 2
    assert "agent.json: sub-graph 'Shout': nodes[3].block_id: node 'Unknown block' (odd): there is no block" in run.err
    assert "it cannot run yet: an agent that it runs cannot" in imported.out


@pytest.mark.parametrize("command", ["import", "save", "run", "validate"])
def test_a_refused_file_leaves_no_trace(command: str, offline: Weft, tmp_path: Path) -> None:
    agent = agents.chain(3)
    agent.links[0]["sink_id"] = "ghost"

    answer = offline(command, agent.write(tmp_path / "agent.json"), "--json")

    assert answer.code == 2
    assert "which the graph does not have" in answer.json()["error" if command != "validate" else "issues"].__str__()
    assert "Traceback" not in answer.err


def test_a_workflow_of_another_program_is_refused_by_name(offline: Weft) -> None:
    answer = offline("import", str(FILES / "workflow-of-n8n.json"), "--json")

    assert (answer.code, answer.json()["error"]["code"]) == (2, "DOCUMENT_INVALID")
    assert "this is a file of n8n; Weft reads" in answer.json()["error"]["message"]


def test_weft_s_own_files_are_imported_with_the_same_report(weft: Weft, tmp_path: Path) -> None:
    report = weft("import", graphs.greeting(tmp_path), "--json").json()

    assert (report["runnable"], report["to_connect"], report["sub_graphs"]) == (True, [], [])
    assert {node["result"] for node in report["nodes"]} == {"mapped"}
    assert weft("save", "greeting.json").out.startswith("saved Greeting as version 1 of graph ")


def test_no_secret_reaches_the_database_an_export_or_any_word(
    weft: Weft, server: EmbeddedServer, tmp_path: Path
) -> None:
    agent = Agent("Keeper of 5c1e0b", id="secret-1")
    agent.node("key", agents.INPUT, name="key", value=f"{CANARY}-a", secret=True)
    agent.node("web", agents.WEB_REQUEST, url="https://example.com", headers={"Authorization": f"Bearer {CANARY}-b"})
    agent.node("ai", agents.TEXT_GENERATOR, credentials={"id": f"{CANARY}-c", "provider": "openai"})
    agent.nodes[-1]["webhook_id"] = f"{CANARY}-d"
    agent.link("key.result", "web.body", static=True)
    file = agent.write(tmp_path / "agent.json")

    said = [
        weft("--verbose", "import", file),
        weft("import", file, "--json"),
        weft("run", file),
        weft("validate", file),
    ]
    exported = weft("export", said[1].json()["graph_id"])

    assert all(CANARY not in answer.out + answer.err for answer in (*said, exported))
    assert [(one["kind"], one["node_id"], one["name"], one["provider"]) for one in said[1].json()["to_connect"]] == [
        ("secret", "key", "value", None),
        ("secret", "web", "headers.Authorization", None),
        ("credentials", "ai", "credentials", "openai"),
        ("webhook", "ai", None, None),
    ]
    stored = [path for path in server.data_directory.parents[0].rglob("*") if path.is_file()]
    held = [(b"Keeper of 5c1e0b" in data, CANARY.encode() in data) for data in map(Path.read_bytes, stored)]
    assert any(name for name, _ in held)
    assert not any(secret for _, secret in held)


def test_a_part_that_is_not_there_is_not_delivered_and_the_run_ends_cleanly(weft: Weft, tmp_path: Path) -> None:
    agent = Agent(id="selector-1")
    agent.node("event", agents.INPUT, name="event")
    agent.node("keep", agents.FIND_IN_DICTIONARY, key="event")
    agent.node("all", agents.CREATE_DICTIONARY)
    agent.node("guests", agents.OUTPUT, name="guests")
    agent.node("room", agents.OUTPUT, name="room")
    agent.link("event.result", "all.values_#_The event", static=True)
    agent.link("all.dictionary", "keep.input")
    agent.link("all.dictionary_#_The event_#_guests_$_0", "guests.value")
    agent.link("all.dictionary_#_The event_#_room", "room.value")

    shown = outputs(weft, agent.write(tmp_path / "agent.json"), tmp_path, {"event": {"guests": ["Ada", "Grace"]}})

    assert shown == {"guests": ["Ada"], "room": []}


def test_an_optional_input_without_a_value_stops_what_stands_behind_it(weft: Weft, tmp_path: Path) -> None:
    agent = Agent(id="optional-1")
    agent.node("word", agents.INPUT, name="word", value=None)
    agent.node("count", agents.COUNT_ITEMS)
    agent.node("out", agents.OUTPUT, name="length")
    agent.link("word.result", "count.collection", static=True)
    agent.link("count.count", "out.value")

    answer = weft("run", agent.write(tmp_path / "agent.json"), "--json")

    assert (answer.code, answer.json()["outputs"]) == (0, {"length": []})
    assert {node["node_id"] for node in answer.json()["not_fired"]} >= {"count"}


def test_the_loop_that_gathers_gives_its_whole_list_once(weft: Weft, tmp_path: Path) -> None:
    agent = agents.accumulator()
    agent.id = "gather-1"

    shown = outputs(weft, agent.write(tmp_path / "agent.json"), tmp_path, {"numbers": [1, 2, 3]})

    assert shown == {"squares": [["begin", 1, 4, 9]]}


def test_an_agent_of_5000_nodes_is_imported_node_by_node(weft: Weft, tmp_path: Path) -> None:
    agent = agents.chain(5000)
    agent.id = "large-1"

    report = weft("import", agent.write(tmp_path / "agent.json"), "--json").json()

    assert len(report["nodes"]) == 5000
    assert report["runnable"]
