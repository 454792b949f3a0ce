"""`python -m benchmarks.scale`: Weft with many workers and with a long history, against its own goals.

How many executions a second worker processes take and finish, how soon one ends, who takes over from a killed worker and
when, what a worker costs that has nothing to do, and what grows with the length, width and number of executions.
"""

import sys
from collections.abc import Sequence

from benchmarks.goals import SCALE
from benchmarks.part import Part

PART = Part(
    "scale",
    {
        "claims": "benchmarks.cases.claims",
        "chains": "benchmarks.cases.chains",
        "latency": "benchmarks.cases.latency",
        "takeover": "benchmarks.cases.takeover",
        "idle": "benchmarks.cases.idle",
        "growth": "benchmarks.cases.growth",
        "history": "benchmarks.cases.history",
        "lines": "benchmarks.cases.lines",
    },
    SCALE,
    worst=("memory_mb",),
    once=("history",),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the arguments say, by default the program's; return the exit code: 0 no limit was missed, 1 not so."""
    return PART.main(arguments, __doc__)


if __name__ == "__main__":
    sys.exit(main())
