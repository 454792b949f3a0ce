"""The program in this process, on a home of the test's own."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import renew_database, scratch_home
from weft.cli.main import main
from weft.db.embedded.server import EmbeddedServer


@dataclass(frozen=True)
class Answer:
    """How the program ended: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return the one object on stdout."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Weft = Callable[..., Answer]
_PROGRAM = "import sys; from weft.cli.main import main; sys.exit(main())"


@pytest.fixture
def server(postgres: EmbeddedServer) -> EmbeddedServer:
    """A server that outlives the single runs of the program, so that they only attach to it; its own database is empty."""
    asyncio.run(renew_database(postgres))
    return postgres


@pytest.fixture
def weft(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Weft:
    """Run the program in this process on the database of its home, where it finds only what the test makes."""
    home = server.data_directory.parents[1]
    return _program(home, monkeypatch, capfd, tmp_path)


@pytest.fixture
def start(server: EmbeddedServer, tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start the program as a process; what is still alive at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> "subprocess.Popen[str]":
        environment = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")}
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
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


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Weft]:
    """Run the program where it must not even start a database."""
    with scratch_home() as home:
        yield _program(home, monkeypatch, capfd, tmp_path)
        assert list(home.iterdir()) == [], "a database was started"


def _program(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path) -> Weft:
    for name in ("WEFT_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEFT_HOME", str(home))
    monkeypatch.setenv("WEFT_TESTING_BLOCKS", "true")
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Answer:
        capfd.readouterr()
        code = main(list(arguments))
        seen = capfd.readouterr()
        return Answer(code, seen.out, seen.err)

    return run
