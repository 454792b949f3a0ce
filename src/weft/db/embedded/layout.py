"""Where the embedded server keeps its files, all below WEFT_HOME."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from weft.errors import ConfigurationError

PORT = 5432
"""Only a part of the socket's file name: the server listens on no network address."""

LONGEST_SOCKET_PATH = 107
"""Bytes that fit into the kernel's address of a unix socket, without the closing zero."""


@dataclass(frozen=True)
class Layout:
    """The files of one embedded server.

    Attributes:
        home: WEFT_HOME; belongs to whoever runs Weft.
        uid: The user as whom PostgreSQL runs; owns everything below `private`.
    """

    home: Path
    uid: int

    @property
    def private(self) -> Path:
        """The folder 0700 that keeps everybody else out; the server's only access control."""
        return self.home / "pg"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory; absent until the first start has prepared it whole."""
        return self.private / "data"

    @property
    def logs(self) -> Path:
        """The folder of `postgresql.log`, `supervisor.log` and their older generations."""
        return self.private / "log"

    @property
    def lease_lock(self) -> Path:
        """Held shared by every process that uses the server; exclusive means that nobody is left."""
        return self.private / "lease.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.private / "sup.lock"

    @property
    def socket_folder(self) -> Path:
        """The folder of the unix socket: `pg/run`, or a short one below /tmp if that path is too long."""
        folder = self.private / "run"
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return folder
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        # The same for every process, whatever its TMPDIR says; `make_private_folder` refuses a strange one.
        return Path("/tmp") / f"weft-{self.uid}-{name}"  # noqa: S108

    @property
    def socket(self) -> Path:
        """The unix socket itself."""
        return self.socket_folder / f".s.PGSQL.{PORT}"


def make_private_folder(path: Path, uid: int) -> None:
    """Make `path` with mode 0700, or make sure that the folder there is one and belongs to `uid`.

    Call it as that user. An existing folder of that user is closed to others.

    Raises:
        ConfigurationError: It belongs to somebody else, or is no folder; nothing was changed.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        check_private_folder(path, uid)
        path.chmod(0o700)


def check_private_folder(path: Path, uid: int) -> None:
    """Make sure that `path` is a true folder of the user `uid`, not a link laid by somebody else.

    Raises:
        ConfigurationError: It is not.
    """
    found = path.lstat()
    if path.is_symlink() or not path.is_dir():
        raise ConfigurationError(f"{path} must be a folder; remove it, or choose another WEFT_HOME")
    if found.st_uid != uid:
        raise ConfigurationError(
            f"{path} belongs to user {found.st_uid}, but the database runs as user {uid}; run: chown -R {uid} {path}",
            folder=str(path),
        )
