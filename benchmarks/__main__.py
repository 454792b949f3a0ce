"""`python -m benchmarks`: Weft beside other engines, and then against its own goals."""

import argparse
import sys

from benchmarks import run, scale, width

PARTS = {"engine": run.main, "width": width.main, "scale": scale.main}


def main() -> int:
    """Run all parts, the later ones also if an earlier one has something to complain about; return the worse exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of each; for a look, not for a figure")
    parser.add_argument(
        "--only", choices=list(PARTS), help="one part: beside other engines, against the goals of breadth, or of scale"
    )
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
