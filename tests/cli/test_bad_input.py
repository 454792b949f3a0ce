"""What cannot run is refused with one sentence and its place, before anything is started or written."""

from pathlib import Path

import pytest

from tests.cli.conftest import Weft
from tests.cli.graphs import broken_often
from tests.drills.bad_cases import CASES, Case
from tests.drills.bad_input import judge, prepare


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name.replace(" ", "-")) for case in CASES])
def test_bad_input_is_refused_in_one_sentence(case: Case, offline: Weft, tmp_path: Path) -> None:
    answer = offline(*prepare(case, tmp_path))

    assert judge(case, code=answer.code, out=answer.out, err=answer.err) == []


def test_every_issue_of_a_graph_is_listed_in_the_answer(offline: Weft, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "no nodes")

    answer = offline(*prepare(case, tmp_path)).json()

    assert (answer["valid"], answer["runnable"]) == (False, False)
    assert {"code": "NO_NODES", "level": "blocks_run"}.items() <= answer["issues"][0].items()
    assert len(answer["issues"]) > 1


def test_a_person_is_told_the_first_fifty_issues_and_how_many_there_are(offline: Weft, tmp_path: Path) -> None:
    file = broken_often(tmp_path, times=80)

    answer = offline("validate", file)

    issues = offline("validate", file, "--json").json()["issues"]
    assert answer.out.count("no.such") == 50
    assert f"… and {len(issues) - 50} more; --json lists them all" in answer.out
    assert "80 issues forbid to run it" in answer.out
