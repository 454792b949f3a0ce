"""Every public module, class and function says what it gives."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, shown

MODULES = sorted(PACKAGE.rglob("*.py"))
RUN_OF_BLOCKS = {"run", "on_answer", "Input", "Output"}
"""Explained by the class and by its fields' descriptions; see `Block`."""
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public_definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield public classes and functions of a module, and those inside of public classes."""
    for item in body:
        if isinstance(item, Definition) and not item.name.startswith("_"):
            yield prefix + item.name, item
            if isinstance(item, ast.ClassDef):
                yield from public_definitions(item.body, f"{prefix}{item.name}.")


def is_overload(item: Definition) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id in {"overload", "override"} for mark in item.decorator_list)


def sentence(item: ast.Module | Definition) -> str:
    return (ast.get_docstring(item) or "").split("\n\n")[0]


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_everything_public_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())
    is_block = path.is_relative_to(PACKAGE / "blocks")

    bare = [] if sentence(tree) else ["the module"]
    for name, item in public_definitions(tree.body):
        if not (sentence(item) or is_overload(item) or (is_block and name.split(".")[-1] in RUN_OF_BLOCKS)):
            bare.append(name)

    assert bare == []


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_no_docstring_only_repeats_the_name(path: Path) -> None:
    tree = ast.parse(path.read_text())

    repeated = [
        name
        for name, item in public_definitions(tree.body)
        if (said := _words(sentence(item))) and said <= _words(_spaced(name.split(".")[-1])) | {"the", "a", "an", "its"}
    ]

    assert repeated == []


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)


def _words(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", text.lower())}
