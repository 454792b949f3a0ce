"""`python -m benchmarks.run`: Weft beside its peers, on one PostgreSQL, in one run.

In each round every engine is measured once, in a process and a database of its own, the order turning from
round to round: what else the machine does hits all of them. The median of the rounds counts.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import report
from benchmarks.engines import CONTESTANTS, Contestant, NotMeasured, has_environment, make_environment, measured
from benchmarks.machine import machine_facts
from benchmarks.report import Outcome
from benchmarks.server import Server, running_server

AT_ONCE = 64
INTERRUPTED = 130


@dataclass(frozen=True)
class Extent:
    """How long to measure.

    Attributes:
        seconds: For how long executions are started, per shape and mode.
        singles: Runs of the idle chain in a round.
    """

    rounds: int
    seconds: float
    singles: int

    def arguments(self) -> list[str]:
        """Return the options of one engine's process."""
        return ["--at-once", str(AT_ONCE), "--seconds", str(self.seconds), "--singles", str(self.singles)]


FULL = Extent(rounds=3, seconds=4.0, singles=30)
QUICK = Extent(rounds=1, seconds=1.0, singles=10)


async def compare(contestants: Sequence[Contestant], extent: Extent) -> Outcome:
    """Measure all of them; who cannot be measured is told in the outcome and left out of later rounds.

    Cancelled, also by SIGTERM, it ends what it started and removes its databases.
    """
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    not_measured = await _without_environment(contestants)
    async with running_server() as server:
        say("PostgreSQL runs")
        facts = await asyncio.to_thread(machine_facts, server.embedded.data_directory)
        outcome = Outcome({**facts, "postgresql": await server.facts()}, not_measured=not_measured)
        # What was installed just now may still be on its way to the disk, and would slow down every commit.
        await asyncio.to_thread(os.sync)
        for number in range(extent.rounds):
            turn = number % len(contestants)
            for contestant in (*contestants[turn:], *contestants[:turn]):
                if contestant.name not in outcome.not_measured:
                    say(f"round {number + 1} of {extent.rounds}: {contestant.name} …")
                    await _measure(server, contestant, extent, outcome)
    outcome.machine = {**outcome.machine, "at_once": AT_ONCE, "rounds": extent.rounds}
    return outcome


async def _measure(server: Server, contestant: Contestant, extent: Extent, outcome: Outcome) -> None:
    began = time.monotonic()
    try:
        async with server.database(f"bench_{contestant.name}") as url:
            line = await measured(contestant, "--url", url, *extent.arguments())
    except NotMeasured as error:
        outcome.not_measured[contestant.name] = str(error)
        outcome.runs.pop(contestant.name, None)
        say(f"  {contestant.name} was not measured: {error}")
        return
    run = json.loads(line)
    outcome.runs.setdefault(contestant.name, []).append(run)
    best = {shape: max(s["nodes_per_s"] for s in modes.values()) for shape, modes in run["rates"].items()}
    words = ", ".join(f"{shape} {rate:,.0f} nodes/s" for shape, rate in best.items())
    say(f"  {words}, one chain {min(run[report.SINGLE].values()):.1f} ms ({time.monotonic() - began:.0f} s)")


async def _without_environment(contestants: Sequence[Contestant]) -> dict[str, str]:
    """Make the peers' environment if need be; return why peers are missing, by name, if it cannot be made."""
    peers = [contestant.name for contestant in contestants if contestant.is_peer]
    if not peers or await asyncio.to_thread(has_environment):
        return {}
    say(f"installing {' and '.join(peers)} into .bench …")
    try:
        await make_environment()
    except NotMeasured as error:
        say(f"  they cannot be installed: {error}")
        return dict.fromkeys(peers, f"could not be installed: {error}")
    return {}


def say(text: str) -> None:
    """Tell how far we are."""
    print(text, file=sys.stderr, flush=True)


def _contestants(text: str) -> list[Contestant]:
    wanted = text.split(",")
    known = [contestant.name for contestant in CONTESTANTS]
    if unknown := [name for name in wanted if name not in known]:
        raise argparse.ArgumentTypeError(f"no engine {', '.join(unknown)}; there are {', '.join(known)}")
    return [contestant for contestant in CONTESTANTS if contestant.name in wanted]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the arguments say, by default the program's; return the exit code: 0 all were measured, 1 some were not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round; for a look, not for a figure")
    parser.add_argument("--only", type=_contestants, metavar="ENGINE[,ENGINE]", help="not all engines")
    parser.add_argument("--json", action="store_true", help="print the result as JSON instead of the table")
    options = parser.parse_args(arguments)
    try:
        outcome = asyncio.run(compare(options.only or CONTESTANTS, QUICK if options.quick else FULL))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("interrupted; everything that ran was ended and removed")
        return INTERRUPTED
    document = report.as_document(outcome)
    if options.quick or options.only:
        say(f"{report.RESULTS.name} is left as it is: only a full run writes it")
    else:
        report.write(document, report.RESULTS)
        say(f"written: {os.path.relpath(report.RESULTS)}")
    print(json.dumps(document, indent=2) if options.json else report.table(outcome))
    return 1 if outcome.not_measured else 0


if __name__ == "__main__":
    sys.exit(main())
