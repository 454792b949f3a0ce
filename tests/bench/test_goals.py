"""A figure on the wrong side of its goal is told, and fails the benchmark."""

from typing import Any

import pytest
from benchmarks import scale, width
from benchmarks.goals import Goal, missed, table
from benchmarks.part import Part

MACHINE = {"cores": 2, "load_before": 0.1}
SECONDS = Goal("import", "seconds", "import", "s", at_most=5)
RATE = Goal("stream", "rate", "stream", "items/s", at_least=1000)
DISK = Goal("large", "bytes", "disk", "MB", scale=1_000_000, at_most=110)


def document(**cases: Any) -> dict[str, Any]:
    return {"machine": MACHINE, "not_measured": {}, **cases}


def test_a_missed_goal_is_a_sentence_with_figure_and_bound() -> None:
    found = document(**{"import": {"seconds": 5.04}}, stream={"rate": 999.9}, large={"bytes": 110_400_001})

    assert missed(found, [SECONDS, RATE, DISK]) == [
        "import: 5.04 s, and the limit is at most 5 s",
        "stream: 999.9 items/s, and the limit is at least 1,000 items/s",
        "disk: 110.4 MB, and the limit is at most 110 MB",
    ]


def test_a_figure_at_its_bound_meets_it() -> None:
    found = document(**{"import": {"seconds": 5.0}}, stream={"rate": 1000}, large={"bytes": 110_000_000})

    assert missed(found, [SECONDS, RATE, DISK]) == []


def test_the_table_shows_goal_and_verdict_beside_each_figure() -> None:
    found = document(**{"import": {"seconds": 7.25}}, stream={"rate": 123_456})
    found["not_measured"] = {"large": "the disk is full"}

    rows = table(found, [SECONDS, RATE, DISK]).splitlines()

    assert [" ".join(row.split()) for row in rows[2:5]] == [
        "import 7.25 s - at most 5 s MISSED",
        "stream 123,456 items/s - at least 1,000 items/s met",
        "disk - - at most 110 MB -",
    ]
    assert {"MISSED: import: 7.25 s, and the limit is at most 5 s", "NOT MEASURED: large: the disk is full"} <= set(
        rows
    )


def test_what_nobody_asked_for_is_not_in_the_table() -> None:
    assert "disk" not in table(document(stream={"rate": 1}), [RATE, DISK])


@pytest.mark.parametrize(
    ("goal", "figure", "verdict"),
    [
        (Goal("a", "b", "time", "ms", at_most=50, aim=15), 15, "met"),
        (Goal("a", "b", "time", "ms", at_most=50, aim=15), 15.1, "enough"),
        (Goal("a", "b", "time", "ms", at_most=50, aim=15), 50.1, "MISSED"),
        (Goal("a", "b", "rate", "/s", at_least=1500, aim=4000), 4000, "met"),
        (Goal("a", "b", "rate", "/s", at_least=1500, aim=4000), 3999, "enough"),
        (Goal("a", "b", "rate", "/s", at_least=1500, aim=4000), 1499, "MISSED"),
        (Goal("a", "b", "rate", "/s"), 1499, "-"),
    ],
)
def test_a_limit_that_holds_is_enough_and_its_goal_is_better(goal: Goal, figure: float, verdict: str) -> None:
    found = document(a={"b": figure})

    assert goal.verdict(found) == verdict
    assert missed(found, [goal]) == [] or verdict == "MISSED"


@pytest.mark.parametrize("part", [width.PART, scale.PART], ids=lambda part: part.name)
def test_each_goal_names_a_case_that_is_measured(part: Part) -> None:
    assert {goal.case for goal in part.goals} == set(part.cases)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (document(stream={"peak_mb": 300.0}), 0),
        (document(stream={"peak_mb": 301.0}), 1),
        (document() | {"not_measured": {"large": "no disk"}}, 1),
    ],
)
def test_the_exit_code_tells_whether_all_was_measured_and_met(found: dict[str, Any], code: int) -> None:
    assert width.PART.exit_code(found) == code


def test_time_is_the_median_of_the_rounds_and_memory_the_worst() -> None:
    runs = {"stream": [{"items": 7, "seconds": s, "peak_mb": mb} for s, mb in ((1.0, 90.0), (9.0, 91.0), (2.0, 95.5))]}

    found = width.PART.as_document(runs, MACHINE, {})

    assert found["stream"] == {"items": 7, "seconds": 2.0, "peak_mb": 95.5}
