"""One PostgreSQL server process: started, adopted, watched and stopped by the supervisor."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

from weft.db.embedded.binaries import Binaries
from weft.db.embedded.layout import PORT, Layout

STATUS_LINE = 7
"""The zero-based line of postmaster.pid in which PostgreSQL writes "ready", "starting" or "stopping"."""


class Postmaster:
    """The server of one data directory; at most one process is ours at any time.

    Its father is whoever calls `start`, or an earlier supervisor that died, in which case `adopt` finds it.
    All methods are to be called as the server's user and under the supervisor's lock.
    """

    def __init__(self, layout: Layout, binaries: Binaries) -> None:
        self._layout = layout
        self._binaries = binaries
        self._child: subprocess.Popen[bytes] | None = None
        self.pid: int | None = None

    @property
    def _pid_file(self) -> Path:
        return self._layout.data / "postmaster.pid"

    @property
    def _socket_lock(self) -> Path:
        return self._layout.socket.with_name(self._layout.socket.name + ".lock")

    def adopt(self) -> bool:
        """Take over a live server that an earlier supervisor left; False if there is none.

        One whose postmaster.pid was damaged would end itself within a minute; it is stopped here and now.
        """
        pid = _first_number(self._pid_file)
        if pid is not None and self._is_ours(pid):
            self._child, self.pid = None, pid
            return True
        pid = _first_number(self._socket_lock)
        if pid is not None and self._is_ours(pid):
            self._child, self.pid = None, pid
            self.stop(patience_s=30.0)
        return False

    def start(self) -> None:
        """Start the server as a child; it reads its log, recovers and becomes `ready` by itself.

        A postmaster.pid that a dead server left is never removed, for PostgreSQL uses its lines to find
        memory that surviving backends may still write to. Our own pid goes on its first line: PostgreSQL
        holds the pid of its father for stale and still makes that check, whoever else has got the old pid.
        The same goes for the lock beside the socket.
        """
        _disown(self._pid_file)
        _disown(self._socket_lock)
        with (self._layout.logs / "postgresql.log").open("ab") as log:
            self._child = subprocess.Popen(
                [
                    *(self._binaries.folder / "postgres", "-D", self._layout.data, "-p", str(PORT)),
                    *("-c", "listen_addresses="),
                    *("-c", f"unix_socket_directories={self._layout.socket_folder}"),
                    *("-c", "unix_socket_permissions=0700"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        self.pid = self._child.pid

    def is_alive(self) -> bool:
        """Whether the process exists and is no corpse; also collects a dead child."""
        if self.pid is None:
            return False
        if self._child is not None:
            return self._child.poll() is None
        return self._is_ours(self.pid)

    def stop(self, patience_s: float) -> bool:
        """End the server: open transactions roll back, everything committed is checkpointed.

        After `patience_s` it is told to quit at once, which costs the next start a recovery and loses
        nothing.

        Returns:
            Whether it ended in time.
        """
        in_time = self._signal_and_wait(signal.SIGINT, patience_s)
        if not in_time:
            self._signal_and_wait(signal.SIGQUIT, 10.0)
        self.pid = None
        return in_time

    def _signal_and_wait(self, number: signal.Signals, patience_s: float) -> bool:
        deadline = time.monotonic() + patience_s
        if self.pid is not None and self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return True
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _is_ours(self, pid: int) -> bool:
        """Whether `pid` is a live postgres that works in our data directory, and no stranger."""
        try:
            process = psutil.Process(pid)
            program = Path(process.exe()).name
            folder = process.cwd()
        except (psutil.Error, OSError):
            return False
        return program.startswith("postgres") and Path(folder) == self._layout.data.resolve()

    def is_ready(self) -> bool:
        """Whether the server accepts connections, by its own word in postmaster.pid."""
        lines = _lines(self._pid_file)
        return len(lines) > STATUS_LINE and lines[0] == str(self.pid) and lines[STATUS_LINE] == "ready"


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(errors="replace").splitlines()]
    except FileNotFoundError:
        return []


def _first_number(path: Path) -> int | None:
    lines = _lines(path)
    return int(lines[0]) if lines and lines[0].isascii() and lines[0].isdigit() else None


def _disown(path: Path) -> None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    if not content:
        path.unlink()  # says nothing about memory, and PostgreSQL refuses to start on it
        return
    _, newline, rest = content.partition(b"\n")
    scratch = path.with_name(path.name + ".weft")
    scratch.write_bytes(str(os.getpid()).encode() + (newline or b"\n") + rest)
    scratch.chmod(0o600)
    scratch.replace(path)
