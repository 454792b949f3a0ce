"""`weft serve` as a process: what dies is started again, nobody is left behind, the database stops last."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.engine.scene import Scene
from tests.support.postgres import wait_until_stopped
from tests.worker.conftest import CATALOG, Town
from tests.worker.programs import DEADLINE_S, Gate, Program, programs
from weft.assembly import open_platform
from weft.db.embedded.server import start_embedded


@pytest.fixture
async def house(home: Path, tmp_path: Path) -> AsyncIterator[Town]:
    """An embedded database of the test's own, for as long as somebody uses it."""
    async with programs(tmp_path, WEFT_HOME=str(home)) as starter:
        serve = await starter.started("serve")
        await serve.until("started", role="worker")
        server = await start_embedded(home)
        async with server, open_platform(server.url, catalog=CATALOG, ttl_s=3) as platform:
            yield Town(Scene(platform, server.url), starter, tmp_path, serve)


def pid_of(serve: Program, role: str) -> int:
    """Return the number of the newest process of a role."""
    return [int(line["pid"]) for line in serve.said if line.get("event") == "started" and line["role"] == role][-1]


async def until_gone(pids: list[int]) -> None:
    """Return once none of the processes runs; one that nobody has waited for yet is as good as gone."""
    async with asyncio.timeout(DEADLINE_S):
        while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
            await asyncio.sleep(0.01)


async def test_all_that_serve_runs_leaves_in_good_order_and_the_database_last(home: Path, tmp_path: Path) -> None:
    async with programs(tmp_path, WEFT_HOME=str(home)) as starter:
        serve = await starter.started("serve", "--workers", "2")
        for _ in range(2):
            await serve.until("started", role="worker")

        code = await serve.stop()

    last = [(line["role"], line["event"]) for line in serve.said]
    assert (code, last[-2:]) == (0, [("serve", "database_stopped"), ("serve", "stopped")])
    assert last.count(("worker", "drained")) == 2
    assert [line["workers"] for line in serve.said if "workers" in line] == [2]


async def test_a_killed_worker_is_started_again_and_its_execution_ends(house: Town, gate: Gate) -> None:
    serve = house.serve
    assert serve is not None
    execution = await house.start_at(gate)
    await house.begun(execution)

    os.kill(pid_of(serve, "worker"), signal.SIGKILL)
    told = await serve.until("restarts")
    await house.scene.until("SELECT 1 FROM executions WHERE attempts = 2")
    gate.open()

    assert await house.ended(execution) == ["completed"]
    assert (told["child"], told["exit_code"]) == ("worker 1", -signal.SIGKILL)
    assert "worker 1 was killed by SIGKILL; starts again in 0.2 s" in told["message"]
    assert await serve.stop() == 0
    assert serve.events()[-2:] == ["database_runs", "stopped"]


async def test_a_killed_supervisor_leaves_nobody_behind(house: Town, gate: Gate, home: Path) -> None:
    serve = house.serve
    assert serve is not None
    execution = await house.start_at(gate)
    await house.begun(execution)
    pids = [serve.pid, pid_of(serve, "worker"), pid_of(serve, "scheduler")]

    serve.signal(signal.SIGKILL)
    await serve.until("draining")
    gate.open()

    assert await serve.end() == -signal.SIGKILL
    assert (serve.said[-1]["event"], str((await house.scene.get(execution)).status)) == ("drained", "completed")
    await until_gone(pids)


async def test_the_database_of_a_killed_supervisor_stops_when_its_children_have_left(
    home: Path, tmp_path: Path
) -> None:
    async with programs(tmp_path, WEFT_HOME=str(home)) as starter:
        serve = await starter.started("serve")
        await serve.until("started", role="worker")

        serve.signal(signal.SIGKILL)
        await serve.silence()
        wait_until_stopped(home)

    assert sorted(line["role"] for line in serve.said if line["event"] == "orphaned") == ["scheduler", "worker"]


async def test_a_second_signal_ends_all_processes_at_once_and_nothing_is_lost(house: Town, gate: Gate) -> None:
    serve = house.serve
    assert serve is not None
    execution = await house.start_at(gate)
    await house.begun(execution)

    serve.signal(signal.SIGINT)
    await serve.until("draining")
    serve.signal(signal.SIGINT)
    code = await serve.end()
    gate.open()
    worker = await house.programs.started("worker")

    assert code == 130
    assert await house.ended(execution) == ["completed"]
    assert await worker.stop() == 0


async def test_what_cannot_start_is_told_once_and_ends_serve(town: Town) -> None:
    await town.scene.fetch("SELECT 1")
    serve = await town.programs.start("serve", WEFT_DATABASE_SCHEMA="elsewhere")

    assert await serve.end() == 2
    assert [line["error"]["code"] for line in serve.said if "error" in line] == ["SCHEMA_BEHIND"]
    assert "scheduler ended with exit code 2 before it had started" in serve.said[-1]["message"]


async def test_serve_works_on_a_server_of_ones_own_too(town: Town) -> None:
    serve = await town.programs.started("serve", "--concurrency", "4")
    execution = await town.start()

    assert await town.ended(execution) == ["completed"]
    assert sorted(await town.workers()) == [("scheduler", 0), ("worker", 4)]
    assert await serve.stop() == 0
    assert await town.workers() == []


def test_the_supervisor_loads_nothing_that_runs_graphs() -> None:
    program = "import sys, weft.cli.main, weft.cli.serve; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert {"weft.assembly", "weft.executions.loop", "weft.blocks", "sqlalchemy", "httpx"} & set(loaded) == set()
