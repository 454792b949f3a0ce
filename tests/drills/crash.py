"""The crash drill: kill -9 of the program and of PostgreSQL at random moments of a run of 2,000 nodes.

    python -m tests.drills.crash [--seed N] [--rounds N] [--pg-rounds N] [--family-rounds N] [--major 16|18]

Every node waits 2 ms and appends its firing and its key to a file. In each of the first rounds the program is killed
when a random share of its firings, between 5 % and 95 %, is committed; then `weft resume --all` must end the run as if
nothing had happened. In the last but one the database ends with the program; the last runs six executions at once and
kills the program that resumed them, too. In the next rounds PostgreSQL is killed, and `weft run` must go on by itself.
In the family rounds a graph calls 50 others of 20 nodes; two more such rounds kill PostgreSQL and cancel the caller.

Ends with "N passed, N failed" and exit code 0 if none failed. A short form is `--rounds 3 --pg-rounds 2 --family-rounds 1`.
"""

# ruff: noqa: T201 - it prints for a person
import argparse
import asyncio
import logging
import random
import secrets
import sys
import time
import traceback
from collections.abc import Awaitable, Callable

import structlog

from tests.drills.crash_family import FamilyRounds, family_reference
from tests.drills.crash_pg import postgres_round
from tests.drills.crash_rounds import Counts, crowd_round, lonely_round, program_round, reference
from tests.drills.crash_scene import Scene, crash_scene

Round = Callable[[Scene, random.Random, str], Awaitable[tuple[Counts, str]]]


def plan_of(*, rounds: int, pg_rounds: int) -> list[tuple[str, Round]]:
    """Return the rounds with the large graph in their order, each with its name."""
    special: list[Round] = [lonely_round, crowd_round]
    kills = [program_round] * (rounds - len(special)) + special[max(len(special) - rounds, 0) :]
    plan = [(f"kill {number}", play) for number, play in enumerate(kills, 1)]
    return plan + [(f"postgres {number}", postgres_round) for number in range(1, pg_rounds + 1)]


async def family_plan(scene: Scene, rounds: int) -> list[tuple[str, Round]]:
    """Return so many rounds that kill a family, one that kills PostgreSQL under it, and one that cancels it."""
    if not rounds:
        return []
    started = time.perf_counter()
    known = await family_reference(scene)
    print(
        f"no kill, family: {len(known.ways)} executions, {known.ended} firings [{time.perf_counter() - started:.1f} s]",
        flush=True,
    )
    play = FamilyRounds(known)
    kills: list[tuple[str, Round]] = [(f"family {number}", play.kill) for number in range(1, rounds + 1)]
    return [*kills, ("family postgres", play.postgres), ("family cancel", play.cancel)]


async def drill(plan: list[tuple[str, Round]], *, family_rounds: int, seed: int, major: int) -> bool:
    """Run all rounds, print a line for each, and return whether none failed."""
    total, passed = Counts(), 0
    began = time.perf_counter()
    async with crash_scene(major=major) as scene:
        for graph in ("big", "small") if plan else ():
            started = time.perf_counter()
            known = scene.references[graph] = await reference(scene, graph)
            print(
                f"no kill, {graph}: {len(known.blocks)} nodes, {len(known.ended)} firings "
                f"[{time.perf_counter() - started:.1f} s]",
                flush=True,
            )
        plan = [*plan, *await family_plan(scene, family_rounds)]
        for name, play in plan:
            counts = await play_round(scene, name, play, seed=seed)
            if counts is None:
                await scene.clear()
                continue
            total.add(counts)
            passed += 1
    failed = len(plan) - passed
    print(f"total: {describe(total)} [{time.perf_counter() - began:.0f} s], seed {seed}")
    print(f"{passed} passed, {failed} failed")
    return failed == 0


async def play_round(scene: Scene, name: str, play: Round, *, seed: int) -> Counts | None:
    """Run one round, print its line, and return its counts; None if it failed."""
    began = time.perf_counter()
    try:
        counts, how = await play(scene, random.Random(f"{seed} {name}"), name.replace(" ", "-"))
    except Exception as error:
        if not isinstance(error, AssertionError):
            traceback.print_exc(file=sys.stdout)
        print(f"FAIL {name}: {error or type(error).__name__} [{time.perf_counter() - began:.1f} s]", flush=True)
        return None
    print(f"ok   {name}: {how}: {describe(counts)} [{time.perf_counter() - began:.1f} s]", flush=True)
    return counts


def describe(counts: Counts) -> str:
    """Return the counts in words."""
    return (
        f"{counts.committed} committed at the kill, {counts.lines} lines, {counts.repeated} repeated, "
        f"{counts.unknown} unknown"
    )


def main() -> int:
    """Run as a program; returns the exit code."""
    parser = argparse.ArgumentParser(description="Kill the program and PostgreSQL, and count what was lost")
    parser.add_argument("--seed", type=int, help="gives the moments; by default another one each time")
    parser.add_argument("--rounds", type=int, default=20, help="kills of the program; the last with six executions")
    parser.add_argument("--pg-rounds", type=int, default=10, help="kills of PostgreSQL")
    parser.add_argument(
        "--family-rounds", type=int, default=3, help="kills of a program that runs a graph with 50 calls"
    )
    parser.add_argument("--major", type=int, choices=(16, 18), default=18)
    given = parser.parse_args()
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(f"seed {seed}", flush=True)
    plan = plan_of(rounds=given.rounds, pg_rounds=given.pg_rounds)
    held = asyncio.run(drill(plan, family_rounds=given.family_rounds, seed=seed, major=given.major))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
