"""The drill of bad input: broken files and inputs through the real program.

    python -m tests.drills.bad_input [--only WORDS]

Each case must end with exit code 2 and one clear sentence with the place, without a traceback, within ten
seconds, and must leave the database as it was. Ends with "N passed, N failed"; exit code 0 if none failed.
"""

# ruff: noqa: T201 - it prints for a person
import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.drills.bad_cases import CASES, GOOD, Case
from tests.support.postgres import scratch_home
from weft.db.database import Database
from weft.db.embedded.server import start_embedded
from weft.users.types import LOCAL_OWNER

LONGEST_S = 10.0
TABLES = ("graphs", "nodes", "links", "graph_versions", "executions", "execution_data", "payloads")


def weft(*arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run the program and return how it ended."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; from weft.cli.main import main; sys.exit(main())", *arguments],
        env={**os.environ, "WEFT_HOME": str(home), "WEFT_DATABASE_URL": "", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def prepare(case: Case, folder: Path) -> list[str]:
    """Write the case's files and return the arguments of the program."""
    bad = folder / "bad.json"
    case.write(bad)
    for name, content in case.files.items():
        (folder / name).write_text(content)
    return ["run", str(bad), "--json", *(word.replace("{folder}", str(folder)) for word in case.arguments)]


def judge(case: Case, *, code: int, out: str, err: str) -> list[str]:
    """Return what is wrong with the program's answer; empty if nothing is."""
    problems = [] if code == 2 else [f"exit code {code}, not 2"]
    if "Traceback" in out + err:
        problems.append("a traceback")
    try:
        answer: Any = json.loads(out)
    except ValueError:
        return [*problems, f"stdout is not one JSON object: {out[:200]!r}"]
    error = answer.get("error") or {}
    if set(error) != {"code", "message", "place"}:
        return [*problems, f"no error with code, message and place: {out[:200]!r}"]
    message = error["message"]
    if "\n" in message or not message or len(message) > 1_000:
        problems.append(f"not one sentence: {message[:200]!r}")
    problems += [f"{word!r} is not in {message!r}" for word in case.said if word not in message]
    if not err.startswith("error: "):
        problems.append(f"no words on stderr: {err[:200]!r}")
    return problems


async def count_rows(database: Database) -> dict[str, int]:
    """Return how many rows of the local owner each table of graphs and executions has."""
    async with database.transaction(LOCAL_OWNER) as tx:
        return {table: await tx.scalar(f"SELECT count(*) FROM {table}") for table in TABLES}


async def run_case(case: Case, *, home: Path, database: Database) -> bool:
    """Run one case, print its line, and return whether it held."""
    before = await count_rows(database)
    with tempfile.TemporaryDirectory() as folder:
        arguments = prepare(case, Path(folder))
        began = time.perf_counter()
        done = await asyncio.to_thread(weft, *arguments, home=home)
        took = time.perf_counter() - began
    problems = judge(case, code=done.returncode, out=done.stdout, err=done.stderr)
    if took > LONGEST_S:
        problems.append(f"took {took:.1f} s")
    if (after := await count_rows(database)) != before:
        problems.append(f"rows were written: {before} -> {after}")
    said = "; ".join(problems) or done.stderr.splitlines()[0].removeprefix("error: ").replace(folder, "")[:90]
    print(f"{'FAIL' if problems else 'ok  '} {case.name}: {said} [{took:.1f} s]", flush=True)
    return not problems


async def drill(home: Path, cases: list[Case]) -> tuple[int, int]:
    """Run the cases on one database that holds a graph and a run already; return how many passed and failed."""
    async with await start_embedded(home) as server:
        with tempfile.TemporaryDirectory() as folder:
            good = Path(folder) / "good.json"
            good.write_text(json.dumps(GOOD))
            done = await asyncio.to_thread(weft, "run", str(good), "--json", home=home)
            assert done.returncode == 0, f"the good graph does not run: {done.stdout}{done.stderr}"
        async with await Database.open(server.url, role="weft_api") as database:
            assert (await count_rows(database))["executions"] == 1, "the count does not see the good run"
            results = [await run_case(case, home=home, database=database) for case in cases]
    return sum(results), len(results) - sum(results)


def main() -> int:
    parser = argparse.ArgumentParser(description="Broken files and inputs through the command line.")
    parser.add_argument("--only", default="", help="run the cases whose names hold these words")
    only = parser.parse_args().only
    with scratch_home() as home:
        passed, failed = asyncio.run(drill(home, [case for case in CASES if only in case.name]))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
