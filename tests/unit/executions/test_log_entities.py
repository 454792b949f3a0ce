"""A line of a log and a measured number, as text for others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from weft.executions.entities import ExecutionLog, ExecutionMetrics
from weft.executions.types import LogLevel

AT = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)


def line(**fields: Any) -> ExecutionLog:
    given = {
        "id": "l",
        "execution_id": "e",
        "level": LogLevel.WARNING,
        "message": "odd",
        "timestamp": AT,
        "user_id": "u",
    }
    return ExecutionLog(**given | fields)


def test_a_line_of_a_node_names_the_node_and_any_other_the_execution() -> None:
    assert line(node_id="n").get_formatted_message() == "[2026-03-04 05:06:07] WARNING [Node:n] odd"
    assert line().get_formatted_message() == "[2026-03-04 05:06:07] WARNING [Execution:e] odd"


def test_a_line_for_programs_is_plain_data() -> None:
    assert line(metadata={"a": 1}).to_structured_log() == {
        "timestamp": "2026-03-04T05:06:07.890000+00:00",
        "level": "warning",
        "message": "odd",
        "execution_id": "e",
        "node_id": None,
        "user_id": "u",
        "metadata": {"a": 1},
    }


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, 'firings{execution_id="e"} 3'),
        ({"node_id": "n", "metric_value": 0.25}, 'firings{execution_id="e",node_id="n"} 0.25'),
        ({"metric_name": "2 much-ü:x"}, '_2_much__:x{execution_id="e"} 3'),
        ({"tags": {"a b": 'q"\\\n'}}, 'firings{a_b="q\\"\\\\\\n",execution_id="e"} 3'),
        ({"tags": {"execution_id": "forged"}}, 'firings{execution_id="e"} 3'),
        ({"metric_value": float("-inf")}, 'firings{execution_id="e"} -Inf'),
        ({"metric_value": float("nan")}, 'firings{execution_id="e"} NaN'),
        ({"metric_value": 1e300}, 'firings{execution_id="e"} 1e+300'),
    ],
)
def test_a_number_is_one_line_that_prometheus_reads(fields: dict[str, Any], told: str) -> None:
    given = {"id": "m", "execution_id": "e", "metric_name": "firings", "metric_value": 3, "metric_unit": "firing"}

    assert ExecutionMetrics(**given | fields).get_prometheus_format() == told


def test_levels_are_ordered() -> None:
    assert LogLevel.ERROR.and_above() == ("error", "critical")
    assert LogLevel.DEBUG.and_above() == tuple(LogLevel)
