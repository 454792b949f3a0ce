"""The project's own files: those that git tracks or would track, so that a stray file is seen before it is committed."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "weft"


@cache
def project_files() -> tuple[Path, ...]:
    """Return every tracked or new file that is not ignored; everything there is where git is not at hand."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "migrations", "docs", "requirements", "benchmarks", "examples")
        return tuple(path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.is_file())
    return tuple(path for name in listed if name and (path := ROOT / name).is_file())


@cache
def text_of(path: Path) -> str | None:
    """Return what a text file holds; None for anything else."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def shown(path: Path) -> str:
    """Return the path as the project names it."""
    return str(path.relative_to(ROOT))
