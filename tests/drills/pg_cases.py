"""The nine cases of the embedded PostgreSQL; each returns what it saw in a few words, or fails."""

# ruff: noqa: ASYNC220, ASYNC240 - a case does one thing at a time, nothing else waits for its loop

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

from tests.drills.pg_scene import Scene, eventually, is_gone, kill, wait_for_client
from tests.support.postgres import wait_until_stopped
from weft.db.connector import Connector
from weft.db.embedded.account import service_account
from weft.db.embedded.binaries import bin_dir
from weft.db.embedded.server import EmbeddedServer, start_embedded
from weft.db.failures import DRIVER_FAILURES
from weft.errors import ConfigurationError, DatabaseUnreachable

Case = Callable[[Scene], Coroutine[None, None, str]]


async def lifecycle(scene: Scene) -> str:
    """Start cold and warm, attach, first out stays, kill -9 of the last user stops it in order."""
    began = time.perf_counter()
    async with scene.server() as server:
        cold = time.perf_counter() - began
        await scene.fill(server)
    wait_until_stopped(scene.home)
    assert scene.postmasters() == []
    began = time.perf_counter()
    server = await scene.start()
    warm = time.perf_counter() - began
    first_pid = scene.server_pid()
    client = scene.client()
    await wait_for_client(client)
    began = time.perf_counter()
    second = await scene.start()
    attach = time.perf_counter() - began
    assert await scene.count(second) == scene.rows
    await second.release()
    await server.release()
    assert scene.postmasters() == [first_pid], "the first one out must leave the server to the others"
    kill(client.pid)
    wait_until_stopped(scene.home)
    assert scene.postmasters() == []
    assert scene.server_log.rstrip().endswith("database system is shut down")
    return f"cold {cold:.2f} s, warm {warm:.2f} s, attach {attach * 1000:.0f} ms"


async def killed_server(scene: Scene) -> str:
    """Kill -9 of the server: it comes back by itself with all rows."""
    async with scene.server() as server:
        await scene.fill(server)
        killed = scene.server_pid()
        began = time.perf_counter()
        await scene.kill_server()
        count = await scene.count(server)
        took = time.perf_counter() - began
        assert scene.server_pid() != killed
        assert count == scene.rows
    return f"{count} of {scene.rows} rows, down {took:.2f} s"


async def killed_under_load(scene: Scene) -> str:
    """Kill -9 of the server three times under four writers: no acknowledged commit is lost."""
    async with scene.server() as server:
        scene.rows = 0
        await scene.fill(server)
        acknowledged: list[int] = []
        writers = [asyncio.create_task(_write(server, acknowledged, start)) for start in range(4)]
        for _ in range(3):
            await _written(acknowledged, len(acknowledged) + 100)
            await scene.kill_server()
            await Connector.to(server.url).wait_until_reachable(60)
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
        connection = await Connector.to(server.url).connect()
        stored = {record["n"] for record in await connection.fetch("SELECT n FROM drill")}
        await connection.close()
    lost = set(acknowledged) - stored
    assert not lost, f"{len(lost)} acknowledged commits are lost"
    return f"{len(acknowledged)} acknowledged, 0 lost"


async def _written(acknowledged: list[int], goal: int) -> None:
    await eventually(lambda: len(acknowledged) >= goal, "writers go on")


async def _write(server: EmbeddedServer, acknowledged: list[int], number: int) -> None:
    connector = Connector.to(server.url)
    while True:
        try:
            await connector.wait_until_reachable(60)
            connection = await connector.connect()
            try:
                while True:
                    number += 4
                    await connection.execute("INSERT INTO drill VALUES ($1)", number)
                    acknowledged.append(number)
            finally:
                connection.terminate()
        except (*DRIVER_FAILURES, DatabaseUnreachable):
            continue


async def killed_while_busy(scene: Scene) -> str:
    """Kill -9 of the server under a busy backend: the check of shared memory holds, then all rows."""
    async with scene.server() as server:
        await scene.fill(server)
        connection = await Connector.to(server.url).connect()
        backend = connection.get_server_pid()
        busy = asyncio.create_task(
            connection.execute("DO $$ DECLARE x int; BEGIN FOR i IN 1..60000000 LOOP x := i; END LOOP; END $$")
        )
        other = await Connector.to(server.url).connect()
        while await other.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", backend) != "active":
            pass
        began = time.perf_counter()
        kill(scene.server_pid())
        count = await scene.count(server)
        took = time.perf_counter() - began
        await asyncio.gather(busy, return_exceptions=True)
        for one in (connection, other):
            one.terminate()
        assert is_gone(backend), "the new server must not run beside a backend of the old one"
        assert count == scene.rows
        refused = scene.server_log.count("shared memory block")
        assert refused, "the backend was not busy long enough to show the check"
    return f"refused {refused} times, {count} of {scene.rows} rows, down {took:.2f} s"


async def damaged_pid_file(scene: Scene) -> str:
    """An empty, a cut and a garbled postmaster.pid."""
    async with scene.server() as server:
        await scene.fill(server)
    seen = []
    for damage in (b"", b"12", b"not a number\n\0\xff\n"):
        wait_until_stopped(scene.home)
        scene.pid_file.write_bytes(damage)
        os.chown(scene.pid_file, scene.layout.uid, -1)
        began = time.perf_counter()
        async with scene.server() as server:
            assert await scene.count(server) == scene.rows
        seen.append(f"{time.perf_counter() - began:.2f}")
    return f"all rows each time, {', '.join(seen)} s"


