"""What the documents name exists: files, targets, commands, records."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import project_files
from tests.docs.snippets import DOCUMENTS, ROOT, SESSIONS, all_snippets, prose
from weft.cli.commands import COMMANDS
from weft.executions.records import Outcome
from weft.graphs.documents import parse_document
from weft.graphs.types import GraphContent, Link, Node, Policy
from weft.graphs.validation import check_graph
from weft.sdk import Catalog, Effect

ENGINE = ROOT / "docs" / "how-it-works" / "engine.md"
EXECUTIONS = ROOT / "src" / "weft" / "executions"
DESIGN = ROOT / "docs" / "design"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
RULES = ROOT / "docs" / "reference" / "engine-rules.md"
GRAPH_FILE = ROOT / "docs" / "reference" / "graph-file.md"
GUIDE = ROOT / "docs" / "guides" / "write-a-block.md"
PYTHON = (*READMES, *SESSIONS, GUIDE)
"""Documents whose Python is run: by test_readme.py, by test_transcripts.py, and by tests/sdk/test_guide.py."""
SHELL = (*READMES, SESSIONS[0])
"""Documents that name targets of `make`, which exist."""


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose(document))

    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_targets_and_commands_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = document.read_text()

    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= targets
    if document in SHELL:
        assert set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)) <= targets
    if document.parent != DESIGN:  # decisions speak of commands that are still to come
        assert set(re.findall(r"(?:`|\$ )weft ([a-z]+)\b", text)) <= set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_files_of_the_project_exist(document: Path) -> None:
    text = document.read_text()
    named = re.findall(r"`((?:src|tests|docs|examples|migrations|benchmarks)/[\w./-]+\.\w+)`", text)

    assert [name for name in named if not (ROOT / name).exists() and name != "benchmarks/results/engine.json"] == []


def test_the_index_of_decisions_has_them_all() -> None:
    index = (DESIGN / "README.md").read_text()

    assert {path.name for path in DESIGN.glob("*.md")} - {"README.md"} == set(re.findall(r"\]\(([\w-]+\.md)\)", index))


def test_the_index_of_documents_has_every_folder() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    # Decisions and blocks have an index of their own, which lists them all.
    listed = [path for path in (ROOT / "docs").rglob("*.md") if path.parent.name not in ("docs", "design", "blocks")]
    pages = [*listed, ROOT / "docs" / "blocks" / "README.md"]

    assert [shown(path) for path in pages if str(path.relative_to(ROOT / "docs")) not in index] == []


def test_the_readme_names_every_command_or_leads_to_the_help() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()

    assert [name for name in COMMANDS if f"`{name}`" not in changes] == []


def test_the_engines_page_names_files_that_exist() -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", ENGINE.read_text()))
    places = (EXECUTIONS, EXECUTIONS.parent)

    assert len(named) > 15
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_the_engines_page_names_every_record_and_table() -> None:
    text = ENGINE.read_text()
    kinds = {
        call.args[0].value
        for path in EXECUTIONS.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "event"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }

    assert len(kinds) > 6
    assert [kind for kind in kinds if f"`{kind}`" not in text] == []


def test_the_engines_page_names_every_outcome_and_effect() -> None:
    text = ENGINE.read_text()

    assert [str(one) for one in (*Outcome, *Effect) if f"`{one}`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_every_snippet_is_of_a_kind_that_some_test_runs(document: Path) -> None:
    # `text` shows a shape with gaps in it, which nothing can run.
    run_somewhere = {
        "console": True,
        "mermaid": True,
        "text": True,
        "python": document in PYTHON,
        "bash": document in SHELL,
        "json": document == GRAPH_FILE,
    }
    toml_of_the_guide = document == GUIDE

    for snippet in all_snippets(document):
        assert run_somewhere.get(snippet.language) or (snippet.language == "toml" and toml_of_the_guide), snippet


def test_every_rule_that_is_named_by_number_can_be_looked_up() -> None:
    written = [int(number) for number in re.findall(r"^(\d+)\. ", RULES.read_text(), re.MULTILINE)]
    named = {
        int(number)
        for path in project_files()
        if path.suffix in (".py", ".md", ".sql")
        for numbers in re.findall(r"\brules? (\d+(?:(?:, | and | to )\d+)*)", path.read_text())
        for number in re.findall(r"\d+", numbers)
    }

    assert written == list(range(1, len(written) + 1))
    assert len(named) > 10
    assert named <= set(written)


def test_the_page_about_the_file_shows_one_that_can_run_and_names_every_key() -> None:
    [shown_file] = [snippet.text for snippet in all_snippets(GRAPH_FILE)]

    content = parse_document(shown_file)

    assert check_graph(content, Catalog.load(), for_run=True) == []
    keys = {*GraphContent.model_fields, *Node.model_fields, *Policy.model_fields, *Link.model_fields}
    assert [key for key in sorted(keys) if f"`{key}`" not in GRAPH_FILE.read_text()] == []
