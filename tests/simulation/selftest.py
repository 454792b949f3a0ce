"""Plant one bug after the other in the planner; each must be found: `python -m tests.simulation.selftest`."""

import argparse
import sys

from tests.simulation.checks import campaign
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import tell
from tests.simulation.runner import Violation
from weft.executions.planner import Planner

SEEDS = 2000


def hunt(mutant: type[Planner], first: int, seeds: int) -> tuple[int, str] | None:
    """Return how many seeds it took to find the bug, and what was found; `None` if it got away."""
    for tried, seed in enumerate(range(first, first + seeds), 1):
        try:
            campaign(seed, mutant)
        except Violation as found:
            return tried, str(found).splitlines()[0]
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="find planted planner bugs")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="most seeds per bug")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    missed = 0
    for mutant in MUTANTS:
        found = hunt(mutant, options.seed, options.seeds)
        missed += found is None
        doc = (mutant.__doc__ or "").strip()
        result = f"found after {found[0]} seeds: {found[1]}" if found else f"NOT FOUND in {options.seeds} seeds"
        tell(f"{mutant.__name__}: {doc}\n    {result}")
    tell(f"{len(MUTANTS) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
