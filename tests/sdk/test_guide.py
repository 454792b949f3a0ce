"""Every snippet of the guide runs."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.sdk.lending import lend
from weft.sdk.catalog import blocks_of
from weft.sdk.checking import check_example, coverage

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "write-a-block.md"
SNIPPETS = re.findall(r"```(\w+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
PYTHON = [text for language, text in SNIPPETS if language == "python"]
BLOCKS = [text for text in PYTHON if "(Block, " in text]
SCRIPTS = [text for text in PYTHON if "GraphBuilder" in text]


def load(folder: Path, text: str) -> ModuleType:
    path = folder / "snippet.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("snippet", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_snippet_is_looked_at() -> None:
    assert len(BLOCKS) == 5
    assert len(SCRIPTS) == 1
    assert {language for language, _ in SNIPPETS} == {"python", "toml"}
    assert len(PYTHON) == len(BLOCKS) + len(SCRIPTS)


@pytest.mark.parametrize("text", BLOCKS)
async def test_blocks_of_the_guide_do_what_their_examples_say(tmp_path: Path, text: str) -> None:
    (kind,) = blocks_of(load(tmp_path, text))

    for example in kind.examples:
        await check_example(kind(), example, lend=lend)
    assert (await coverage(kind(), lend=lend)).is_complete


def test_the_graph_of_the_guide_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    load(tmp_path, BLOCKS[0] + SCRIPTS[0])

    graph = json.loads((tmp_path / "count-words.json").read_bytes())
    assert [node["block_id"] for node in graph["nodes"]] == ["input.text", "acme.word_count", "output.value"]


def test_the_entry_point_of_the_guide_is_read() -> None:
    (text,) = [text for language, text in SNIPPETS if language == "toml"]

    assert tomllib.loads(text) == {"project": {"entry-points": {"weft.blocks": {"acme": "acme_blocks"}}}}
