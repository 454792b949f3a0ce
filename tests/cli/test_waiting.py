"""`weft run` while somebody or something outside must act first: `--wait`, and Ctrl-C once and twice."""

import os
import signal
from pathlib import Path

import pytest

from tests.cli import acme_blocks, graphs
from tests.cli.conftest import Weft
from tests.cli.processes import CANCEL, WAITING, Start, end, execution_of, until, until_recorded
from weft.db.embedded.server import EmbeddedServer
from weft.sdk.builder import GraphBuilder


@pytest.fixture
def asking(tmp_path: Path) -> str:
    """A graph that asks a person for a name, where the program finds its block."""
    acme_blocks.install(tmp_path)
    g = GraphBuilder("Asking", catalog=graphs.CATALOG.with_blocks(acme_blocks.AskName))
    g.output("greeting", g.add("acme.ask_name", "Ask"))
    return str(g.write(tmp_path / "asking.json"))


@pytest.fixture
def holding(tmp_path: Path) -> str:
    """A graph whose effect lasts until something is written into `pipe`."""
    acme_blocks.install(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    g = GraphBuilder("Holding", catalog=graphs.CATALOG.with_blocks(acme_blocks.Hold))
    hold = g.add("acme.hold", "Hold", pipe=str(tmp_path / "pipe"))
    rest = g.add("time.sleep", "Rest", seconds=600)
    g.link(hold, rest["value"])
    g.output("drink", rest)
    return str(g.write(tmp_path / "holding.json"))


def test_a_run_that_only_a_person_can_go_on_with_ends_with_4(start: Start, weft: Weft, asking: str) -> None:
    process = start("run", asking)
    id = execution_of(process)

    ended = end(process)

    (wait,) = weft("executions", id, "--json").json()["waiting"]
    assert ended.code == 4
    assert (wait["kind"], wait["label"], wait["title"]) == ("person", "Ask", "What is your name?")
    assert f"weft answer {id} {wait['key']} --data JSON" in ended.err


def test_with_wait_a_run_goes_on_with_the_answer_that_another_process_gives(
    start: Start, weft: Weft, asking: str, server: EmbeddedServer
) -> None:
    process = start("run", asking, "--wait")
    id = execution_of(process)
    until_recorded(server, WAITING, id)
    (wait,) = weft("executions", id, "--json").json()["waiting"]

    assert weft("answer", id, wait["key"], "--data", '"Ada"').code == 0

    ended = end(process)
    assert (ended.code, ended.out) == (0, "greeting  Hello, Ada\n")
    assert weft("executions", id, "--json").json()["status"] == "completed"


def test_with_wait_ctrl_c_cancels_what_waits_for_a_person(
    start: Start, weft: Weft, asking: str, server: EmbeddedServer
) -> None:
    process = start("run", asking, "--wait")
    id = execution_of(process)
    until_recorded(server, WAITING, id)

    process.send_signal(signal.SIGINT)

    assert end(process).code == 3
    assert weft("executions", id, "--json").json()["status"] == "cancelled"


def test_with_wait_a_run_that_waits_for_time_ends_as_without(weft: Weft, tmp_path: Path) -> None:
    answer = weft("run", graphs.pause(tmp_path, 0.01), "--wait", "--json")

    assert (answer.code, answer.json()["outputs"]) == (0, {"drink": ["tea"]})


def test_ctrl_c_lets_an_effect_under_way_end_and_records_it(
    start: Start, weft: Weft, holding: str, tmp_path: Path
) -> None:
    process = start("run", holding)
    id = execution_of(process)
    until(process, "begun")

    process.send_signal(signal.SIGINT)
    until(process, "cancelling; Ctrl-C again leaves at once")
    (tmp_path / "pipe").write_text("tea")

    assert end(process).code == 3
    shown = weft("executions", id, "--json").json()
    assert (shown["status"], shown["outputs"]) == ("cancelled", {"drink": []})
    nodes = {node["label"]: (node["status"], node["attempts"]) for node in shown["nodes"]}
    assert nodes["Hold"] == ("completed", 1)


def test_a_second_ctrl_c_leaves_at_once_and_resume_ends_the_cancelled_run(
    start: Start, weft: Weft, holding: str, server: EmbeddedServer
) -> None:
    process = start("run", holding)
    id = execution_of(process)
    until(process, "begun")
    process.send_signal(signal.SIGINT)
    until(process, "cancelling; Ctrl-C again leaves at once")
    until_recorded(server, CANCEL, id)

    process.send_signal(signal.SIGINT)

    assert end(process).code == 130
    assert weft("executions", id, "--json").json()["status"] == "running"
    resumed = start("resume", id, "--json")
    ended = end(resumed)
    assert (ended.code, [item["status"] for item in ended.json()["items"]]) == (3, ["cancelled"])
    assert "begun" not in ended.err
