"""A part of the benchmark whose cases are held against goals: what it measures, how, and how it tells.

Each case is measured in a process and a database of its own. Of the rounds the median counts; of memory and disk the worst.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import goals
from benchmarks.engines import NotMeasured, last_line_of
from benchmarks.goals import Goal
from benchmarks.machine import machine_facts
from benchmarks.report import write
from benchmarks.run import INTERRUPTED, say
from benchmarks.server import SCRATCH, Server, running_server

ROUNDS = 3

Run = dict[str, float]


@dataclass(frozen=True)
class Part:
    """Some cases and their goals.

    Attributes:
        name: What its result file is called.
        cases: The module of each case.
        goals: What their figures should be.
        worst: Figures of which the largest of the rounds counts: a limit that holds every other time is none.
        once: Cases that take long and vary little, measured in the first round only.
    """

    name: str
    cases: Mapping[str, str]
    goals: Sequence[Goal]
    worst: Sequence[str] = ()
    once: Sequence[str] = ()

    @property
    def results(self) -> Path:
        """Return the file that keeps the result."""
        return goals.RESULTS / f"{self.name}.json"

    async def measure_all(self, cases: Sequence[str], *, quick: bool) -> dict[str, Any]:
        """Measure the cases and return the result; one that cannot be measured is told in it and left out of later rounds.

        Cancelled, also by SIGTERM, it ends what it started and removes its databases.
        """
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        rounds = 1 if quick else ROUNDS
        runs: dict[str, list[Run]] = {case: [] for case in cases}
        not_measured: dict[str, str] = {}
        async with running_server() as server:
            say("PostgreSQL runs")
            facts = await asyncio.to_thread(machine_facts, server.embedded.data_directory)
            machine = {**facts, "postgresql": await server.facts(), "rounds": rounds}
            for number in range(rounds):
                for case in cases:
                    if case not in not_measured and not (number and case in self.once):
                        say(f"round {number + 1} of {rounds}: {case} …")
                        try:
                            runs[case].append(await self._measure(server, case, quick=quick))
                        except NotMeasured as error:
                            not_measured[case] = str(error)
                            say(f"  {case} was not measured: {error}")
        return self.as_document({case: runs[case] for case in cases if case not in not_measured}, machine, not_measured)

    async def _measure(self, server: Server, case: str, *, quick: bool) -> Run:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="weft-bench-", dir=SCRATCH) as scratch:
            async with server.database(f"bench_{case}") as url:
                where = ("--url", url, "--home", server.home, "--scratch", Path(scratch))
                how = ["--quick"] if quick else []
                run: Run = json.loads(await last_line_of(sys.executable, "-m", self.cases[case], *where, *how))
        words = ", ".join(f"{name} {value:,.1f}" for name, value in run.items())
        say(f"  {words} ({time.monotonic() - began:.0f} s)")
        return run

    def as_document(
        self, runs: Mapping[str, Sequence[Run]], machine: Mapping[str, Any], not_measured: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the result as plain data: one object of figures for each case, then how they came about."""
        document: dict[str, Any] = {case: self._of_rounds(of_case) for case, of_case in runs.items()}
        return document | {"machine": dict(machine), "runs": dict(runs), "not_measured": dict(not_measured)}

    def _of_rounds(self, runs: Sequence[Run]) -> Run:
        figures = {}
        for name, first in runs[0].items():
            values = [run[name] for run in runs]
            middle = max(values) if name in self.worst else statistics.median(values)
            figures[name] = first if len(set(values)) == 1 else round(middle, 3)
        return figures

    def exit_code(self, document: Mapping[str, Any]) -> int:
        """Return 0 if all was measured and no limit missed, else 1."""
        return 1 if document["not_measured"] or goals.missed(document, self.goals) else 0

    def main(self, arguments: Sequence[str] | None, description: str | None) -> int:
        """Measure as the arguments say, by default the program's; return the exit code: 0 all limits hold, 1 not so."""
        parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{self.name}", description=description)
        parser.add_argument("--quick", action="store_true", help="one short round; for a look, not for a figure")
        parser.add_argument("--only", type=self._named, metavar="CASE[,CASE]", help="not all cases")
        parser.add_argument("--json", action="store_true", help="print the result as JSON instead of the table")
        options = parser.parse_args(arguments)
        try:
            document = asyncio.run(self.measure_all(options.only or list(self.cases), quick=options.quick))
        except (KeyboardInterrupt, asyncio.CancelledError):
            say("interrupted; everything that ran was ended and removed")
            return INTERRUPTED
        if options.quick or options.only:
            say(f"{self.results.name} is left as it is: only a full run writes it")
        else:
            write(document, self.results)
            say(f"written: {os.path.relpath(self.results)}")
        print(json.dumps(document, indent=2) if options.json else goals.table(document, self.goals))
        return self.exit_code(document)

    def _named(self, text: str) -> list[str]:
        wanted = text.split(",")
        if unknown := [name for name in wanted if name not in self.cases]:
            raise argparse.ArgumentTypeError(f"no case {', '.join(unknown)}; there are {', '.join(self.cases)}")
        return [name for name in self.cases if name in wanted]
