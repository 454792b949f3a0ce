"""The data directory: prepared whole in a scratch folder, then put in place by one rename."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from weft.db.embedded.binaries import Binaries
from weft.db.embedded.layout import Layout
from weft.errors import ConfigurationError, DatabaseError

BOOTSTRAP_ROLE = "postgres"
"""The superuser that initdb demands. It prepares the directory in single-user mode and can never log in."""

ROLE = "weft"
"""The login of everybody: no superuser; may make roles and databases, and owns the database `weft`."""

DATABASE = "weft"

SCRATCH_PREFIX = "init-"

HBA = f"""\
# Written once by Weft. There is no network listener, and the folder of the socket is 0700: whoever can
# open it is the user of the server (or root), from whom no password could protect the files anyway.
local all {BOOTSTRAP_ROLE} reject
local all all trust
"""

SETTINGS = """\
# Written by Weft at every start. Your own settings go into postgresql.conf, below the line that
# includes this file.
max_connections = 100
shared_buffers = 128MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 2GB
wal_compression = pglz
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
autovacuum = on
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
"""


def refuse_other_version(layout: Layout, binaries_major: int) -> None:
    """Make sure that the data directory, if there is one, was made by this major version.

    Raises:
        ConfigurationError: It was made by another one; the sentence holds the command to run.
    """
    found = data_version(layout)
    if found is None or found == binaries_major:
        return
    raise ConfigurationError(
        f"the database in {layout.data} was made by PostgreSQL {found}, but the program would start "
        f"PostgreSQL {binaries_major}, which cannot read it; nothing was changed. "
        f"To go on with the old one run: WEFT_POSTGRES_MAJOR={found} weft serve. "
        f"To move to {binaries_major}, dump with {found} (pg_dump --format=custom) and restore into an empty "
        "WEFT_HOME (pg_restore)",
        found=found,
        wanted=binaries_major,
        folder=str(layout.data),
    )


def data_version(layout: Layout) -> int | None:
    """Return the major version that made the data directory; None if there is no data directory yet.

    Raises:
        ConfigurationError: The folder is there without a readable version: no data directory of ours.
    """
    try:
        text = (layout.data / "PG_VERSION").read_text()
        return int(text)
    except (FileNotFoundError, NotADirectoryError):
        if not layout.data.exists():
            return None
    except ValueError:
        pass
    except PermissionError as error:
        raise ConfigurationError(
            f"{layout.data} belongs to another user; run Weft as that user, or choose another WEFT_HOME"
        ) from error
    raise ConfigurationError(
        f"{layout.data} is no data directory of PostgreSQL (its PG_VERSION is missing or damaged); "
        "restore it from a backup, or move it away to start with an empty database",
        folder=str(layout.data),
    )


def prepare(layout: Layout, binaries: Binaries) -> None:
    """Make the data directory with role and database in it, unless it is there.

    A crash leaves a scratch folder at most, which the next call removes. Call it as the server's user,
    holding the supervisor's lock.

    Raises:
        DatabaseError: A program of PostgreSQL failed; the message holds its last words. Nothing stays.
    """
    for remains in layout.private.glob(SCRATCH_PREFIX + "*"):
        shutil.rmtree(remains, ignore_errors=True)
    if layout.data.exists():
        return
    with tempfile.TemporaryDirectory(dir=layout.private, prefix=SCRATCH_PREFIX, ignore_cleanup_errors=True) as scratch:
        data = Path(scratch) / "data"
        _run(_initdb_command(binaries, data))
        (data / "pg_hba.conf").write_text(HBA)
        with (data / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists = 'weft.conf'\n# Your own settings go below this line.\n")
        single_user: list[str | Path] = [binaries.folder / "postgres", "--single", "-F", "-D", data, "template1"]
        _run(single_user, _bootstrap_statements(binaries))
        _run([binaries.folder / "initdb", "--sync-only", "-D", data])  # once, for all that was done before
        data.rename(layout.data)
        _make_durable(layout.private)


def write_settings(layout: Layout) -> None:
    """Write our settings beside postgresql.conf, so that a new release brings its own."""
    (layout.data / "weft.conf").write_text(SETTINGS)


def _initdb_command(binaries: Binaries, data: Path) -> list[str | Path]:
    command: list[str | Path] = [binaries.folder / "initdb", "-D", data, "--username", BOOTSTRAP_ROLE]
    command += ["--auth=trust", "--encoding=UTF8", "--no-locale", "--data-checksums", "--no-sync"]
    if binaries.major >= 17:  # the same order of bytes as "C", but upper and lower case of all letters
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return command


def _bootstrap_statements(binaries: Binaries) -> str:
    statements = [
        f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEROLE CREATEDB",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    ]
    if binaries.has_vector:  # only a superuser may, and there is none later; the template hands it on
        statements.insert(0, "CREATE EXTENSION vector")
    return "".join(f"{statement}\n" for statement in statements)


def _make_durable(folder: Path) -> None:
    """Write a folder's entries to disk: after a power cut a lost rename would be a lost database."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run(command: list[str | Path], text: str = "") -> None:
    answer = subprocess.run(
        command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    said = answer.stdout.strip()
    if answer.returncode != 0 or "ERROR:" in said or "FATAL:" in said:
        raise DatabaseError(f"{Path(command[0]).name} failed: {' '.join(said.splitlines()[-3:])}")
