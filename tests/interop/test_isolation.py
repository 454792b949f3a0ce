"""Reading a file opens no socket, starts no process and reads no other file."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.conftest import Weft
from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.reading import read
from weft.interop.service import judge
from weft.sdk import Catalog

_LEADS_OUT = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system", "urllib.", "http.client.")


class Watch:
    """What the running Python did that leads out of it; hooks cannot be taken away, so it is switched."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: Any) -> None:
        if self.seen is not None and event.startswith(_LEADS_OUT):
            self.seen.append(event)

    @contextmanager
    def watching(self) -> Iterator[list[str]]:
        """Lend the list of events; it grows until the end."""
        seen = self.seen = []
        try:
            yield seen
        finally:
            self.seen = None


WATCH = Watch()


def hostile() -> Agent:
    """An agent full of addresses and commands."""
    agent = agents.accumulator()
    agent.node("web", agents.WEB_REQUEST, url="http://127.0.0.1:1/steal", method="POST", body={"cmd": "$(id)"})
    agent.node("file", agents.FILE_INPUT, name="file", value="file:///etc/passwd")
    agent.node("text", agents.FILL_TEMPLATE, format="{{ ''.__class__.__mro__ }}", values={})
    agent.node("odd", agents.NOWHERE, command="rm -rf /", url="http://127.0.0.1:1/")
    agent.extra = {"$schema": "http://127.0.0.1:1/schema.json"}
    return agent


def test_reading_and_judging_a_hostile_file_leads_nowhere(catalog: Catalog) -> None:
    agent = hostile()

    with WATCH.watching() as seen:
        judge(read(agent, catalog), catalog, with_order=True)

    assert seen == []


def test_the_program_reads_such_a_file_without_leading_anywhere(offline: Weft, tmp_path: Path) -> None:
    file = hostile().write(tmp_path / "agent.json")

    with WATCH.watching() as seen:
        answer = offline("validate", file, "--json")

    assert (answer.code, answer.json()["runnable"]) == (2, False)
    assert seen == []


def test_the_watch_sees_sockets_and_processes() -> None:
    with WATCH.watching() as seen:
        socket.socket().close()
        subprocess.run([sys.executable, "-c", ""], check=True)

    assert {"socket.__new__", "subprocess.Popen"} <= set(seen)
