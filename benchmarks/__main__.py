"""`python -m benchmarks`: Weft beside other engines, and then against its own goals."""

import argparse
import sys

from benchmarks import run, width

PARTS = {"engine": run.main, "width": width.main}


def main() -> int:
    """Run both parts, the second also if the first has something to complain about; return the worse exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of each; for a look, not for a figure")
    parser.add_argument("--only", choices=list(PARTS), help="one part: beside other engines, or against the goals")
    options = parser.parse_args()
    codes = []
    for name, part in PARTS.items():
        if options.only in (None, name):
            codes.append(part(["--quick"] if options.quick else []))
            if codes[-1] == run.INTERRUPTED:
                break
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
