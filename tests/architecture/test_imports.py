"""What may import what; the layers themselves are the contract that `make check` runs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT, shown

MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("sqlalchemy", "alembic", "asyncpg", "fastapi", "starlette", "redis", "jinja2", "typer", "rich")


def loaded_by(statement: str) -> set[str]:
    """Return the packages that a fresh Python has loaded after the statement."""
    program = f"{statement}; import sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["weft", "weft.sdk", "weft.sdk.builder", "weft.errors"])
def test_what_block_authors_import_loads_neither_database_nor_web(module: str) -> None:
    assert loaded_by(f"import {module}") & set(HEAVY) == set()


def test_the_test_of_loaded_packages_can_see_one() -> None:
    assert "sqlalchemy" in loaded_by("import weft.db.database")


def test_the_package_itself_imports_nothing() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())

    assert [ast.unparse(item) for item in tree.body if isinstance(item, ast.Import | ast.ImportFrom)] == []


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if path.is_relative_to(PACKAGE / "settings"):
        return

    assert list(environment_reads(ast.parse(path.read_text()))) == []


def test_every_way_to_read_the_environment_is_seen() -> None:
    ways = (
        "import os\nfrom os import environ\nos.environ['A']\nos.getenv('A')\nfrom os import getenv as g\nos.environb\n"
    )

    assert len(list(environment_reads(ast.parse(ways)))) == 5


def environment_reads(tree: ast.Module) -> Iterator[str]:
    names = {"environ", "environb", "getenv", "getenvb"}
    for item in ast.walk(tree):
        if isinstance(item, ast.Attribute) and item.attr in names and ast.unparse(item.value) == "os":
            yield ast.unparse(item)
        if isinstance(item, ast.ImportFrom) and item.module == "os":
            yield from (one.name for one in item.names if one.name in names)


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_imports_are_absolute_and_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text())
    inside = [
        ast.unparse(item)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for item in ast.walk(function)
        if isinstance(item, ast.Import | ast.ImportFrom)
    ]
    relative = [ast.unparse(item) for item in ast.walk(tree) if isinstance(item, ast.ImportFrom) and item.level]

    assert relative == []
    # The package loads what its names stand for when they are first used, so its one import stands inside.
    assert inside == (["from importlib import import_module"] if path == PACKAGE / "__init__.py" else [])


def test_the_check_runs_the_import_contract() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("check:"))
    recipe = [line.strip() for line in lines[start + 1 :] if line.startswith("\t")][:6]

    assert any("lint-imports" in line for line in recipe)
    assert any("mypy" in line for line in recipe)


def test_every_package_stands_in_the_contract() -> None:
    contract = (ROOT / ".importlinter").read_text()
    layers = contract.partition("layers =")[2].partition("\n\n")[0]

    named = set(layers.replace("|", " ").split())
    others = ("__init__.py", "__init__.pyi", "__pycache__", "py.typed")
    found = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.name not in others}

    assert found <= named
