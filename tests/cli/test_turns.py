"""`weft limits`, and the options of `weft run` that say when it takes its turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft
from tests.cli.processes import Start, end, execution_of, until
from tests.cli.test_waiting import holding  # noqa: F401


@pytest.fixture(autouse=True)
def _no_limits_left(weft: Weft) -> Iterator[None]:
    """Other tests use the same database."""
    yield
    for item in weft("limits", "--json").json()["items"]:
        weft("limits", "remove", *filter(None, [item["graph_id"]]), *(["--per-key"] if item["per_key"] else []))


def test_limits_are_set_listed_and_removed(weft: Weft, tmp_path: Path) -> None:
    assert weft("limits").out == "there are none; weft limits set --most N sets one\n"
    graph_id = weft("save", graphs.greeting(tmp_path), "--json").json()["graph_id"]

    first = weft("limits", "set", graph_id, "--most", "2", "--per-key", "--json").json()
    assert weft("limits", "set", "--most", "7").out == "from now on at most 7 executions of yours at once\n"
    listed = weft("limits", "--json").json()["items"]

    assert [(item["graph_id"], item["per_key"], item["most"]) for item in listed] == [
        (None, False, 7),
        (graph_id, True, 2),
    ]
    assert first == listed[1]
    assert "2 per key" in weft("limits").out
    assert weft("limits", "remove", graph_id, "--per-key", "--json").json() == first
    assert weft("limits", "remove").code == 0
    assert weft("limits", "--json").json() == {"items": []}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("set", "--most", "0"), "INVALID_INPUT"),
        (("set", "nonsense", "--most", "1"), "INVALID_INPUT"),
        (("set", "0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b", "--most", "1"), "GRAPH_NOT_FOUND"),
        (("remove",), "LIMIT_NOT_FOUND"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(weft: Weft, arguments: tuple[str, ...], code: str) -> None:
    answer = weft("limits", *arguments, "--json")

    assert (answer.code, answer.json()["error"]["code"]) == (2, code)


def test_a_run_under_a_request_key_is_shown_again_and_not_run_again(weft: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)
    given = ("run", file, "--input", "name=Ada", "--request-key", "r1", "--key", "ada", "--priority", "high", "--json")
    first = weft(*given)

    again = weft(*given)
    other = weft("run", file, "--input", "name=Bob", "--request-key", "r1", "--json")

    assert (first.code, again.json()) == (0, first.json())
    assert (other.code, other.json()["error"]["code"]) == (2, "REQUEST_KEY_USED")
    assert first.json()["execution_id"] in other.json()["error"]["message"]


def test_behind_a_limit_a_run_says_what_it_waits_for_and_a_full_queue_refuses_with_5(
    start: Start,
    weft: Weft,
    holding: str,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = graphs.greeting(tmp_path)
    weft("limits", "set", "--most", "1")
    first = start("run", holding)
    resting = execution_of(first)
    until(first, "begun")
    second = start("run", file, "--input", "name=Ada")
    id = execution_of(second)
    until(second, "waits for a place: at most 1 execution of yours at once")

    (wait,) = weft("executions", id, "--json").json()["waiting"]
    monkeypatch.setenv("WEFT_MAX_QUEUED_PER_USER", "1")
    refused = weft("run", file, "--input", "name=Bob", "--json")
    (tmp_path / "pipe").write_text("tea")  # the first one goes on, to a rest of ten minutes

    assert (wait["kind"], wait["node_id"], wait["key"]) == ("limit", None, "")
    assert (refused.code, refused.json()["error"]["code"]) == (5, "QUEUE_FULL")
    assert refused.json()["error"]["place"] == "WEFT_MAX_QUEUED_PER_USER"
    assert end(second).out == "greeting  Hello Ada!\n"
    weft("cancel", resting)  # other tests resume all that is open
