"""Graphs that run graphs, through the command line: files that hold several, and what is told of calls."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Answer, Weft
from tests.cli.graphs import CATALOG, greeting
from weft.sdk.builder import GraphBuilder


def shout(name: str = "Shout", *, template: str = "{{ text | upper }}!") -> GraphBuilder:
    g = GraphBuilder(name, catalog=CATALOG)
    text = g.input("text", str)
    fill = g.add("text.fill_template", "Fill", format=template)
    g.link(text, fill["values.text"])
    g.output("loud", fill)
    return g


def passing_on(child: GraphBuilder, name: str = "Parent") -> GraphBuilder:
    """A graph that gives its text to another and shows what that shows."""
    g = GraphBuilder(name, catalog=CATALOG)
    text = g.input("text", str)
    call = g.call(child)
    g.link(text, call["inputs.text"])
    g.output("loud", call["outputs.loud"])
    return g


def written(g: GraphBuilder, folder: Path, name: str = "parent.json") -> str:
    return str(g.write(folder / name))


def ran(weft: Weft, source: str) -> Any:
    answer = weft("run", source, "-i", "text=hi", "--json")
    assert answer.code == 0, answer.err
    return answer.json()["outputs"]


def exported(weft: Weft, graph_id: str, *options: str) -> Answer:
    answer = weft("export", graph_id, *options)
    assert answer.code == 0, answer.err
    return answer


def test_a_file_with_sub_graphs_is_validated_and_runs(weft: Weft, tmp_path: Path) -> None:
    file = written(passing_on(passing_on(shout(), "Middle")), tmp_path)

    assert weft("validate", file, "--json").json() == {"valid": True, "runnable": True, "issues": []}
    assert ran(weft, file) == {"loud": ["HI!"]}


def test_validating_a_file_with_sub_graphs_needs_no_database(offline: Weft, tmp_path: Path) -> None:
    broken = shout(template="{{ text ")
    broken.add("text.fill_template", "Lost")

    answer = offline("validate", written(passing_on(broken), tmp_path), "--json")

    assert answer.code == 2
    assert any("parent.json: sub-graph 'Shout': nodes[3]" in issue["message"] for issue in answer.json()["issues"])


def test_export_save_and_export_give_the_same_bytes_here_and_elsewhere(weft: Weft, tmp_path: Path) -> None:
    leaf = shout()
    g = passing_on(passing_on(leaf, "Middle"))
    g.output("again", g.call(leaf, "Again", text="you")["outputs.loud"])
    file = written(g, tmp_path)
    first = weft("save", file, "--json").json()

    (tmp_path / "moved.json").write_text(exported(weft, first["graph_id"]).out)
    second = weft("save", "moved.json", "--json").json()

    assert exported(weft, first["graph_id"]).out == Path(file).read_text()
    assert exported(weft, second["graph_id"]).out == Path(file).read_text()
    of_first, of_second = ({one["graph_id"] for one in report["sub_graphs"]} for report in (first, second))
    assert (len(of_first), len(of_second), of_first & of_second) == (2, 2, set())
    assert ran(weft, second["graph_id"]) == {"loud": ["HI!"], "again": ["YOU!"]}


def test_saving_again_gives_the_same_versions_and_a_changed_sub_graph_the_next_ones(weft: Weft, tmp_path: Path) -> None:
    file = written(passing_on(shout()), tmp_path)
    first = weft("save", file, "--json").json()
    again = weft("save", file, "--json").json()

    written(passing_on(shout(template="{{ text }}?")), tmp_path)
    changed = weft("save", file, "--json").json()

    assert again == first
    assert (first["version"], changed["version"], changed["sub_graphs"][0]["version"]) == (1, 2, 2)
    assert changed["sub_graphs"][0]["graph_id"] == first["sub_graphs"][0]["graph_id"]
    assert ran(weft, changed["graph_id"]) == {"loud": ["hi?"]}


def test_a_saved_graph_that_a_node_names_by_id_travels_with_the_file(weft: Weft, tmp_path: Path) -> None:
    child = weft("save", written(shout(), tmp_path, "shout.json"), "--json").json()["graph_id"]
    g = GraphBuilder("By id", catalog=CATALOG)
    g.output("loud", g.call(child, "Call", text="hi")["outputs.loud"])
    report = weft("save", written(g, tmp_path), "--json").json()

    document = json.loads(exported(weft, report["graph_id"], "-o", "out.json").out or Path("out.json").read_text())

    assert report["sub_graphs"] == []
    assert list(document["sub_graphs"]) == ["shout"]
    assert document["nodes"][0]["input_default"] == {"graph": "shout", "inputs": {"text": "hi"}}
    assert weft("run", "out.json", "--json").json()["outputs"] == {"loud": ["HI!"]}


def test_a_called_graph_that_is_not_there_is_told_on_saving_validating_running_and_exporting(
    weft: Weft, tmp_path: Path
) -> None:
    g = GraphBuilder("Caller", catalog=CATALOG)
    g.call("0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10", "Call")
    file = written(g, tmp_path)

    saved = weft("save", file, "--json")
    id = saved.json()["graph_id"]
    words = weft("save", file)
    of_file = weft("validate", file, "--json").json()
    validated = weft("validate", id, "--json")
    run = weft("run", file, "--json")
    out = exported(weft, id)

    assert (saved.code, saved.json()["runnable"]) == (0, False)
    assert [issue["code"] for issue in saved.json()["issues"]] == ["CALLED_GRAPH_NOT_FOUND"]
    assert "there is no graph 0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10, or it was never saved" in words.err
    assert of_file["runnable"]
    assert validated.code == 2
    assert [issue["code"] for issue in validated.json()["issues"]] == ["CALLED_GRAPH_NOT_FOUND"]
    assert (run.code, run.json()["error"]["code"]) == (2, "GRAPH_INVALID")
    assert "runs graph 0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10, which stays outside of the file" in out.err
    assert json.loads(out.out)["nodes"][0]["input_default"]["graph"] == "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"


def test_a_saved_graph_that_cannot_run_is_told_by_whoever_calls_it(weft: Weft, tmp_path: Path) -> None:
    broken = shout()
    broken.add("text.fill_template", "Lost")
    child = weft("save", written(broken, tmp_path, "broken.json"), "--json").json()["graph_id"]
    g = GraphBuilder("Caller", catalog=CATALOG)
    g.call(child, "Call", text="hi")

    by_id = weft("save", written(g, tmp_path), "--json").json()
    in_file = weft("save", written(passing_on(broken), tmp_path, "both.json"), "--json").json()

    assert [(issue["code"], issue["node_id"]) for issue in by_id["issues"]] == [("CALLED_GRAPH_INVALID", "call")]
    assert "graph 'Shout' cannot run: node 'Lost' (lost): input 'format' needs a value" in by_id["issues"][0]["message"]
    # In one file each graph speaks for itself.
    assert (in_file["issues"], in_file["runnable"]) == ([], False)
    assert "MISSING_REQUIRED_INPUT" in [issue["code"] for issue in in_file["sub_graphs"][0]["issues"]]


def test_a_graph_that_comes_to_run_itself_is_told_and_exported_with_its_id(weft: Weft, tmp_path: Path) -> None:
    file = written(shout("Self"), tmp_path)
    id = weft("save", file, "--json").json()["graph_id"]
    g = GraphBuilder("Self", catalog=CATALOG)
    g.call(id, "Again", text="x")
    written(g, tmp_path)

    saved = weft("save", file)
    validated = weft("validate", id)
    run = weft("run", id)
    out = exported(weft, id)

    assert "a graph may not run itself: 'Self' -> 'Self'" in saved.err
    assert "a graph may not run itself: 'Self' -> 'Self'" in validated.out
    assert (validated.code, run.code) == (2, 2)
    assert "which stays outside of the file" in out.err
    assert weft("validate", f"{id}@1").code == 0


def test_an_id_that_is_no_graph_is_told_by_validate(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", greeting(tmp_path), "--json").json()["graph_id"]

    unknown = weft("validate", "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10", "--json")
    missing = weft("validate", f"{saved}@9", "--json")

    assert weft("validate", saved).out == f"{saved}: it can run\n"
    assert (unknown.code, unknown.json()["error"]["code"]) == (2, "GRAPH_NOT_FOUND")
    assert (missing.code, missing.json()["error"]["code"]) == (2, "GRAPH_VERSION_NOT_FOUND")


@pytest.mark.parametrize("command", ["save", "run", "validate"])
def test_a_file_whose_graphs_run_themselves_leaves_no_trace(offline: Weft, tmp_path: Path, command: str) -> None:
    document = passing_on(passing_on(shout(), "Middle")).to_document()
    document["sub_graphs"]["shout"]["nodes"].append(
        {"id": "back", "block_id": "agent.run", "label": "Back", "input_default": {"graph": "middle"}}
    )
    (tmp_path / "circle.json").write_text(json.dumps(document))

    answer = offline(command, "circle.json", "--json")

    assert (answer.code, answer.json()["error"]["code"]) == (2, "DOCUMENT_INVALID")
    assert answer.json()["error"]["message"].startswith("circle.json: sub_graphs: a graph may not run itself: ")
