"""Statuses, durations and the other plain values of executions."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from weft.executions.entities import ExecutionStats, GraphExecutionMeta, NodeExecution, NodeExecutionStats
from weft.executions.types import Execution, ExecutionId, ExecutionStatus

S = ExecutionStatus
ENDED = {S.COMPLETED, S.FAILED, S.CANCELLED, S.TIMEOUT}
STEPS = {
    (S.QUEUED, S.RUNNING),
    (S.QUEUED, S.CANCELLED),
    (S.RUNNING, S.QUEUED),
    (S.RUNNING, S.WAITING),
    *((S.RUNNING, end) for end in ENDED),
    (S.WAITING, S.QUEUED),
    (S.WAITING, S.CANCELLED),
    (S.WAITING, S.TIMEOUT),
}


def test_only_the_seven_documented_statuses_exist() -> None:
    assert [status.value for status in S] == [
        "queued",
        "running",
        "waiting",
        "completed",
        "failed",
        "cancelled",
        "timeout",
    ]


@pytest.mark.parametrize("old", list(S))
@pytest.mark.parametrize("new", list(S))
def test_lifecycle_allows_exactly_the_documented_steps(old: S, new: S) -> None:
    assert old.may_become(new) == ((old, new) in STEPS)


@pytest.mark.parametrize("status", list(S))
def test_questions_about_a_status(status: S) -> None:
    assert status.is_terminal() == (status in ENDED)
    assert status.is_successful() == (status is S.COMPLETED)
    assert status.is_running() == (status in {S.QUEUED, S.RUNNING})
    assert status.can_be_cancelled() == (status not in ENDED)


def test_duration_is_none_before_the_start_and_fixed_after_the_end() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    run = Execution(ExecutionId(uuid4()), uuid4(), 1, uuid4(), S.QUEUED, start)
    ended = Execution(
        ExecutionId(uuid4()), uuid4(), 1, uuid4(), S.COMPLETED, start, start, start + timedelta(seconds=2.5)
    )

    assert (run.get_duration(), run.duration) == (None, None)
    assert (ended.get_duration(), ended.duration) == (timedelta(seconds=2.5), 2.5)


def test_duration_of_what_runs_grows() -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    meta = GraphExecutionMeta(
        id="a", graph_id="b", graph_version=1, user_id="c", status=S.RUNNING, created_at=start, started_at=start
    )

    assert meta.duration is not None
    assert meta.duration >= 3600


def test_success_rate_of_no_nodes_is_zero() -> None:
    assert ExecutionStats().calculate_success_rate() == 0.0
    assert ExecutionStats(total_nodes=4, completed_nodes=3).calculate_success_rate() == 0.75


def test_cost_of_a_firing_is_that_of_its_statistics() -> None:
    bare = NodeExecution(id="a", graph_execution_id="b", node_id="c", status=S.COMPLETED)
    counted = bare.model_copy(update={"execution_stats": NodeExecutionStats(node_id="c", block_name="d", cost=7)})

    assert (bare.get_cost(), counted.get_cost()) == (0, 7)
