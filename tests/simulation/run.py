"""Simulate random graphs with crashes at every point: `python -m tests.simulation.run --seeds 10000`."""

import argparse
import gc
import multiprocessing
import sys
import time
from collections.abc import Iterator

from tests.simulation.checks import Counts, campaign
from tests.simulation.runner import Violation

CHUNK = 100
_SHOWN = 10


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run_chunk(seeds: range) -> tuple[int, Counts, list[tuple[int, str]]]:
    """Run some seeds; return how many, what was done, and `(seed, story)` of each violation."""
    gc.disable()  # histories leave few cycles; looking for them all the time costs a sixth
    counts = Counts()
    violations: list[tuple[int, str]] = []
    for seed in seeds:
        try:
            counts.add(campaign(seed))
        except Violation as found:
            violations.append((seed, str(found)))
    gc.enable()
    gc.collect()
    return len(seeds), counts, violations


def results(chunks: list[range], jobs: int) -> Iterator[tuple[int, Counts, list[tuple[int, str]]]]:
    if jobs == 1:
        yield from map(run_chunk, chunks)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(run_chunk, chunks)


def main() -> int:
    parser = argparse.ArgumentParser(description="simulate the planner against its oracle")
    parser.add_argument("--seeds", type=int, default=10_000, help="how many histories")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    last = options.seed + options.seeds
    chunks = [range(at, min(at + CHUNK, last)) for at in range(options.seed, last, CHUNK)]
    started = time.monotonic()
    done, counts, violations = 0, Counts(), list[tuple[int, str]]()
    for count, part, found in results(chunks, options.jobs):
        if (done + count) // 1000 > done // 1000:
            tell(f"{done + count} of {options.seeds} seeds, {time.monotonic() - started:.0f} s")
        done += count
        counts.add(part)
        violations += found
    for _, story in sorted(violations)[:_SHOWN]:
        tell(story)
    tell(
        f"{counts.graphs} graphs ({counts.order_dependent} order-dependent), {counts.runs} runs "
        f"({counts.compared} compared with the oracle), {counts.crashes} crashes, {counts.forks} forks, "
        f"{counts.firings} firings, {len(violations)} violations in {time.monotonic() - started:.1f} s"
    )
    tell(f"{done - len(violations)} passed, {len(violations)} failed")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
