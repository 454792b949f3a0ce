"""The program in this process, on a home of the test's own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import running_server, scratch_home
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


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A server that outlives the single runs of the program, so that they only attach to it."""
    with running_server() as started:
        yield started


@pytest.fixture
def weft(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Weft:
    """Run the program in this process on a database that is migrated at first use."""
    home = server.data_directory.parents[1]
    return _program(home, monkeypatch, capfd, tmp_path)


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
