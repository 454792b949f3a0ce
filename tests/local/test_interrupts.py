"""Ctrl-C and cancelled callers: the run is cancelled durably, and not left behind."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import weft
from tests.cli.processes import until_recorded
from tests.local.blocks import sleeping
from tests.support.postgres import open_database
from weft.db.embedded.server import EmbeddedServer
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder
from weft.users.types import LOCAL_OWNER

_OF_GRAPH = "SELECT e.id FROM executions e JOIN graphs g ON g.id = e.graph_id WHERE g.name = :id"
_WAITING = f"{_OF_GRAPH} AND e.status = 'waiting'"
_RUNNING = f"{_OF_GRAPH} AND EXISTS (SELECT 1 FROM execution_events v WHERE v.execution_id = e.id AND kind = 'intent')"
_ASKED = f"{_OF_GRAPH} AND e.cancel_requested_at IS NOT NULL"
_SCRIPT = "import sys, weft; weft.run(sys.argv[1])"


def named(g: GraphBuilder, name: str) -> GraphBuilder:
    g.name = name
    return g


async def status_of(server: EmbeddedServer, name: str) -> str:
    async with await open_database(server.url, role="weft_api") as database, database.transaction(LOCAL_OWNER) as tx:
        found = await tx.scalar(_OF_GRAPH.replace("e.id", "e.status", 1), {"id": name})
        return str(found)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator["list[subprocess.Popen[str]]"]:
    """Programs that were started; what is still alive at the end is killed."""
    monkeypatch.setenv("WEFT_TESTING_BLOCKS", "true")
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def start(started: "list[subprocess.Popen[str]]", graph: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", _SCRIPT, str(graph)], stderr=subprocess.PIPE, text=True)
    started.append(process)
    return process


async def test_a_cancelled_caller_leaves_a_cancelled_run(server: EmbeddedServer) -> None:
    task = asyncio.create_task(weft.arun(named(sleeping(), "Left by a task")))
    await asyncio.to_thread(until_recorded, server, _WAITING, "Left by a task")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await status_of(server, "Left by a task") == "cancelled"


async def test_a_cancelled_caller_of_an_app_leaves_a_cancelled_run(server: EmbeddedServer) -> None:
    async with weft.open() as app:
        task = asyncio.create_task(app.run(named(sleeping(), "Left in an app")))
        await asyncio.to_thread(until_recorded, server, _WAITING, "Left in an app")

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert await status_of(server, "Left in an app") == "cancelled"


def test_ctrl_c_cancels_durably(server: EmbeddedServer, script: "list[subprocess.Popen[str]]", tmp_path: Path) -> None:
    process = start(script, named(sleeping(), "Left by Ctrl-C").write(tmp_path / "sleep.json"))
    until_recorded(server, _WAITING, "Left by Ctrl-C")

    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)

    assert words.rstrip().endswith("KeyboardInterrupt")
    assert "Exception ignored" not in words
    assert asyncio.run(status_of(server, "Left by Ctrl-C")) == "cancelled"


def test_a_second_ctrl_c_leaves_at_once(
    server: EmbeddedServer, script: "list[subprocess.Popen[str]]", tmp_path: Path
) -> None:
    g = GraphBuilder("Left twice", catalog=Catalog.load(testing=True))
    line = g.add("testing.append_line", "Write", path=str(tmp_path / "lines.txt"), value=7, wait_ms=600_000)
    g.output("done", line["value"])
    process = start(script, g.write(tmp_path / "writer.json"))
    until_recorded(server, _RUNNING, "Left twice")
    process.send_signal(signal.SIGINT)
    until_recorded(server, _ASKED, "Left twice")

    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)

    assert words.rstrip().endswith("KeyboardInterrupt")
