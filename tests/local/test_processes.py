"""`weft.run` in processes of their own: what they print, where log lines go, what a fork does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.local.blocks import sleeping


def python(program: str, *arguments: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("close", ["", "; weft.close()"])
def test_a_program_that_ends_leaves_no_words(tmp_path: Path, close: str) -> None:
    graph = sleeping(0.01).write(tmp_path / "sleep.json")

    done = python(f"import sys, weft; weft.run(sys.argv[1]){close}", str(graph))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_log_lines_are_those_of_logging(tmp_path: Path) -> None:
    graph = sleeping(0.01).write(tmp_path / "sleep.json")

    done = python(
        "import logging, sys, weft; logging.basicConfig(level=logging.INFO); weft.run(sys.argv[1])", str(graph)
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert "INFO:weft.executions.launch:event='execution begins' execution_id=" in done.stderr


def test_a_logger_that_the_program_set_up_is_left_to_it(tmp_path: Path) -> None:
    graph = sleeping(0.01).write(tmp_path / "sleep.json")

    done = python("import sys, structlog, weft; structlog.configure(); weft.run(sys.argv[1])", str(graph))

    assert (done.returncode, done.stderr) == (0, "")
    assert "execution begins" in done.stdout


def test_a_forked_process_has_a_thread_of_its_own() -> None:
    program = """
import os, sys, weft
from tests.local.blocks import greeting
weft.run(greeting(), name="parent")
child = os.fork()
if not child:
    os._exit(0 if weft.run(greeting(), name="child")["greeting"] == "Hello child!" else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

    assert python(program, folder=ROOT).returncode == 0
