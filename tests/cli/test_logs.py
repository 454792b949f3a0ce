"""`weft executions ID --logs`: what a run said; and the program's own log, as the settings say."""

import json
from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft
from weft.sdk.builder import GraphBuilder


@pytest.fixture
def printing(tmp_path: Path) -> str:
    """A graph that prints what it is given."""
    g = GraphBuilder("Printing", catalog=graphs.CATALOG)
    shown = g.add("text.print", "Say it")
    g.link(g.input("words", str), shown["text"])
    return str(g.write(tmp_path / "printing.json"))


def test_the_log_is_shown_from_old_to_new_and_steers_no_terminal(weft: Weft, printing: str) -> None:
    id = weft("run", printing, "--json", "-i", "words=grüße\x1b[31m\n你好").json()["execution_id"]

    shown = weft("executions", id, "--logs")

    begun, said, ended = shown.out.splitlines()
    assert shown.code == 0
    assert "\x1b" not in shown.out
    assert "execution" in begun
    assert "started, version" in begun
    assert "info      Say it" in said
    assert "grüße" in said
    assert "你好" in said
    assert "completed after" in ended


def test_programs_read_pages_from_new_to_old(weft: Weft, printing: str) -> None:
    id = weft("run", printing, "--json", "-i", "words=hello").json()["execution_id"]

    first = weft("executions", id, "--logs", "--json", "--limit", "2").json()
    second = weft("executions", id, "--logs", "--json", "--after", first["next"]).json()

    told = first["items"] + second["items"]
    assert second["next"] is None
    assert [one["node_id"] for one in told] == [None, told[1]["node_id"], None]
    assert (told[1]["message"], told[1]["metadata"], told[1]["level"]) == ("print", {"text": "hello"}, "info")
    assert set(told[0]) == {
        *("timestamp", "level", "message", "execution_id", "node_id", "user_id", "metadata"),
        *("seq", "node_label", "firing", "attempt"),
    }
    assert f"--logs --after {first['next']}" in weft("executions", id, "--logs", "--limit", "2").out


def test_a_failure_is_found_by_its_level(weft: Weft, tmp_path: Path) -> None:
    id = weft("run", graphs.failing(tmp_path), "--json").json()["execution_id"]

    told = weft("executions", id, "--logs", "--level", "error", "--json").json()["items"]

    assert [one["level"] for one in told] == ["error", "error"]
    assert told[1]["message"] == "failed: the bridge is out"
    assert weft("executions", id, "--logs", "--level", "critical").out == "the log has no such lines\n"


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["--logs"], "--logs"),
        (["--level", "error"], "--level"),
        (["0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b", "--logs", "--save", "x"], "--logs"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(weft: Weft, arguments: list[str], place: str) -> None:
    refused = weft("executions", *arguments, "--json")

    assert (refused.code, refused.json()["error"]["code"]) == (2, "INVALID_INPUT")
    assert refused.json()["error"]["message"].startswith(place)


def test_the_program_logs_as_the_settings_say(weft: Weft, printing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEFT_LOG_LEVEL", "INFO")
    monkeypatch.setenv("WEFT_LOG_FORMAT", "json")
    monkeypatch.setenv("WEFT_JWT_SECRET", "correct-horse-battery-staple-0123456789")

    done = weft("run", printing, "--json", "-i", "words=it is correct-horse-battery-staple-0123456789")

    lines = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    (said,) = (line for line in lines if line["message"] == "print")
    assert said["text"] == "it is ********"
    assert said["service"] == "weft-backend"
    assert said["execution_id"] == done.json()["execution_id"]
    assert "staple" not in done.err


def test_a_level_that_there_is_not_is_refused(weft: Weft, printing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEFT_LOG_LEVEL", "loud")

    refused = weft("run", printing, "-i", "words=x")

    assert refused.code == 2
    assert "WEFT_LOG_LEVEL" in refused.err
