"""The detached parent of the embedded PostgreSQL: one process for each WEFT_HOME.

    python -m weft.db.embedded.supervisor --home DIR --uid N --gid N --bin DIR --version V

It starts the server or adopts a live one, starts it again when it dies, and stops it when nobody holds
the lease any more, which it learns from the kernel: each user of the server holds a shared lock on one file,
and a lock does not outlive its process, however that ends. It prints one line to whoever started it ("ready",
"busy": another supervisor is at work, or "failed CODE sentence") and then belongs to nobody.
It runs as the server's user from its first act on.
"""

import argparse
import contextlib
import fcntl
import os
import select
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from weft.db.embedded.binaries import Binaries
from weft.db.embedded.cluster import prepare, refuse_other_version, write_settings
from weft.db.embedded.layout import Layout, make_private_folder
from weft.db.embedded.logs import last_lines, log_line, rotate
from weft.db.embedded.postmaster import Postmaster
from weft.errors import ConfigurationError, DatabaseError, WeftError

TICK_S = 0.2
"""How often the lease is looked at; the death of the server is noticed at once."""

STOP_PATIENCE_S = 60.0
FIRST_START_ATTEMPTS = 3
MEMORY_PATIENCE_S = 60.0
"""How long backends of a killed server may keep its memory before a first start gives up."""

LONGEST_PAUSE_S = 5.0


class Supervisor:
    """Keeps the server of one layout running while the lease is held.

    The caller holds the supervisor's lock, so there is never a second one.
    """

    def __init__(self, layout: Layout, binaries: Binaries) -> None:
        self._layout = layout
        self._postmaster = Postmaster(layout, binaries)
        self._binaries = binaries
        self._told_to_end = False
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        os.set_blocking(self._wake_reader, False)

    def listen_to_signals(self) -> None:
        """Let SIGTERM, SIGINT and SIGHUP end everything in order, and a dead child wake the loop."""
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_end)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def bring_up(self) -> None:
        """Make a server ready: the one that runs already, or a new one.

        Raises:
            DatabaseError: It does not start; the message holds its last words. No server is left running.
        """
        if self._postmaster.adopt():
            log_line(self._layout, f"adopted server {self._postmaster.pid}")
        else:
            prepare(self._layout, self._binaries)
            write_settings(self._layout)
            self._postmaster.start()
        give_up_at, failures = time.monotonic() + MEMORY_PATIENCE_S, 0
        while not self._postmaster.is_ready():
            if self._told_to_end:
                self._postmaster.stop(STOP_PATIENCE_S)
                raise DatabaseError("the database was told to stop while it started")
            if self._postmaster.is_alive():
                self._wait(0.01)
                continue
            words = last_lines(self._layout, 3)
            memory_in_use = "shared memory block" in words and time.monotonic() < give_up_at
            failures += 0 if memory_in_use else 1
            if failures >= FIRST_START_ATTEMPTS:
                raise DatabaseError(f"PostgreSQL does not start; its last words: {words}")
            self._wait(0.2)
            self._postmaster.start()
        log_line(self._layout, f"server {self._postmaster.pid} is ready")

    def watch(self) -> None:
        """Keep the server alive until nobody holds the lease or a signal says so; then stop it."""
        lease = os.open(self._layout.lease_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        pause_s = 0.0
        checked_at = started_at = time.monotonic()
        while not self._told_to_end and not _try_lock(lease):
            now = time.monotonic()
            if not self._postmaster.is_alive():
                pause_s = 0.0 if now - started_at > LONGEST_PAUSE_S * 2 else min(pause_s * 2 + 0.1, LONGEST_PAUSE_S)
                log_line(self._layout, f"server {self._postmaster.pid} died; starting it again")
                self._wait(pause_s)
                started_at = time.monotonic()
                self._postmaster.start()
            if now - checked_at > 60:
                rotate(self._layout)
                checked_at = now
            self._wait(TICK_S)
        in_time = self._postmaster.stop(STOP_PATIENCE_S)
        log_line(self._layout, "server stopped" if in_time else "server had to be told to quit")

    def _on_end(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_end = True

    def _wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self._wake_reader], [], [], seconds)
        if ready:
            os.read(self._wake_reader, 4096)


def main() -> int:
    """Run as a program; returns the exit code."""
    layout, binaries, gid = _arguments()
    _become(layout.uid, gid)
    if os.fork():
        os._exit(0)  # the caller waits for this one only; the other belongs to the system
    os.setsid()
    os.chdir("/")
    try:
        status = _supervise(layout, binaries)
    except WeftError as error:
        _tell(f"failed {error.code} {error.message}")
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _tell(f"failed {DatabaseError.code} {place}{error.strerror}")
        return 1
    return status


def _supervise(layout: Layout, binaries: Binaries) -> int:
    make_private_folder(layout.private, layout.uid)
    lock = os.open(layout.supervisor_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if not _try_lock(lock):
        _tell("busy")
        return 0
    make_private_folder(layout.logs, layout.uid)
    make_private_folder(layout.socket_folder, layout.uid)
    refuse_other_version(layout, binaries.major)
    rotate(layout)
    supervisor = Supervisor(layout, binaries)
    supervisor.listen_to_signals()
    supervisor.bring_up()
    _tell("ready")
    _let_go_of_caller(layout)
    supervisor.watch()
    return 0


def _arguments() -> tuple[Layout, Binaries, int]:
    parser = argparse.ArgumentParser(description="Parent of the embedded PostgreSQL; started by Weft itself.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--uid", type=int, required=True)
    parser.add_argument("--gid", type=int, required=True)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--version", required=True)
    given = parser.parse_args()
    return Layout(given.home, given.uid), Binaries(given.bin, given.version), given.gid


def _become(uid: int, gid: int) -> None:
    os.umask(0o077)
    if os.getuid() == uid:
        return
    try:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    except OSError as error:
        _tell(
            f"failed {ConfigurationError.code} PostgreSQL refuses to run as root, and this process may not "
            f"become user {uid} ({error.strerror}); run Weft as another user, or set WEFT_DATABASE_URL"
        )
        raise SystemExit(1) from error


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tell(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever started us is gone; others may hold the lease
        os.write(1, (" ".join(line.split()) + "\n").encode())


def _let_go_of_caller(layout: Layout) -> None:
    log = os.open(layout.logs / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


if __name__ == "__main__":
    sys.exit(main())
