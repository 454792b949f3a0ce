"""No code of ours opens HTTP connections past the guard, or evaluates text as Python."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import weft

SOURCE = Path(weft.__path__[0])
FILES = sorted(SOURCE.rglob("*.py"))
CLIENT_MODULES = ("requests", "aiohttp", "urllib.request", "urllib3", "http.client", "httpcore")
CLIENT_NAMES: tuple[str, ...] = ("httpx.AsyncClient", "httpx.Client")
CLIENT_NAMES += ("httpx.AsyncHTTPTransport", "httpx.HTTPTransport")
CLIENT_NAMES += tuple(
    f"httpx.{verb}" for verb in ("get", "post", "put", "patch", "delete", "head", "request", "stream")
)
EVALUATORS = {"eval", "exec", "compile", "__import__"}


def clients_used(source: str) -> Iterator[str]:
    """Give each use of an HTTP client in the source, by its full name."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute):
            names = [ast.unparse(node)]
        for name in names:
            in_module = any(name == module or name.startswith(f"{module}.") for module in CLIENT_MODULES)
            if in_module or name in CLIENT_NAMES:
                yield name


def evaluators_called(source: str) -> Iterator[str]:
    """Give each call of a function that runs text as code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).removeprefix("builtins.")
            if called in EVALUATORS:
                yield called


def test_there_is_source_to_look_at() -> None:
    assert len(FILES) > 20


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(SOURCE)) for file in FILES])
def test_only_the_guarded_client_speaks_http(file: Path) -> None:
    if file.is_relative_to(SOURCE / "net"):
        return

    assert list(clients_used(file.read_text())) == []


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(SOURCE)) for file in FILES])
def test_no_text_is_run_as_python(file: Path) -> None:
    assert list(evaluators_called(file.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "import urllib.request",
        "from urllib import request",
        "from httpx import AsyncClient",
        "import httpx\nhttpx.AsyncClient()",
        "import httpx\nhttpx.get('x')",
        "import aiohttp.client",
    ],
)
def test_each_way_past_the_guard_is_seen(source: str) -> None:
    assert list(clients_used(source))


@pytest.mark.parametrize("source", ["eval('1')", "exec(x)", "compile(a, b, c)", "__import__('os')", "builtins.eval(x)"])
def test_each_evaluator_is_seen(source: str) -> None:
    assert list(evaluators_called(source))


def test_what_only_looks_alike_is_left_alone() -> None:
    assert not list(clients_used("import httpx\nhttpx.URL('x')\nfrom urllib.parse import urlsplit"))
    assert not list(evaluators_called("re.compile('a')\nself.evaluate(x)\nmodel.exec(y)"))
