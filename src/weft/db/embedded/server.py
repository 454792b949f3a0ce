"""What a process of Weft calls: start the embedded PostgreSQL, or attach to the one that runs."""

import asyncio
import contextlib
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from weft.db.embedded.account import ROOT, Account, closed_folder, service_account
from weft.db.embedded.binaries import Binaries, bin_dir, reachable
from weft.db.embedded.cluster import DATABASE, ROLE, data_version, refuse_other_version
from weft.db.embedded.layout import Layout, check_private_folder
from weft.db.embedded.probe import accepts_connections
from weft.errors import ConfigurationError, DatabaseUnreachable

START_PATIENCE_S = 180.0
"""How long a recovery after a crash may take; PostgreSQL itself knows no limit."""

PACKAGE_ROOT = Path(__file__).parents[3]
POLL_S = 0.01
GUARD_S = 1.0


class EmbeddedServer:
    """A lease on the embedded PostgreSQL: it runs at least as long as this object is not released.

    The lease is a lock of the kernel, so the death of the process, however sudden, releases it too. While it
    is held, a lost supervisor is replaced within about a second.

    Attributes:
        url: For `Database.open`; a unix socket in a folder that is closed to other users, no password.
        major: Version of PostgreSQL.
        data_directory: Where the data lies; for reading its version and size, never for writing.
    """

    def __init__(self, layout: Layout, binaries: "_Wanted", lease: int) -> None:
        self._layout = layout
        self._wanted = binaries
        self._lease: int | None = lease
        self._guard: asyncio.Task[None] | None = None
        self.url = f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(layout.socket_folder), safe='/')}"
        self.data_directory = layout.data
        self.major = 0

    async def release(self) -> None:
        """Give the lease back; the last one out stops the server, in order and in the background.

        Does nothing the second time.
        """
        if self._guard is not None:
            self._guard.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._guard
            self._guard = None
        if self._lease is not None:
            os.close(self._lease)
            self._lease = None

    async def wait_until_stopped(self) -> bool:
        """Return True once the server has stopped after the release; False at once while others hold a lease on it.

        For a process with whose end all others end too, as the first one of a container.
        """
        while await asyncio.to_thread(_is_supervised, self._layout):
            if await asyncio.to_thread(_is_leased, self._layout):
                return False
            await asyncio.sleep(5 * POLL_S)
        return True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.release()

    async def wait_until_ready(self) -> None:
        """Return when the server accepts connections; starts a supervisor whenever there is none.

        Raises:
            ConfigurationError: The machine or WEFT_HOME does not allow it.
            DatabaseUnreachable: It does not start, or is not ready after three minutes.
        """
        deadline = time.monotonic() + START_PATIENCE_S
        while not await accepts_connections(self._layout.socket, ROLE, DATABASE):
            if not await asyncio.to_thread(_is_supervised, self._layout):
                await self._start_supervisor()
            if time.monotonic() > deadline:
                raise DatabaseUnreachable(
                    f"the embedded database is not ready after {START_PATIENCE_S:.0f} s; "
                    f"see {self._layout.logs / 'postgresql.log'}"
                )
            await asyncio.sleep(POLL_S)
        version = await asyncio.to_thread(data_version, self._layout)
        self.major = version or 0

    def guard(self) -> None:
        """Start watching over the supervisor; `release` ends it."""
        self._guard = asyncio.create_task(self._watch_supervisor(), name="embedded-database-guard")

    async def _watch_supervisor(self) -> None:
        while True:
            await asyncio.sleep(GUARD_S)
            if not await asyncio.to_thread(_is_supervised, self._layout):
                with contextlib.suppress(ConfigurationError, DatabaseUnreachable):  # told by the next connection
                    await self._start_supervisor()

    async def _start_supervisor(self) -> None:
        """Start one and wait for its word; another process being faster is as good."""
        binaries = await asyncio.to_thread(self._wanted.resolve, self._layout)
        command = [
            *(sys.executable, "-m", "weft.db.embedded.supervisor"),
            *("--home", str(self._layout.home)),
            *("--uid", str(self._layout.uid), "--gid", str(self._wanted.account.gid)),
            *("--bin", str(binaries.folder), "--version", binaries.version),
        ]
        _raise_if_failed(await asyncio.to_thread(_word_of, command))


def _word_of(command: list[str]) -> str:
    """Run a command that detaches itself, and return what it says before it does; empty when all is well.

    In a thread: event loops differ in how they watch a child that leaves its output to a grandchild.
    """
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=PACKAGE_ROOT,  # so that it imports this very package, however we found it
        start_new_session=True,
        check=False,
    )
    return done.stdout.decode(errors="replace").strip()


