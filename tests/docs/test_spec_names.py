"""Every name on the right of the table of names can be imported."""

import importlib
import re
from typing import Any

import pytest

from tests.docs.snippets import ROOT

PAGE = ROOT / "docs" / "reference" / "spec-names.md"
ROWS = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| there")]
NAMES = sorted({name for row in ROWS for name in re.findall(r"`(weft\.[\w.]+)`", row.rpartition(" | ")[2])})


def resolve(name: str) -> Any:
    """Return what the dotted name means: a module, something in it, or a field or method of a class.

    Raises:
        AttributeError: Nothing.
    """
    parts = name.split(".")
    module, at = importlib.import_module(parts[0]), 1
    while at < len(parts):
        try:
            module = importlib.import_module(".".join(parts[: at + 1]))
        except ModuleNotFoundError:
            break
        at += 1
    found: Any = module
    for part in parts[at:]:
        declared = getattr(found, "__annotations__", {}) | getattr(found, "model_fields", {})
        found = declared[part] if part in declared else getattr(found, part)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_name_means_something(name: str) -> None:
    assert resolve(name) is not None


def test_a_name_that_means_nothing_is_seen() -> None:
    for name in ("weft.errors.NoSuchError", "weft.no_such_module", "weft.sdk.Block.no_such_method"):
        with pytest.raises(AttributeError):
            resolve(name)


def test_every_row_names_something_on_both_sides() -> None:
    cells = [row.strip("|").split(" | ") for row in ROWS]

    assert len(NAMES) > 100
    assert all(len(row) == 2 and row[0].strip() and row[1].strip() for row in cells)


def test_no_name_of_the_requirements_stands_twice() -> None:
    left = [name for row in ROWS for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]

    assert sorted({name for name in left if left.count(name) > 1}) == []
