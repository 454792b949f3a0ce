"""The other commands, each once through its whole way."""

import json
from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft
from weft.cli.commands import COMMANDS

LEAVES = [*((name,) for name in COMMANDS if name != "block"), ("block", "new"), ("block", "check")]


@pytest.mark.parametrize("command", LEAVES, ids="-".join)
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...], offline: Weft) -> None:
    answer = offline(*command, "--help")

    assert (answer.code, answer.err) == (0, "")
    assert "Example" in answer.out


def test_the_program_lists_its_commands_without_loading_them(offline: Weft) -> None:
    answer = offline()

    assert answer.code == 0
    assert all(entry.summary.split()[0] in answer.out for entry in COMMANDS.values())


def test_an_unknown_command_is_answered_by_a_likely_one(offline: Weft) -> None:
    answer = offline("rnu", "--json")

    assert (answer.code, answer.json()["error"]["code"]) == (2, "USAGE")
    assert "Did you mean 'run'?" in answer.err


def test_a_saved_file_is_exported_byte_for_byte(weft: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)
    saved = weft("save", file, "--json").json()

    assert weft("import", file, "--json").json() == saved
    assert weft("export", saved["graph_id"]).out == Path(file).read_text()
    assert weft("export", saved["graph_id"], "-o", "again.json").code == 0
    assert (tmp_path / "again.json").read_bytes() == Path(file).read_bytes()


def test_a_graph_that_only_cannot_run_is_saved_and_says_so(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", graphs.broken(tmp_path), "--json")

    assert saved.code == 0
    assert [issue["code"] for issue in saved.json()["issues"]] == ["UNKNOWN_BLOCK"]
    run = weft("run", saved.json()["graph_id"], "--json")
    assert (run.code, run.json()["error"]["code"]) == (2, "GRAPH_INVALID")


def test_validation_lists_all_issues_and_needs_no_database(offline: Weft, tmp_path: Path) -> None:
    good, bad = offline("validate", graphs.greeting(tmp_path), "--json"), None
    assert (good.code, good.json()) == (0, {"valid": True, "runnable": True, "issues": []})

    bad = offline("validate", graphs.broken(tmp_path), "--json")
    shape = bad.json()
    assert (bad.code, shape["valid"], shape["runnable"]) == (2, True, False)
    assert set(shape["issues"][0]) == {"code", "level", "message", "node_id", "link_id", "pin", "path"}


def test_validation_of_what_is_no_graph_is_a_failure_with_the_same_keys(offline: Weft, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[]")

    answer = offline("validate", "bad.json", "--json")

    assert answer.code == 2
    assert set(answer.json()) == {"error", "valid", "runnable", "issues"}


def test_executions_are_listed_newest_first_page_by_page(weft: Weft, tmp_path: Path) -> None:
    ids = [weft("run", graphs.greeting(tmp_path), "-i", "name=Ada", "--json").json()["execution_id"] for _ in range(2)]

    first = weft("executions", "--json", "--limit", "1").json()
    second = weft("executions", "--json", "--limit", "1", "--after", first["next"]).json()

    assert [page["items"][0]["execution_id"] for page in (first, second)] == ids[::-1]
    assert "nodes" not in first["items"][0]
    assert weft("executions", ids[0], "--json").json()["nodes"] != []
    assert ids[0] in weft("executions").out
    assert weft("executions", "--dead", "--json").json() == {"items": [], "next": None}


def test_what_has_ended_cannot_be_cancelled(weft: Weft, tmp_path: Path) -> None:
    id = weft("run", graphs.greeting(tmp_path), "-i", "name=Ada", "--json").json()["execution_id"]

    answer = weft("cancel", id, "--json")

    assert (answer.code, answer.json()["error"]["code"]) == (2, "EXECUTION_ENDED")


def test_blocks_are_listed_with_their_schemas(offline: Weft) -> None:
    items = offline("blocks", "--json").json()["items"]

    wanted = next(item for item in items if item["id"] == "text.combine")
    assert set(wanted) == {
        "id",
        "name",
        "description",
        "type",
        "categories",
        "effect",
        "input_schema",
        "output_schema",
        "costs",
    }
    assert "text.combine" in offline("blocks").out


def test_a_new_block_passes_its_check_and_a_changed_one_fails(offline: Weft, tmp_path: Path) -> None:
    assert offline("block", "new", "acme.word_count").code == 0
    assert offline("block", "new", "acme.word_count").code == 2

    good = offline("block", "check", "word_count.py", "--json")
    assert (good.code, good.json()) == (0, {"items": [{"id": "acme.word_count", "problems": []}]})

    file = tmp_path / "word_count.py"
    file.write_text(file.read_text().replace('"result", input.text', '"result", input.text + "!"'))
    bad = offline("block", "check", "word_count.py")
    assert bad.code == 1
    assert "fails" in bad.out

    file.write_text("import this is no Python")
    assert offline("block", "check", "word_count.py", "--json").json()["error"]["place"] == "word_count.py, line 1"


def test_the_doctor_finds_everything_in_order(weft: Weft) -> None:
    answer = weft("doctor", "--json")

    assert (answer.code, answer.json()["works"]) == (0, True)
    assert {item["what"] for item in answer.json()["items"]} == {"program", "database", "blocks", "sandbox"}


def test_settings_are_listed_with_their_origin(offline: Weft) -> None:
    items = {item["name"]: item for item in offline("doctor", "--settings", "--json").json()["items"]}

    assert items["WEFT_HOME"]["source"] == "environment"
    assert items["WEFT_POSTGRES_MAJOR"]["source"] == "default"


def test_a_database_that_is_not_there_is_exit_6(offline: Weft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEFT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    answer = offline("executions", "--json")

    assert (answer.code, answer.json()["error"]["code"]) == (6, "DATABASE_UNREACHABLE")


def test_migrating_what_is_migrated_changes_nothing(weft: Weft) -> None:
    first = weft("migrate", "--json")

    assert first.code == 0
    assert first.json()["status"] == "current"
    assert json.loads(weft("migrate", "--json").out) == first.json()


def test_the_demo_runs_and_says_what_to_try_next(weft: Weft) -> None:
    answer = weft("demo")

    assert answer.code == 0
    assert "Dear Grace, do come" in answer.out
    assert "weft" in answer.out
    assert "  completed  Gather all invitations" in answer.err
