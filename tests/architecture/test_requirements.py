"""The pinned requirements: every package by version and hash, and no word of where it comes from."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, shown

PINNED = sorted((ROOT / "requirements").glob("*.txt"))
DECLARED = sorted((ROOT / "requirements").glob("*.in"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(path: Path) -> list[str]:
    """Return one text for each package, its hashes included."""
    return [entry for entry in re.split(r"\n(?=\S)", path.read_text().strip()) if not entry.startswith("#")]


def test_there_are_requirements_to_look_at() -> None:
    assert {path.stem for path in PINNED} == {path.stem for path in DECLARED}
    assert {"run", "dev"} <= {path.stem for path in PINNED}


@pytest.mark.parametrize("path", PINNED, ids=shown)
def test_every_package_has_one_version_and_a_hash(path: Path) -> None:
    loose = [
        entry.splitlines()[0]
        for entry in entries(path)
        if not re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+", entry) or not HASH.search(entry)
    ]

    assert loose == []
    assert len(entries(path)) > 10


@pytest.mark.parametrize("path", PINNED + DECLARED, ids=shown)
def test_no_host_and_no_option_is_named(path: Path) -> None:
    found = re.findall(
        r"\S*://\S*|^\s*-(?!-hash=|c run\.txt$)\S+.*|\s--(?!hash=)\S+|\s@\s.*", path.read_text(), re.MULTILINE
    )

    assert found == []


def test_what_the_package_needs_is_what_is_pinned_for_it() -> None:
    declared = re.findall(r'^    "([A-Za-z0-9._-]+)', _dependencies(), re.MULTILINE)
    pinned = {re.split(r"[=\[]", entry)[0].lower() for entry in entries(ROOT / "requirements" / "run.txt")}

    assert len(declared) > 10
    assert {name.lower() for name in declared} <= pinned


def _dependencies() -> str:
    text = (ROOT / "pyproject.toml").read_text()
    return text.partition("\ndependencies = [")[2].partition("\n]")[0]
