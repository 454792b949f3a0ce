"""The fault matrix: what happens to executions when processes, the database and the lines between them fail.

    python -m tests.faults [--long] [--seed N] [--rows F1,F5] [--kills N] [--json] [--keep]

Prints one line a row and a table, and ends with "N passed, N failed" and exit code 1 if one failed. The seed gives the
moments; the histories of what clients saw, and what workers said, are kept if a row fails.
"""

# ruff: noqa: T201 - it prints for a person
import argparse
import asyncio
import json
import logging
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from tests.faults.arena import Tally, without_faults
from tests.faults.nursery import nursery
from tests.faults.report import Played, table
from tests.faults.rows import ROWS
from tests.faults.stage import Row, Stage
from tests.faults.violations import Kind, Violation
from tests.support.postgres import wait_until_stopped
from weft.db.embedded.server import start_embedded
from weft.sdk import Catalog

SHOWN = 5
"""So many broken promises of a row are printed; all of them stand in the JSON."""


async def play_all(
    rows: Sequence[Row], *, seed: int, long: bool, kills: int | None, home: Path, say: Callable[[str], None]
) -> list[Played]:
    """Play rows one after the other on one server."""
    catalog = Catalog.load(testing=True)
    server = await start_embedded(home)
    try:
        async with nursery() as children:
            wanted = await without_faults(server, home, catalog, children)
            stage = Stage(server, home, catalog, children, wanted, seed, long, say, kills)
            played = []
            for row in rows:
                played.append(await play(row, stage))
                say(line_of(played[-1]))
            return played
    finally:
        await server.release()
        await asyncio.to_thread(wait_until_stopped, home)


async def play(row: Row, stage: Stage) -> Played:
    """Play one row; whatever it raises is a broken promise, too."""
    began = time.perf_counter()
    try:
        tally = await row.play(stage)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        tally = Tally(violations=[Violation(Kind.FAULT, f"{type(error).__name__}: {error}")])
    return Played(row, tally, stage.seed, time.perf_counter() - began)


def line_of(played: Played) -> str:
    """Return a row in a few words, and what it broke."""
    tally = played.tally
    words = tally.skipped or ", ".join([f"{tally.executions} executions", f"{tally.faults} faults", *tally.notes])
    lines = [f"{played.result:7} {played.row.name}: {words} [{played.seconds:.1f} s]"]
    lines += [f"        {violation}" for violation in tally.violations[:SHOWN]]
    if len(tally.violations) > SHOWN:
        lines.append(f"        and {len(tally.violations) - SHOWN} more")
    return "\n".join(lines)


def chosen(names: str | None, *, long: bool) -> list[Row]:
    """Return the rows of a list such as "F1,F5"; for None all, or those of the short form."""
    wanted = None if names is None else [name.strip().upper() for name in names.split(",")]
    known = {row.name for row in ROWS}
    if wanted is not None and (unknown := [name for name in wanted if name not in known]):
        raise SystemExit(f"there is no row {', '.join(unknown)}; there are {', '.join(row.name for row in ROWS)}")
    if wanted is None:
        return [row for row in ROWS if long or not row.long_only]
    return [row for row in ROWS if row.name in wanted]


def main() -> int:
    """Run as a program; returns the exit code."""
    parser = argparse.ArgumentParser(description="Break what can break, and count what was lost")
    parser.add_argument("--seed", type=int, help="gives the moments; by default another one each time")
    parser.add_argument("--rows", help="play these only, such as F1,F5")
    parser.add_argument("--long", action="store_true", help="the sizes of a night")
    parser.add_argument("--kills", type=int, help="so many workers are killed in F1; above 5 with a second between two")
    parser.add_argument("--keep", action="store_true", help="keep histories and words of workers also if all is well")
    parser.add_argument("--quiet", action="store_true", help="say only what failed, and how many passed")
    parser.add_argument("--json", action="store_true", help="one object on stdout; words go to stderr")
    given = parser.parse_args()
    if given.kills is not None and given.kills < 1:
        parser.error("--kills takes a number above zero")
    rows = chosen(given.rows, long=given.long)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    out = sys.stderr if given.json else sys.stdout
    home = Path(tempfile.mkdtemp(prefix="weft-faults-", dir="/var/tmp"))
    home.chmod(0o755)  # the database may run as another user

    def say(words: str) -> None:
        if not given.quiet or words.startswith("FAILED"):
            print(words, file=out, flush=True)

    say(f"seed {seed}")
    played = asyncio.run(play_all(rows, seed=seed, long=given.long, kills=given.kills, home=home, say=say))
    failed = [one for one in played if one.result == "FAILED"]
    passed = [one for one in played if one.result == "ok"]
    say(table(played))
    if given.json:
        print(json.dumps({"seed": seed, "rows": [one.shape() for one in played]}, ensure_ascii=False))
    if failed or given.keep:
        print(f"kept for a look: {home}, seed {seed}", file=out)
    else:
        shutil.rmtree(home, ignore_errors=True)
    skips = "".join(f", {one.row.name} skipped: {one.tally.skipped}" for one in played if one.result == "SKIPPED")
    print(f"{len(passed)} passed, {len(failed)} failed{skips}", file=out)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
