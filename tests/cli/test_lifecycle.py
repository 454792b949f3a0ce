"""Ctrl-C, kill -9, resume, cancel and answer: through the real program, as processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Answer, Weft
from tests.support.postgres import drop_database, fresh_database, open_database
from weft.db.embedded.server import EmbeddedServer
from weft.users.types import LOCAL_OWNER

INTENT = "SELECT seq FROM execution_events WHERE execution_id = :id AND kind = 'intent'"
PROGRAM = "import sys; from weft.cli.main import main; sys.exit(main())"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(server: EmbeddedServer, tmp_path: Path) -> Iterator[Start]:
    """Start the program as a process; what is still alive at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> "subprocess.Popen[str]":
        environment = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")}
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env={**environment, "WEFT_HOME": str(server.data_directory.parents[1]), "WEFT_TESTING_BLOCKS": "true"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def until(process: "subprocess.Popen[str]", words: str) -> str:
    """Read the program's words up to the first line that holds these, and return that line."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"the program ended with {process.wait()} and never said {words!r}")


def until_begun(process: "subprocess.Popen[str]", server: EmbeddedServer) -> str:
    """Return the execution's id once the intent of its effect is durable."""
    id = until(process, "execution ").split()[-1]

    async def wait() -> None:
        async with await open_database(server.url, role="weft_api") as database, asyncio.timeout(30):
            found = None
            while found is None:
                async with database.transaction(LOCAL_OWNER) as tx:
                    found = await tx.scalar(INTENT, {"id": id})

    asyncio.run(wait())
    return id


def end(process: "subprocess.Popen[str]") -> Answer:
    out, err = process.communicate(timeout=60)
    return Answer(process.returncode, out, err)


def test_ctrl_c_cancels_durably_and_exits_with_3(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 600))
    id = until(process, "execution ").split()[-1]
    until(process, "waiting")

    process.send_signal(signal.SIGINT)

    assert end(process).code == 3
    assert weft("executions", id, "--json").json()["status"] == "cancelled"


def test_a_killed_run_goes_on_from_its_last_step(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 2))
    id = until(process, "execution ").split()[-1]
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
    id = until(process, "execution ").split()[-1]

    weft("cancel", id)

    assert end(process).code in {0, 3}
    assert weft("executions", id, "--json").json()["status"] in {"cancelled", "completed"}


def test_a_waiting_execution_is_cancelled_at_once(start: Start, weft: Weft, tmp_path: Path) -> None:
    process = start("run", graphs.pause(tmp_path, 600))
    id = until(process, "execution ").split()[-1]
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
