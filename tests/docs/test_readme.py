"""The README's Python runs, its figures are measured ones, and in Chinese it shows the same."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.snippets import ROOT, Snippet, all_snippets, snippets
from tests.examples.program import Program
from tests.sdk.lending import lend
from weft.sdk.catalog import blocks_of
from weft.sdk.checking import check_example, coverage

README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
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
    _, snippet = snippets(README, "python")
    (kind,) = blocks_of(load(tmp_path, snippet.text))

    for example in kind.examples:
        await check_example(kind(), example, lend=lend)
    assert (await coverage(kind(), lend=lend)).is_complete


async def test_the_call_from_python_prints_what_its_comment_says(weft: Program, tmp_path: Path) -> None:
    snippet, _ = snippets(README, "python")
    script = tmp_path / "script.py"
    script.write_text(snippet.text)

    done = await weft.run("python", str(script))

    assert (done.stdout.strip(), done.stderr) == (snippet.text.rpartition("  # ")[2].strip(), "")


def test_the_commands_of_the_readme_are_targets() -> None:
    (snippet,) = snippets(README, "bash")

    named = re.findall(r"^make (\w+)", snippet.text, re.MULTILINE)

    assert named == ["run", "test"]


def test_in_chinese_it_has_the_same_sections_links_and_snippets() -> None:
    def shape(document: Path) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        text = document.read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)]+)\)", text.partition("\n\n")[2].partition("\n\n")[2])
        return re.findall(r"^#+ ", text, re.MULTILINE), links, [_translated(one) for one in all_snippets(document)]

    assert shape(CHINESE) == shape(README)


def test_each_language_leads_to_the_other() -> None:
    for document, other in ((README, CHINESE), (CHINESE, README)):
        assert f"]({other.name})" in document.read_text(encoding="utf-8").splitlines()[2]


def _translated(snippet: Snippet) -> tuple[str, str]:
    """Return a snippet without the words of a picture, which are in the language of its document."""
    if snippet.language != "mermaid":
        return snippet.language, snippet.text
    return snippet.language, re.sub(r'"[^"]*"|(?<=-- )[^">-]+(?= -->)|(?<=\[\()[^)]+|(?<=\[)[^]("]+', "", snippet.text)


@pytest.mark.parametrize("document", [README, CHINESE], ids=lambda path: path.stem)
def test_every_figure_of_the_readme_was_measured(document: Path) -> None:
    shown = {
        float(figure.replace(",", ""))
        for figure in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])", _rows(_numbers_block(document)))
    }
    measured = set(_numbers(json.loads(RESULTS.read_text()))) if RESULTS.exists() else set()

    assert {figure for figure in shown if not any(_agrees(figure, one) for one in measured)} == set()


def test_both_languages_show_the_same_figures_in_the_same_places() -> None:
    tables = [_rows(_numbers_block(document)).splitlines()[1:] for document in (README, CHINESE)]

    assert tables[0] == tables[1]
    assert len(tables[0]) > 3


def _numbers_block(document: Path) -> str:
    return document.read_text(encoding="utf-8").partition("<!-- numbers")[2].partition("<!-- /numbers -->")[0]


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
