"""The log files of the embedded server, kept small."""

import contextlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from weft.db.embedded.layout import Layout

LARGEST_BYTES = 5_000_000
GENERATIONS = 3
NAMES = ("postgresql.log", "supervisor.log")


def rotate(layout: Layout) -> None:
    """Put logs above 5 MB aside as `.1` to `.3`, the oldest away.

    The file is copied and emptied, not renamed, since PostgreSQL keeps it open and appends to it.
    """
    for name in NAMES:
        log = layout.logs / name
        if not log.exists() or log.stat().st_size < LARGEST_BYTES:
            continue
        for number in range(GENERATIONS, 1, -1):
            older = _generation(log, number - 1)
            if older.exists():
                older.replace(_generation(log, number))
        shutil.copyfile(log, _generation(log, 1))
        os.truncate(log, 0)


def log_line(layout: Layout, sentence: str) -> None:
    """Append one line of the supervisor, with the time in UTC; nothing fails if the disk is full."""
    with contextlib.suppress(OSError), (layout.logs / "supervisor.log").open("a") as log:
        log.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} [{os.getpid()}] {sentence}\n")


def last_lines(layout: Layout, count: int) -> str:
    """Return the last lines of the server's log as one line; empty if it said nothing."""
    try:
        with (layout.logs / "postgresql.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
            lines = log.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return " ".join(line.strip() for line in lines[-count:])


def _generation(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
