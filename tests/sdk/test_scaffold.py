"""A fresh block file is complete."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.sdk.lending import lend
from weft.errors import InvalidInput
from weft.sdk.catalog import blocks_of
from weft.sdk.checking import check_example, coverage
from weft.sdk.scaffold import class_name, new_block


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("fresh_block", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("id", ["github.close_issue", "a.b-2", "acme.mail.send"])
async def test_a_fresh_block_passes_its_own_example(tmp_path: Path, id: str) -> None:
    path = tmp_path / "fresh_block.py"
    path.write_text(new_block(id))

    (kind,) = blocks_of(load(path))

    assert kind.id == id
    await check_example(kind(), kind.examples[0], lend=lend)
    assert (await coverage(kind(), lend=lend)).is_complete


def test_class_names_come_from_the_last_part() -> None:
    assert class_name("github.close_issue") == "CloseIssue"


@pytest.mark.parametrize("id", ["close", "GitHub.close", "a.", "a.2d", "a.none", "a/b.c", ""])
def test_other_ids_are_refused(id: str) -> None:
    with pytest.raises(InvalidInput):
        new_block(id)
