"""The README's block is a real one, and its figures are measured ones."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.docs.snippets import ROOT, snippets
from tests.sdk.lending import lend
from weft.sdk.catalog import blocks_of
from weft.sdk.checking import check_example, coverage

README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results" / "engine.json"


def load(folder: Path, text: str) -> ModuleType:
    path = folder / "readme_snippet.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("readme_snippet", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_block_does_what_its_example_says(tmp_path: Path) -> None:
    (snippet,) = snippets(README, "python")
    (kind,) = blocks_of(load(tmp_path, snippet.text))

    for example in kind.examples:
        await check_example(kind(), example, lend=lend)
    assert (await coverage(kind(), lend=lend)).is_complete


def test_the_commands_of_the_readme_are_targets() -> None:
    (snippet,) = snippets(README, "bash")

    named = re.findall(r"^make (\w+)", snippet.text, re.MULTILINE)

    assert named == ["run", "test"]


def test_every_figure_of_the_readme_was_measured() -> None:
    text = README.read_text().partition("<!-- numbers")[2].partition("<!-- /numbers -->")[0]
    shown = {
        float(figure.replace(",", "")) for figure in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])", _rows(text))
    }
    measured = set(_numbers(json.loads(RESULTS.read_text()))) if RESULTS.exists() else set()

    assert {figure for figure in shown if not any(_agrees(figure, one) for one in measured)} == set()


def _rows(text: str) -> str:
    """Return the cells of a table but those of its first column, which hold names."""
    return "\n".join("|".join(line.split("|")[2:]) for line in text.splitlines() if line.startswith("|"))


def _agrees(shown: float, measured: float) -> bool:
    return any(round(measured, digits) == shown for digits in (-2, -1, 0, 1, 2))


def _numbers(value: Any) -> list[float]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [float(value)]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [number for part in parts for number in _numbers(part)]


def test_a_figure_that_nobody_measured_would_be_seen() -> None:
    rows = _rows("| chain | 41,230 | 1.5 |\n| --- | --: | --: |\n")

    assert re.findall(r"\d[\d,]*(?:\.\d+)?", rows) == ["41,230", "1.5"]
    assert _agrees(41230, 41230.4)
    assert not _agrees(41230, 39000)
