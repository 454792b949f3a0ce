"""The whole program, as people call it, in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases.process import CannotRun, children_processor_s

PROGRAM = Path(sys.executable).with_name("weft")


@dataclass(frozen=True)
class Answer:
    """What `weft … --json` answered, how long it took, its start and end included, and how much of that it computed."""

    document: dict[str, Any]
    seconds: float
    processor_s: float


def weft(*arguments: str, settings: Mapping[str, str]) -> Answer:
    """Run a command of the program with these settings and no others, by Python's defaults.

    Raises:
        CannotRun: Its exit code is not 0; the text is the last line it wrote.
    """
    computed = children_processor_s()
    began = time.perf_counter()
    ran = subprocess.run(
        [PROGRAM, *arguments, "--json"],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if ran.returncode:
        lines = (ran.stderr or ran.stdout).decode(errors="replace").split("\n")
        raise CannotRun(f"weft {arguments[0]}: {next((line for line in reversed(lines) if line), 'it said nothing')}")
    return Answer(json.loads(ran.stdout), seconds, children_processor_s() - computed)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a process of the program: with these settings of Weft and no others, by Python's defaults."""
    return {key: value for key, value in os.environ.items() if not _changes_the_program(key)} | dict(settings)


def _changes_the_program(name: str) -> bool:
    """Return whether a variable sets something of Weft or of Python; forbidden to keep what it compiled, it starts slowly."""
    return name.endswith("DATABASE_URL") or (name.startswith(("WEFT_", "PYTHON")) and name != "PYTHONPATH")