@dataclass(frozen=True)
class _Wanted:
    """Which programs are to run, looked for only when there is something to start."""

    major: int
    explicit: Path | None
    account: Account

    def resolve(self, layout: Layout) -> Binaries:
        binaries = bin_dir(self.major, self.explicit)
        refuse_other_version(layout, binaries.major)
        return reachable(binaries, self.account, layout.home) if os.getuid() == ROOT else binaries


async def start_embedded(home: Path, *, major: int = 18, binaries: Path | None = None) -> EmbeddedServer:
    """Start the embedded PostgreSQL in `home`, or attach to it if another process runs it already.

    Args:
        home: WEFT_HOME; made if its parent allows it. The data lie below `home`/pg, closed to other users.
        major: 18 or 16; which one of the wheel's two servers. Data made by another one are refused.
        binaries: A folder with `postgres` and `initdb` to use instead.

    Returns:
        A lease on the server, which is ready and holds an empty or used database `weft`.

    Raises:
        ConfigurationError: The machine, `home` or the version does not allow it; the sentence says what to
            run.
        DatabaseUnreachable: It does not start; the sentence holds its last words. No lease is kept.
    """
    layout, wanted = await asyncio.to_thread(_prepare, home, major, binaries)
    server = EmbeddedServer(layout, wanted, await _take_lease(layout))
    try:
        await server.wait_until_ready()
    except BaseException:
        await server.release()
        raise
    server.guard()
    return server


def _prepare(home: Path, major: int, explicit: Path | None) -> tuple[Layout, _Wanted]:
    """Make the folders and refuse what cannot work, before anything runs."""
    account = service_account()
    home = home.resolve()
    layout = Layout(home, account.uid)
    try:
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)  # whatever the umask; what is private lies closed inside
        closed = closed_folder(home, account)
        if closed is not None:
            raise ConfigurationError(
                f"{closed} is closed to user {account.name}, as whom the embedded database runs; "
                f"run: chmod o+x {closed}, or set WEFT_HOME to an open folder",
                folder=str(closed),
            )
        if not layout.private.exists():
            _make_private(layout, account)
        check_private_folder(layout.private, account.uid)
    except (PermissionError, NotADirectoryError) as error:
        raise ConfigurationError(
            f"WEFT_HOME {home} cannot be used ({error.strerror}: {error.filename}); "
            f"run: chown -R {os.getuid()} {home}, or set WEFT_HOME to a folder of your own",
            folder=str(home),
        ) from error
    if data_version(layout) != major or explicit is not None:
        refuse_other_version(layout, bin_dir(major, explicit).major)
    return layout, _Wanted(major, explicit, account)


def _make_private(layout: Layout, account: Account) -> None:
    """Make the folder and give it to its owner before it has its name, for others may be looking for it."""
    scratch = Path(tempfile.mkdtemp(dir=layout.home, prefix=".pg-"))  # 0700
    try:
        if os.getuid() == ROOT:
            os.chown(scratch, account.uid, account.gid)
        scratch.rename(layout.private)
    except OSError:
        scratch.rmdir()
        if not layout.private.exists():  # else another process was faster
            raise


async def _take_lease(layout: Layout) -> int:
    """Hold the shared lock; waits while a supervisor is stopping the server."""
    descriptor = await asyncio.to_thread(_open_lock, layout.lease_lock, layout.uid)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(POLL_S)
            else:
                return descriptor
    except BaseException:
        os.close(descriptor)
        raise


def _is_supervised(layout: Layout) -> bool:
    descriptor = _open_lock(layout.supervisor_lock, layout.uid)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _is_leased(layout: Layout) -> bool:
    """Whether others use the server. Its supervisor, while it stops the server, holds the lock as nobody else does."""
    descriptor = _open_lock(layout.lease_lock, layout.uid)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    finally:
        os.close(descriptor)
    return False


def _open_lock(path: Path, uid: int) -> int:
    """Open a lock file, for the server's user whoever makes it; never through a link."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if os.getuid() == ROOT:
        os.fchown(descriptor, uid, -1)
    return descriptor


def _raise_if_failed(said: str) -> None:
    last = said.splitlines()[-1] if said else "its supervisor said nothing"
    if last in {"ready", "busy"}:
        return
    word, _, rest = last.partition(" ")
    code, _, sentence = rest.partition(" ")
    if word == "failed" and code == ConfigurationError.code:
        raise ConfigurationError(sentence)
    reason = sentence if word == "failed" else last
    raise DatabaseUnreachable(f"the embedded database could not be started: {reason}")
