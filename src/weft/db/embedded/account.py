"""The operating-system user as whom PostgreSQL runs, and the folders that are closed to it."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from weft.errors import ConfigurationError

ROOT = 0
SERVICE_USERS = ("weft", "nobody")
"""Whom root hands the server to, in this order; PostgreSQL itself refuses to run as root."""


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def service_account() -> Account:
    """Return the user as whom PostgreSQL is to run: ourselves, or a service user if we are root.

    No user is ever created.

    Raises:
        ConfigurationError: This process runs under a number that no user has, or root finds no service user.
    """
    uid = os.getuid()
    if uid != ROOT:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError as error:
            raise ConfigurationError(
                f"user id {uid} has no entry in /etc/passwd, and PostgreSQL refuses to run without one; "
                "give the id a name there, or set WEFT_DATABASE_URL to a PostgreSQL server",
                uid=uid,
            ) from error
        return Account(entry.pw_name, uid, os.getgid())
    for name in SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ConfigurationError(
        "PostgreSQL refuses to run as root, and there is no user `weft` or `nobody` to run it as; "
        "run: useradd --system weft, or set WEFT_DATABASE_URL to a PostgreSQL server"
    )


def closed_folder(path: Path, account: Account) -> Path | None:
    """Return the uppermost folder on the way to `path`, itself included, that `account` cannot enter.

    None if it can enter all of them. Looks at modes and owners, not at access control lists.
    """
    for folder in (*reversed(path.parents), path):
        found = folder.stat()
        if found.st_uid == account.uid:
            allowed = found.st_mode & stat.S_IXUSR
        elif found.st_gid == account.gid:
            allowed = found.st_mode & stat.S_IXGRP
        else:
            allowed = found.st_mode & stat.S_IXOTH
        if not allowed:
            return folder
    return None
