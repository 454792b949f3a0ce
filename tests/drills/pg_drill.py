"""The drill of the embedded PostgreSQL: kill everything, damage everything, count the rows.

    python -m tests.drills.pg_drill [--major 16|18] [--as-user NAME] [--rows N]

Without `--major` both versions; started as root it runs once more as an ordinary user (`nobody`, or NAME).
Ends with "N passed, N failed" and exit code 0 if none failed.
"""

# ruff: noqa: T201 - it prints for a person

import argparse
import asyncio
import importlib
import logging
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import traceback
from pathlib import Path

import structlog

from tests.drills.pg_cases import CASES, Case
from tests.drills.pg_scene import Scene
from weft.db.embedded.account import Account, closed_folder
from weft.db.embedded.binaries import WHEEL

MAJORS = (18, 16)
ROWS = 10_000
REPOSITORY = Path(__file__).parents[2]


def run_case(case: Case, *, major: int, rows: int, user: str) -> bool:
    """Run one case in a home of its own, print its line, and return whether it held."""
    home = Path(tempfile.mkdtemp(prefix="weft-drill-", dir="/var/tmp"))
    home.chmod(0o755)
    scene = Scene(home, major, rows)
    words = (case.__doc__ or "").rstrip(".")
    began = time.perf_counter()
    saw = "see above"
    passed = False
    try:
        saw = asyncio.run(case(scene))
        passed = True
    except Exception:
        traceback.print_exc()
        for log in (home / "pg" / "log").glob("*.log"):
            print(f"--- {log.name}\n{log.read_text()[-3000:]}")
    finally:
        scene.close()
    took = time.perf_counter() - began
    print(f"{'ok  ' if passed else 'FAIL'} {major} {user:<8} {words}: {saw} [{took:.1f} s]", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    return passed


def run_as(name: str, arguments: list[str]) -> tuple[int, int]:
    """Run the drill as another user and return how many cases passed and failed.

    Where that user cannot reach our interpreter or our packages (a clone below /root, a private Python),
    it gets the system's interpreter of the same version and copies of the packages.
    """
    entry = pwd.getpwnam(name)
    account = Account(name, entry.pw_uid, entry.pw_gid)
    interpreter = next((path for path in _interpreters() if _is_open(path, account)), None)
    if interpreter is None:
        print(f"FAIL {name} can execute no Python {sys.version_info[0]}.{sys.version_info[1]} on this machine")
        return 0, 1
    with tempfile.TemporaryDirectory(prefix="weft-drill-code-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        for package in _packages():
            target = Path(folder) / package.name
            if package.is_dir():
                shutil.copytree(package, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(package, target)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        code = "import sys; from tests.drills.pg_drill import main; sys.exit(main())"
        answer = subprocess.run(
            [interpreter, "-c", code, *arguments],
            user=account.uid, group=account.gid, extra_groups=[], cwd="/", text=True, check=False,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": folder, "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    lines = answer.stdout.splitlines()
    print("\n".join(lines[:-1]), flush=True)
    try:
        passed, failed = (int(words.split()[0]) for words in lines[-1].split(", "))
    except (IndexError, ValueError):
        return 0, 1
    return passed, failed


def _interpreters() -> list[Path]:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return [Path(sys.executable).resolve(), Path("/usr/bin") / version, Path("/usr/local/bin") / version]


def _is_open(path: Path, account: Account) -> bool:
    return path.exists() and closed_folder(path.resolve().parent, account) is None


def _packages() -> list[Path]:
    """Everything that is imported by now and is no part of Python, and the programs of PostgreSQL."""
    site = Path(sysconfig.get_paths()["purelib"])
    importlib.import_module("weft.db.embedded.supervisor")  # with what it imports
    names = {name.partition(".")[0] for name in sys.modules} - {"weft", "tests", "migrations"}
    names.add(WHEEL)
    found = [path for name in names for path in (site / name, site / f"{name}.py") if path.exists()]
    found += [path for name in names for path in site.glob(f"{name}.*.so")]
    found += [path for name in names if (path := site / f"{name}.libs").exists()]
    return [*found, REPOSITORY / "src" / "weft", REPOSITORY / "tests", REPOSITORY / "migrations"]


def main() -> int:
    """Run as a program; returns the exit code."""
    parser = argparse.ArgumentParser(description="Drill of the embedded PostgreSQL")
    parser.add_argument("--major", type=int, choices=MAJORS, action="append")
    parser.add_argument("--as-user", default="nobody", help="as whom root runs it a second time")
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    user = pwd.getpwuid(os.getuid()).pw_name
    majors = given.major or MAJORS
    results = [run_case(case, major=major, rows=given.rows, user=user) for major in majors for case in CASES]
    passed, failed = results.count(True), results.count(False)
    if os.getuid() == 0:
        arguments = [word for major in majors for word in ("--major", str(major))]
        more = run_as(given.as_user, [*arguments, "--rows", str(given.rows)])
        passed, failed = passed + more[0], failed + more[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