async def killed_supervisor(scene: Scene) -> str:
    """Kill -9 of the supervisor: the server stays, a new supervisor adopts it and later stops it."""
    server = await scene.start()
    await scene.fill(server)
    pid, killed = scene.server_pid(), scene.supervisor_pids()
    assert len(killed) == 1
    kill(killed[0])
    await eventually(lambda: is_gone(killed[0]), "the supervisor is gone")
    assert await scene.count(server) == scene.rows
    await eventually(lambda: bool(scene.supervisor_pids()), "a client in use brings a new one")
    assert scene.server_pid() == pid, "the server must have gone on"
    await scene.kill_server()
    assert await scene.count(server) == scene.rows
    await server.release()
    wait_until_stopped(scene.home)
    assert scene.postmasters() == []
    return "adopted, restarted, stopped"


async def all_killed_and_pid_reused(scene: Scene) -> str:
    """Kill -9 of supervisor, server and client at once; a stranger has the old pid."""
    client = scene.client()
    await wait_for_client(client)
    async with scene.server() as server:
        await scene.fill(server)
        pid = scene.server_pid()
        supervisor = scene.supervisor_pids()[0]
        await server.release()
    for one in (supervisor, pid, client.pid):
        kill(one)
    await eventually(lambda: is_gone(pid) and is_gone(supervisor) and not scene.postmasters(), "all are gone")
    stranger = subprocess.Popen(["/bin/sleep", "600"], user=scene.layout.uid, cwd="/")
    try:
        for path in (scene.pid_file, Path(f"{scene.layout.socket}.lock")):
            lines = path.read_text().splitlines(keepends=True)
            path.write_text(f"{stranger.pid}\n" + "".join(lines[1:]))
        began = time.perf_counter()
        async with scene.server() as server:
            count = await scene.count(server)
            took = time.perf_counter() - began
            assert scene.server_pid() != stranger.pid
        assert stranger.poll() is None, "the stranger was harmed"
    finally:
        stranger.kill()
        stranger.wait()
    assert count == scene.rows
    return f"{count} of {scene.rows} rows, {took:.2f} s"


async def four_cold_starts(scene: Scene) -> str:
    """Four processes start the first time at once: one server, one supervisor."""
    began = time.perf_counter()
    clients = [scene.client() for _ in range(4)]
    await asyncio.gather(*(wait_for_client(client) for client in clients))
    took = time.perf_counter() - began
    assert len(scene.postmasters()) == 1
    assert len(scene.supervisor_pids()) == 1
    return f"1 server, 1 supervisor, {took:.2f} s"


async def refusals(scene: Scene) -> str:
    """Another version, a closed folder, a user without name: one sentence each, nothing changed."""
    async with scene.server():
        pass
    wait_until_stopped(scene.home)
    other = 16 + 18 - scene.major
    with Refused(f"WEFT_POSTGRES_MAJOR={scene.major}"):
        await start_embedded(scene.home, major=other)
    assert scene.postmasters() == []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as closed:  # 0700
        inner = Path(closed) / "deep" / "home"
        if os.getuid() == 0:
            with Refused(f"chmod o+x {closed}"):
                await start_embedded(inner, major=scene.major)
        else:
            Path(closed).chmod(0o500)
            with Refused("WEFT_HOME"):
                await start_embedded(inner, major=scene.major)
            Path(closed).chmod(0o700)
    if os.getuid() != 0:
        return "refused with the command to run"
    _refuse_unknown_user()
    await _run_from_closed_folder(scene)
    return "refused with the command to run; programs in a closed folder run from a copy"


async def _run_from_closed_folder(scene: Scene) -> None:
    programs = bin_dir(scene.major)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as closed:  # 0700, as a clone below /root is
        shutil.copytree(programs.folder.parent, Path(closed) / "wheel", symlinks=True)
        async with await start_embedded(scene.home, binaries=Path(closed) / "wheel" / "bin") as server:
            assert server.major == scene.major
            assert list(scene.home.glob(f"bin/{programs.version}-*/*/*/bin/postgres"))


def _refuse_unknown_user() -> None:
    code = (
        "import os, weft.db.embedded.account as a\nos.setuid(4242)\n"
        "try: a.service_account()\nexcept Exception as error: print(type(error).__name__, error)"
    )
    path = os.pathsep.join(path for path in sys.path if path)
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": path}, check=True
    ).stdout
    assert said.startswith("ConfigurationError"), said
    assert "WEFT_DATABASE_URL" in said
    assert service_account().name in {"weft", "nobody"}


class Refused:
    """The block must raise ConfigurationError with these words."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        assert isinstance(error, ConfigurationError), f"not refused: {error!r}"
        assert self._words in str(error), f"{self._words!r} is not in: {error}"
        return True


CASES: tuple[Case, ...] = (
    lifecycle,
    killed_server,
    killed_under_load,
    killed_while_busy,
    damaged_pid_file,
    killed_supervisor,
    all_killed_and_pid_reused,
    four_cold_starts,
    refusals,
)
