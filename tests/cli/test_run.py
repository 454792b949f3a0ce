"""`weft run`: outputs, statuses and exit codes of whole runs."""

import json
import re
from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft

RUN_KEYS = {
    "execution_id",
    "graph_id",
    "version",
    "status",
    "outputs",
    "error",
    "not_fired",
    "waiting",
    "nodes",
    "duration_ms",
}


def test_a_run_ends_with_its_outputs_as_one_object(weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.greeting(tmp_path), "--input", "name=Ada", "--json")

    shape = answer.json()
    assert (answer.code, answer.err) == (0, "")
    assert set(shape) == RUN_KEYS
    assert (shape["status"], shape["outputs"]) == ("completed", {"greeting": ["Hello Ada!"]})
    assert [node["label"] for node in shape["nodes"]] == ["Greet", "greeting"]


def test_words_and_outputs_go_to_different_places(weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.greeting(tmp_path), "-i", "name=Ada")

    assert answer.out == "greeting  Hello Ada!\n"
    assert re.findall(r"^  completed +(\w+)", answer.err, re.MULTILINE) == ["name", "Greet", "greeting"]


def test_the_same_file_is_the_same_version_and_a_changed_one_the_next(weft: Weft, tmp_path: Path) -> None:
    first = weft("run", graphs.greeting(tmp_path), "-i", "name=Ada", "--json").json()
    again = weft("run", graphs.greeting(tmp_path), "-i", "name=Ada", "--json").json()
    changed = weft("run", graphs.greeting(tmp_path, template="Bye {{ name }}"), "-i", "name=Ada", "--json").json()

    assert first["graph_id"] == again["graph_id"] == changed["graph_id"]
    assert (again["version"], changed["version"]) == (first["version"], first["version"] + 1)
    assert weft("run", first["graph_id"], "-i", "name=Ada", "--json").json()["outputs"] == changed["outputs"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["text=5", "number=5", "flag=true", "any=5"], ["5", 5, True, 5]),
        (["text=[1]", "number=2.5", "flag=false", 'any={"a": [1]}'], ["[1]", 2.5, False, {"a": [1]}]),
        (["text=", "number=-1", "flag=true", "any=a=b"], ["", -1, True, "a=b"]),
        (["text=null", "number=1e3", "flag=true", "any=[not json"], ["null", 1000.0, True, "[not json"]),
    ],
)
def test_a_value_is_json_where_the_input_takes_that_and_text_elsewhere(
    given: list[str], expected: list[object], weft: Weft, tmp_path: Path
) -> None:
    options = [word for value in given for word in ("--input", value)]

    shape = weft("run", graphs.typed(tmp_path), *options, "--json").json()

    assert [values[0] for values in shape["outputs"].values()] == expected


@pytest.mark.parametrize(("given", "expected"), [("1", "1"), ("two", "two")])
def test_a_choice_is_taken_as_the_list_of_choices_has_it(given: str, expected: str, weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.choice(tmp_path, ["1", "two"]), "-i", f"which={given}", "--json")

    assert answer.json()["outputs"] == {"chosen": [expected]}
    refused = weft("run", graphs.choice(tmp_path, ["1", "two"]), "-i", "which=3", "--json")
    assert (refused.code, refused.json()["error"]["message"]) == (2, "input 'which' must be one of '1', 'two'")


def test_a_single_value_wins_over_the_file_of_values(weft: Weft, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps({"name": "Ada"}))
    graph = graphs.greeting(tmp_path)

    assert weft("run", graph, "--inputs", "in.json", "--json").json()["outputs"] == {"greeting": ["Hello Ada!"]}
    both = weft("run", graph, "--inputs", "in.json", "-i", "name=Bob", "--json").json()
    assert both["outputs"] == {"greeting": ["Hello Bob!"]}


def test_a_failed_run_names_its_node_and_exits_with_1(weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.failing(tmp_path), "--json")

    shape = answer.json()
    assert (answer.code, shape["status"]) == (1, "failed")
    assert {"message": "the bridge is out", "node_label": "Break"}.items() <= shape["error"].items()
    told = weft("run", graphs.failing(tmp_path))
    assert (told.code, "error: node 'Break'" in told.err) == (1, True)


def test_nodes_that_never_ran_are_reported_and_do_not_fail_the_run(weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.untaken(tmp_path), "--json")

    shape = answer.json()
    assert (answer.code, shape["outputs"]) == (0, {"large": [], "small": [1]})
    assert [(node["label"], node["missing"]) for node in shape["not_fired"]] == [("large", ["value"])]


def test_a_wait_for_time_is_waited_for(weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.pause(tmp_path, 1.0), "--json")

    assert (answer.code, answer.json()["outputs"]) == (0, {"drink": ["tea"]})


def test_a_graph_that_is_not_there_is_told_from_a_file_that_is_not_there(weft: Weft) -> None:
    graph = weft("run", "00000000-0000-7000-8000-0000000000aa", "--json")
    file = weft("run", "nothing.json", "--json")

    assert (graph.code, graph.json()["error"]["code"]) == (2, "GRAPH_NOT_FOUND")
    assert (file.code, file.json()["error"]["message"]) == (2, "there is no file nothing.json")
