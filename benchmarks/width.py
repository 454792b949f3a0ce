"""`python -m benchmarks.width`: Weft against its own goals, where no peer does the same thing.

What calls of graphs cost, how long a large import takes, and how much memory long streams and large values take. Each
case is measured in a process and a database of its own. Of the rounds the median counts; of memory and disk the worst.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import goals
from benchmarks.engines import NotMeasured, last_line_of
from benchmarks.machine import machine_facts
from benchmarks.report import write
from benchmarks.run import INTERRUPTED, say
from benchmarks.server import SCRATCH, Server, running_server

CASES = {
    "calls": "benchmarks.cases.calls",
    "import": "benchmarks.cases.importing",
    "stream": "benchmarks.cases.stream",
    "large": "benchmarks.cases.large",
}
ROUNDS = 3
WORST = ("peak_mb", "before_mb", "stored_bytes")
"""Figures of which the largest of the rounds counts: a limit that holds every other time is none."""

Run = dict[str, float]


async def measure_all(cases: Sequence[str], rounds: int) -> dict[str, Any]:
    """Measure the cases and return the result; one that cannot be measured is told in it and left out of later rounds.

    Cancelled, also by SIGTERM, it ends what it started and removes its databases.
    """
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    runs: dict[str, list[Run]] = {case: [] for case in cases}
    not_measured: dict[str, str] = {}
    async with running_server() as server:
        say("PostgreSQL runs")
        facts = await asyncio.to_thread(machine_facts, server.embedded.data_directory)
        machine = {**facts, "postgresql": await server.facts(), "rounds": rounds}
        for number in range(rounds):
            for case in cases:
                if case not in not_measured:
                    say(f"round {number + 1} of {rounds}: {case} …")
                    try:
                        runs[case].append(await _measure(server, case))
                    except NotMeasured as error:
                        not_measured[case] = str(error)
                        say(f"  {case} was not measured: {error}")
    return as_document({case: runs[case] for case in cases if case not in not_measured}, machine, not_measured)


async def _measure(server: Server, case: str) -> Run:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="weft-bench-", dir=SCRATCH) as scratch:
        async with server.database(f"bench_{case}") as url:
            where = ("--url", url, "--home", server.home, "--scratch", Path(scratch))
            run: Run = json.loads(await last_line_of(sys.executable, "-m", CASES[case], *where))
    words = ", ".join(f"{name} {value:,.1f}" for name, value in run.items())
    say(f"  {words} ({time.monotonic() - began:.0f} s)")
    return run


def as_document(
    runs: Mapping[str, Sequence[Run]], machine: Mapping[str, Any], not_measured: Mapping[str, str]
) -> dict[str, Any]:
    """Return the result as plain data: one object of figures for each case, then how they came about."""
    document: dict[str, Any] = {case: _of_rounds(of_case) for case, of_case in runs.items()}
    return document | {"machine": dict(machine), "runs": dict(runs), "not_measured": dict(not_measured)}


def _of_rounds(runs: Sequence[Run]) -> Run:
    figures = {}
    for name, first in runs[0].items():
        values = [run[name] for run in runs]
        middle = max(values) if name in WORST else statistics.median(values)
        figures[name] = first if len(set(values)) == 1 else round(middle, 3)
    return figures


def exit_code(document: Mapping[str, Any]) -> int:
    """Return 0 if all was measured and every goal met, else 1."""
    return 1 if document["not_measured"] or goals.missed(document) else 0


def _cases(text: str) -> list[str]:
    wanted = text.split(",")
    if unknown := [name for name in wanted if name not in CASES]:
        raise argparse.ArgumentTypeError(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    return [name for name in CASES if name in wanted]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the arguments say, by default the program's; return the exit code: 0 every goal was met, 1 not so."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.width", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round; for a look, not for a figure")
    parser.add_argument("--only", type=_cases, metavar="CASE[,CASE]", help="not all cases")
    parser.add_argument("--json", action="store_true", help="print the result as JSON instead of the table")
    options = parser.parse_args(arguments)
    try:
        document = asyncio.run(measure_all(options.only or list(CASES), 1 if options.quick else ROUNDS))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("interrupted; everything that ran was ended and removed")
        return INTERRUPTED
    if options.quick or options.only:
        say(f"{goals.RESULTS.name} is left as it is: only a full run writes it")
    else:
        write(document, goals.RESULTS)
        say(f"written: {os.path.relpath(goals.RESULTS)}")
    print(json.dumps(document, indent=2) if options.json else goals.table(document))
    return exit_code(document)


if __name__ == "__main__":
    sys.exit(main())
