"""The public names, and what importing them costs."""

import inspect
import json
import subprocess
import sys
from importlib.resources import files

import pytest

import weft.sdk
from weft.sdk import block, catalog, context, costs, credentials, errors, example, file, kinds, schema, spec

MODULES = (block, catalog, context, costs, credentials, errors, example, file, kinds, schema, spec)
NOT_FOR_AUTHORS = {"MeterUnit", "Mark", "WaitKind", "Unit"}


def test_the_list_of_names_is_sorted_and_true() -> None:
    names = weft.sdk.__all__

    assert names == sorted(names)
    assert all(hasattr(weft.sdk, name) for name in names)


def test_every_class_of_the_vocabulary_is_exported() -> None:
    defined = {
        name
        for module in MODULES
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }

    assert defined - NOT_FOR_AUTHORS <= set(weft.sdk.__all__)


@pytest.mark.parametrize("name", sorted(set(weft.sdk.__all__) - {"Emissions"}))
def test_every_name_is_documented(name: str) -> None:
    value = getattr(weft.sdk, name)

    assert (value.__dict__.get("__doc__") or "").strip()
    for inner, member in vars(value).items():
        if inspect.isfunction(member) and not inner.startswith("_"):
            assert (member.__doc__ or "").strip(), f"{name}.{inner}"


def loaded_by(statement: str) -> set[str]:
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("module", ["weft.sdk", "weft.sdk.builder", "weft.sdk.block_schema", "weft.sdk.scaffold"])
def test_importing_the_sdk_loads_neither_database_nor_web(module: str) -> None:
    heavy = {"sqlalchemy", "fastapi", "starlette", "asyncpg", "orjson", "httpx", "re2", "jinja2"}

    assert not loaded_by(f"import {module}") & heavy


def test_the_package_is_typed() -> None:
    assert (files(weft.sdk) / "py.typed").is_file()
