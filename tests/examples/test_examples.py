"""Every example is what its script writes, and gives what it promises when the program runs it."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.examples.program import ROOT, Program

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted((EXAMPLES / "builders").glob("*.py"))
GRAPHS = sorted(path for path in EXAMPLES.glob("*.json") if not path.name.endswith(".expect.json"))


def load(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{script.stem}", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_has_a_script_a_graph_and_an_expectation() -> None:
    names = [path.stem for path in GRAPHS]

    assert len(names) == 8
    assert [script.stem.replace("_", "-") for script in SCRIPTS] == names
    assert sorted(path.name for path in EXAMPLES.glob("*.expect.json")) == [f"{name}.expect.json" for name in names]
    assert all(f"`{name}.json`" in (EXAMPLES / "README.md").read_text() for name in names)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_graph_is_byte_for_byte_what_its_script_writes(script: Path) -> None:
    written = load(script).build().to_bytes()

    assert written == (EXAMPLES / f"{script.stem.replace('_', '-')}.json").read_bytes()


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.stem)
async def test_the_example_gives_what_it_promises(weft: Program, tmp_path: Path, graph: Path) -> None:
    expected = json.loads(graph.with_suffix(".expect.json").read_text())
    inputs = tmp_path / "inputs.json"
    inputs.write_text(json.dumps(expected["inputs"]))

    done = await weft("run", str(graph), "--inputs", str(inputs), "--json")

    shown = json.loads(done.stdout)
    assert (shown["status"], shown["outputs"]) == (expected["status"], expected["outputs"])
    assert done.code == 0
    assert shown["error"] is None


async def test_the_slow_step_of_retry_is_tried_three_times(weft: Program) -> None:
    done = await weft("run", str(EXAMPLES / "retry.json"), "--json")

    attempts = {node["node_id"]: node["attempts"] for node in json.loads(done.stdout)["nodes"]}
    assert attempts["slow-step"] == 3


async def test_the_way_not_taken_of_branch_is_reported(weft: Program) -> None:
    done = await weft("run", str(EXAMPLES / "branch.json"), "--input", "amount=1", "--json")

    assert [node["node_id"] for node in json.loads(done.stdout)["not_fired"]] == ["ask"]


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.stem)
async def test_the_example_is_valid(weft: Program, graph: Path) -> None:
    done = await weft("validate", str(graph), "--json")

    verdict = json.loads(done.stdout)
    assert (done.code, verdict["valid"], verdict["runnable"]) == (0, True, True)
    assert all(issue["level"] == "warning" for issue in verdict["issues"])
