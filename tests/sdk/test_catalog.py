"""Blocks by id, and how packages offer them."""

import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.toys import TOYS, Gather, WordCount
from weft.sdk import BlockDefinitionError, Catalog, Emissions
from weft.sdk.catalog import blocks_of
from weft.sdk.scaffold import new_block


class Clash(WordCount, id="text.other", aliases=["word-count"]):
    """Claim another block's alias."""

    async def run(self, input: WordCount.Input) -> Emissions:
        yield "words", 0


def test_blocks_are_found_by_id_and_alias() -> None:
    catalog = Catalog(TOYS)

    assert isinstance(catalog.get("text.word_count"), WordCount)
    assert catalog.get_block("word-count") is catalog.get("text.word_count")
    assert catalog.get("no.such") is None
    assert "word-count" in catalog
    assert "no.such" not in catalog


def test_iteration_goes_by_id() -> None:
    ids = [block.id for block in Catalog(reversed(TOYS))]

    assert ids == sorted(ids)
    assert len(Catalog(TOYS)) == len(TOYS)


@pytest.mark.parametrize("extra", [WordCount, Clash])
def test_an_id_or_alias_is_taken_once(extra: Any) -> None:
    with pytest.raises(BlockDefinitionError, match=r"claimed by tests\.sdk\.toys\.WordCount and"):
        Catalog([WordCount, extra])


def test_with_blocks_makes_another_catalog() -> None:
    small = Catalog([WordCount])

    large = small.with_blocks(Gather())

    assert len(small) == 1
    assert "list.gather" in large


def test_a_module_offers_what_it_defines_itself() -> None:
    assert blocks_of(sys.modules[__name__]) == [Clash]


def install(folder: Path, name: str, *, offer: str | None = None, **modules: str) -> None:
    package = folder / name.replace("-", "_")
    package.mkdir()
    for module, text in modules.items():
        (package / f"{module}.py").write_text(text)
    info = folder / f"{package.name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[weft.blocks]\n{offer or name} = {package.name}\n")


def load(folder: Path, *, only: list[str] | None = None) -> Any:
    """Return ids and problems, and with `only` the modules that were imported for them."""
    script = f"""
import json, sys
from weft.sdk import Catalog
catalog = Catalog.load(only={only!r})
modules = [] if {only is None} else [[name for name in sys.modules if not name.startswith("weft.sdk")]]
print(json.dumps([[block.id for block in catalog], [[p.source, p.message] for p in catalog.problems], *modules]))
"""
    paths = os.pathsep.join([str(folder), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_broken_package_hides_no_other(tmp_path: Path) -> None:
    install(tmp_path, "good-one", __init__="", close=new_block("good_one.close"), open=new_block("good_one.open"))
    install(tmp_path, "half", __init__=new_block("half.top"), bad="1 / 0", typo="import no_such_module_here")
    install(tmp_path, "ends", __init__="raise SystemExit(3)")
    install(tmp_path, "late", __init__=new_block("half.top"), more=new_block("late.more"))

    ids, problems = load(tmp_path)

    assert [id for id in ids if id.split(".")[0] in {"good_one", "half", "late", "ends"}] == [
        "good_one.close",
        "good_one.open",
        "half.top",
        "late.more",
    ]
    told = {source: [message for name, message in problems if name == source] for source, _ in problems}
    assert told["half"] == [
        "cannot import half.bad: ZeroDivisionError: division by zero",
        "cannot import half.typo: ModuleNotFoundError: No module named 'no_such_module_here'",
    ]
    assert told["ends"] == ["cannot import ends: SystemExit: 3"]
    assert told["late"] == ["block id 'half.top' is claimed by half.Top and late.Top"]


def test_the_blocks_of_weft_come_first(tmp_path: Path) -> None:
    install(tmp_path, "aaa", __init__=new_block("core.top"))
    install(tmp_path, "core", offer="weft", __init__=new_block("core.top"))

    ids, problems = load(tmp_path)

    assert "core.top" in ids
    assert ["aaa", "block id 'core.top' is claimed by core.Top and aaa.Top"] in problems


def test_only_what_is_asked_for_is_imported(tmp_path: Path) -> None:
    old = new_block("acme.open").replace('id="acme.open"', "id='acme.open', aliases=['acme-open']")
    install(tmp_path, "acme", __init__="", close=new_block("acme.close"), open=old, bad="1 / 0")
    install(tmp_path, "later", __init__="raise SystemExit(3)")

    ids, problems, modules = load(tmp_path, only=["input.text", "acme-open"])

    assert ids == ["acme.open", "input.text"]
    assert problems == []
    assert "acme.open" in modules
    assert {"acme.close", "acme.bad", "later", "weft.blocks.io.output_value"}.isdisjoint(modules)


def test_all_is_imported_where_something_asked_for_is_not_found_by_its_text(tmp_path: Path) -> None:
    hidden = new_block("acme.open").replace('id="acme.open"', 'id=".".join(["acme", "open"])')
    install(tmp_path, "acme", __init__="", close=new_block("acme.close"), open=hidden)

    everything, problems = load(tmp_path)

    assert "acme.open" in everything
    assert load(tmp_path, only=["acme.open"])[:2] == [everything, problems]
    assert load(tmp_path, only=["acme.gone"])[:2] == [everything, problems]
    assert load(tmp_path, only=["testing.noop"])[:2] == [everything, problems]


def test_a_package_without_source_is_imported_whole(tmp_path: Path) -> None:
    install(tmp_path, "acme", __init__="", close=new_block("acme.close"), open=new_block("acme.open"))
    for source in (tmp_path / "acme").glob("*.py"):
        py_compile.compile(str(source), cfile=str(source.with_suffix(".pyc")))
        source.unlink()

    ids, problems, _ = load(tmp_path, only=["acme.open"])

    assert ids == ["acme.close", "acme.open"]
    assert problems == []


def test_of_two_that_claim_an_id_the_first_is_given_whatever_is_asked_for(tmp_path: Path) -> None:
    install(tmp_path, "aaa", __init__="", top=new_block("core.top"))
    install(tmp_path, "core", offer="weft", __init__="", top=new_block("core.top"), more=new_block("core.more"))

    ids, _, modules = load(tmp_path, only=["core.top"])

    assert ids == ["core.top"]
    assert "core.top" in modules
    assert "aaa.top" not in modules
