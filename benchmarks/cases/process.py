"""What the cases share: options in, one JSON line out, and how much memory a process has had."""

import argparse
import asyncio
import json
import resource
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.measure import NotKept, run_fast
from weft.cli.logs import configure_logs

MB = 1_000_000
_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts `ru_maxrss`."""

Figures = Mapping[str, float]


class CannotRun(Exception):
    """A case cannot be measured; the text says why."""


@dataclass(frozen=True)
class Options:
    """What a case is asked.

    Attributes:
        url: A database of its own, empty, on a server that runs.
        home: Weft's folder with that server.
        scratch: A folder for files, empty; whoever started the case removes it.
        size: Nodes, items or bytes, whichever the case counts; 0 for as many as it is about.
        quick: A look is enough; the case may measure less and shorter.
    """

    url: str
    home: Path
    scratch: Path
    size: int = 0
    quick: bool = False


def main(measure: Callable[[Options], Awaitable[Figures]]) -> None:
    """Read the options, measure, print one JSON line."""
    parser = argparse.ArgumentParser(description=measure.__doc__)
    for field in fields(Options):
        if field.type is bool:
            parser.add_argument(f"--{field.name}", action="store_true")
        else:
            parser.add_argument(f"--{field.name}", type=field.type, default=field.default)
    options = Options(**vars(parser.parse_args()))
    configure_logs()  # as the program does: what nobody asked for is not written
    try:
        print(json.dumps(run_fast(lambda: _until_told_to_end(measure(options)))))
    except (CannotRun, NotKept) as error:
        sys.exit(str(error))


async def _until_told_to_end(measuring: Awaitable[Figures]) -> Figures:
    """Cancel the case when it gets SIGTERM, so that it ends the workers it started."""
    task = asyncio.current_task()
    assert task is not None, "a case runs in a task"
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await measuring


def own_peak_mb() -> float:
    """Return the most memory that this process has had at any time, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / MB


def children_peak_mb() -> float:
    """Return the most memory that any process started by this one had, of those that have ended, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT / MB


def children_processor_s() -> float:
    """Return how long all processes started by this one have computed, of those that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
