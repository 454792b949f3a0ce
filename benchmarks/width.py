"""`python -m benchmarks.width`: Weft against its own goals, where no peer does the same thing.

What calls of graphs cost, how long a large import takes, and how much memory long streams and large values take.
"""

import sys
from collections.abc import Sequence

from benchmarks.goals import WIDTH
from benchmarks.part import Part

PART = Part(
    "width",
    {
        "calls": "benchmarks.cases.calls",
        "import": "benchmarks.cases.importing",
        "stream": "benchmarks.cases.stream",
        "large": "benchmarks.cases.large",
    },
    WIDTH,
    worst=("peak_mb", "before_mb", "stored_bytes"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as the arguments say, by default the program's; return the exit code: 0 every goal was met, 1 not so."""
    return PART.main(arguments, __doc__)


if __name__ == "__main__":
    sys.exit(main())
