"""`weft watch`: live from another process, and afterwards from the record."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli import acme_blocks, graphs
from tests.cli.conftest import Weft
from tests.cli.processes import WAITING, Start, end, execution_of, until_recorded
from weft.db.embedded.server import EmbeddedServer
from weft.sdk.builder import GraphBuilder


@pytest.fixture
def asking(tmp_path: Path) -> str:
    """A graph that asks a person for a name, where the program finds its block."""
    acme_blocks.install(tmp_path)
    g = GraphBuilder("Asking", catalog=graphs.CATALOG.with_blocks(acme_blocks.AskName))
    g.output("greeting", g.add("acme.ask_name", "Ask"))
    return str(g.write(tmp_path / "asking.json"))


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def until(process: "subprocess.Popen[str]", kind: str) -> list[dict[str, Any]]:
    """Read what a watcher prints up to the first event of a kind."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(json.loads(line))
        if seen[-1]["kind"] == kind:
            return seen
    raise AssertionError(f"the watcher ended with {process.wait()}: {process.communicate()[1]}")


def test_a_run_that_has_ended_is_told_from_its_record(weft: Weft, tmp_path: Path) -> None:
    run = weft("run", graphs.greeting(tmp_path), "--input", "name=Ada", "--json").json()

    told = weft("watch", run["execution_id"], "--json")
    events = events_of(told.out)

    assert told.code == 0
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert (events[0]["kind"], events[-1]["kind"], events[-1]["status"]) == (
        "execution_queued",
        "execution_ended",
        "completed",
    )
    assert [event["value"] for event in events if event.get("pin") == "output"][-1] == run["outputs"]["greeting"][0]
    assert events_of(weft("watch", run["execution_id"], "--json", "--from", "2").out) == events[2:]


def test_without_json_each_event_is_a_line_of_words(weft: Weft, tmp_path: Path) -> None:
    run = weft("run", graphs.greeting(tmp_path), "--input", "name=Ada", "--json").json()

    told = weft("watch", run["execution_id"])

    lines = told.out.splitlines()
    assert told.code == 0
    assert lines[0].startswith("     0  queued: version ")
    assert lines[-1].split() == [str(len(lines) - 1), "completed"]
    assert any(run["outputs"]["greeting"][0] in line for line in lines)
    assert told.err == ""


def test_another_process_sees_what_happens_while_it_happens(
    start: Start, weft: Weft, asking: str, server: EmbeddedServer
) -> None:
    runner = start("run", asking, "--wait")
    id = execution_of(runner)
    watcher = start("watch", id, "--json")
    seen = until(watcher, "firing_waits")

    assert weft("answer", id, seen[-1]["key"], "--data", '"Ada"').code == 0
    watched = end(watcher)

    assert end(runner).code == watched.code == 0
    seen += events_of(watched.out)
    numbered = [event for event in seen if event["kind"] != "status"]
    assert numbered == events_of(end(start("watch", id, "--json")).out)


def test_ctrl_c_leaves_and_cancels_nothing(start: Start, weft: Weft, asking: str, server: EmbeddedServer) -> None:
    runner = start("run", asking)
    id = execution_of(runner)
    assert end(runner).code == 4
    watcher = start("watch", id, "--json")
    until(watcher, "firing_waits")

    watcher.send_signal(signal.SIGINT)

    watched = end(watcher)
    assert watched.code == 130
    assert "Traceback" not in watched.err
    until_recorded(server, WAITING, id)


def test_the_exit_code_says_how_it_ended(weft: Weft, start: Start, asking: str) -> None:
    runner = start("run", asking)
    id = execution_of(runner)
    end(runner)
    assert weft("cancel", id).code == 0

    assert weft("watch", id).code == 3


def test_lines_of_the_log_are_shown_when_they_are_asked_for(weft: Weft, tmp_path: Path) -> None:
    run = weft("run", graphs.greeting(tmp_path), "--input", "name=Ada", "--json").json()

    plain, full = weft("watch", run["execution_id"], "--json"), weft("watch", run["execution_id"], "--json", "--logs")

    assert plain.code == full.code == 0
    assert [event for event in events_of(full.out) if event["kind"] != "log"] == events_of(plain.out)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b"], "there is no execution 0193b7c2"),
        (["nonsense"], "is no id of an execution"),
        (["0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b", "--from", "-1"], "greater than or equal to 0"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(weft: Weft, arguments: list[str], sentence: str) -> None:
    told = weft("watch", *arguments)

    assert told.code == 2
    assert sentence in told.err


def test_a_number_that_was_not_reached_is_refused(weft: Weft, tmp_path: Path) -> None:
    run = weft("run", graphs.greeting(tmp_path), "--input", "name=Ada", "--json").json()

    told = weft("watch", run["execution_id"], "--from", "1000", "--json")

    assert (told.code, told.json()["error"]["code"]) == (2, "INVALID_INPUT")
