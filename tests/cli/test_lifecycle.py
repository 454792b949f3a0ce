"""Ctrl-C, kill -9, resume, cancel and answer: through the real program, as processes."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft
from tests.cli.processes import INTENT, Process, Start, end, execution_of, until, until_recorded
from tests.support.postgres import drop_database, fresh_database
from weft.db.embedded.server import EmbeddedServer


def until_begun(process: Process, server: EmbeddedServer) -> str:
    """Return the execution's id once the intent of its effect is durable."""
    id = execution_of(process)
    until_recorded(server, INTENT, id)
    return id


def test_ctrl_c_cancels_durably_and_exits_with_3(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 600))
    id = execution_of(process)
    until(process, "waiting")

    process.send_signal(signal.SIGINT)

    assert end(process).code == 3
    assert weft("executions", id, "--json").json()["status"] == "cancelled"


def test_a_killed_run_goes_on_from_its_last_step(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 2))
    id = execution_of(process)
    until(process, "waiting")
    process.kill()
    process.wait()
    assert weft("executions", id, "--json").json()["status"] in {"running", "waiting"}

    answer = weft("resume", id, "--json")

    assert answer.code == 0
    assert [(item["status"], item["outputs"]) for item in answer.json()["items"]] == [("completed", {"drink": ["tea"]})]


def test_an_effect_whose_outcome_is_unknown_waits_for_a_decision(
    start: Start, weft: Weft, server: EmbeddedServer, tmp_path: Path
) -> None:
    process = start("run", graphs.writer(tmp_path, "testing.append_line_once", wait_ms=60_000))
    id = until_begun(process, server)
    process.kill()
    process.wait()

    resumed = weft("resume", id, "--json")
    (item,) = resumed.json()["items"]
    (wait,) = item["waiting"]
    assert (resumed.code, item["status"], wait["label"], wait["kind"]) == (4, "waiting", "Write", "person")

    wrong = weft("answer", id, wait["key"], "--data", '{"decision": "maybe"}', "--json")
    assert (wrong.code, wrong.json()["error"]["code"]) == (2, "INVALID_INPUT")
    assert weft("answer", id, "other", "--data", "1").code == 2

    decision = {"decision": "output", "outputs": [["value", 9]]}
    assert weft("answer", id, wait["key"], "--data", json.dumps(decision)).code == 0
    done = weft("resume", id, "--json")
    assert (done.code, done.json()["items"][0]["outputs"]) == (0, {"done": [9]})


def test_what_waits_for_a_person_is_named_with_the_command_that_answers(
    start: Start, weft: Weft, server: EmbeddedServer, tmp_path: Path
) -> None:
    process = start("run", graphs.writer(tmp_path, "testing.append_line_once", wait_ms=60_000))
    id = until_begun(process, server)
    process.kill()
    process.wait()

    told = weft("resume", id)

    assert told.code == 4
    assert f"weft answer {id} unknown:" in told.err


def test_a_running_execution_is_cancelled_from_another_process(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 0.9))
    id = execution_of(process)

    weft("cancel", id)

    assert end(process).code in {0, 3}
    assert weft("executions", id, "--json").json()["status"] in {"cancelled", "completed"}


def test_a_waiting_execution_is_cancelled_at_once(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 600))
    id = execution_of(process)
    until(process, "waiting")

    answer = weft("cancel", id, "--json")

    assert (answer.code, answer.json()["status"]) == (0, "cancelled")
    assert end(process).code == 3


def test_a_server_of_ones_own_is_migrated_by_command_only(
    weft: Weft, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = asyncio.run(fresh_database(server, migrated=False))
    monkeypatch.setenv("WEFT_DATABASE_URL", url)

    refused = weft("resume", "--json")
    assert (refused.code, refused.json()["error"]["code"]) == (2, "SCHEMA_BEHIND")
    assert "run: weft migrate" in refused.err

    assert weft("migrate").code == 0
    assert weft("resume", "--json").json() == {"items": [], "next": None}
    asyncio.run(drop_database(server, url))
