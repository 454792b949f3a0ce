"""A package of ten lines is installed, and its block is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = '''
from pydantic import Field
from weft.sdk import Block, Emissions, Example, Schema
class Shout(Block, id="acme.shout"):
    """Write a text in capitals."""
    class Input(Schema):
        text: str = Field(description="Any text")
    class Output(Schema):
        loud: str = Field(description="The text in capitals")
    examples = (Example(Input(text="hello"), emits=[("loud", "HELLO")]),)
    async def run(self, input: Input) -> Emissions:
        yield "loud", input.text.upper()
'''
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "acme-blocks"
version = "1.0"
[project.entry-points."weft.blocks"]
acme = "acme_blocks"
"""
USE = """
import asyncio
from weft.sdk import Catalog
catalog = Catalog.load()
assert not catalog.problems, catalog.problems
async def shout():
    return [pair async for pair in catalog.get("acme.shout").execute({"text": "hello"})]
print(asyncio.run(shout()))
"""


def run(*arguments: str, path: str = "") -> str:
    search = os.pathsep.join([path, *sys.path]) if path else ""
    environment = {"PATH": os.defpath, "PYTHONPATH": search} if search else {"PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_an_installed_package_offers_its_block(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "acme_blocks").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT)
    (source / "acme_blocks" / "__init__.py").write_text(BLOCK)

    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check")
    run("-m", "pip", "install", *options, "--target", str(target), str(source))

    assert run("-c", USE, path=str(target)) == "[('loud', 'HELLO')]\n"
