"""The table of executions refuses what no execution can be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.migrations.rows import insert_execution, insert_graph
from weft.db.database import Database
from weft.errors import DatabaseError
from weft.executions.types import ExecutionStatus
from weft.users.types import LOCAL_OWNER

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TERMINAL = [status for status in ExecutionStatus if status.is_terminal()]
OPEN = [status for status in ExecutionStatus if not status.is_terminal()]


async def store(database: Database, **columns: Any) -> None:
    async with database.transaction() as tx:
        await insert_execution(tx, await insert_graph(tx, LOCAL_OWNER), created_at=CREATED, **columns)


async def assert_refused(database: Database, constraint: str, **columns: Any) -> None:
    with pytest.raises(DatabaseError) as caught:
        await store(database, **columns)
    assert caught.value.details["constraint"] == constraint


@pytest.mark.parametrize("status", ExecutionStatus)
async def test_every_status_can_be_stored_with_the_times_it_has(owner: Database, status: ExecutionStatus) -> None:
    started = None if status is ExecutionStatus.QUEUED else CREATED
    ended = CREATED + SECOND if status.is_terminal() else None

    await store(owner, status=str(status), started_at=started, ended_at=ended)


@pytest.mark.parametrize("status", ["done", "QUEUED", "", "incomplete"])
async def test_any_other_status_is_refused(owner: Database, status: str) -> None:
    await assert_refused(owner, "chk_execution_status", status=status)


@pytest.mark.parametrize("status", TERMINAL)
async def test_an_end_has_its_time(owner: Database, status: ExecutionStatus) -> None:
    await assert_refused(owner, "chk_execution_times", status=str(status), started_at=CREATED)


@pytest.mark.parametrize("status", OPEN)
async def test_what_has_not_ended_has_no_time_of_its_end(owner: Database, status: ExecutionStatus) -> None:
    await assert_refused(owner, "chk_execution_times", status=str(status), started_at=CREATED, ended_at=CREATED)


async def test_what_runs_has_started(owner: Database) -> None:
    await assert_refused(owner, "chk_execution_times", status="running")


async def test_nothing_starts_before_it_was_made(owner: Database) -> None:
    await assert_refused(owner, "chk_execution_times", status="running", started_at=CREATED - SECOND)


async def test_nothing_ends_before_it_started(owner: Database) -> None:
    times = {"started_at": CREATED + 2 * SECOND, "ended_at": CREATED + SECOND}
    await assert_refused(owner, "chk_execution_times", status="completed", **times)


async def test_cancelled_in_the_queue_never_started_and_ended_after_it_was_made(owner: Database) -> None:
    await store(owner, status="cancelled", ended_at=CREATED)
    await assert_refused(owner, "chk_execution_times", status="cancelled", ended_at=CREATED - SECOND)


async def test_money_is_never_negative(owner: Database) -> None:
    await assert_refused(owner, "chk_execution_money", cost_micro=-1)
    await assert_refused(owner, "chk_execution_money", budget_held=-1)


async def test_a_graph_with_executions_stays(owner: Database) -> None:
    await store(owner)

    with pytest.raises(DatabaseError) as caught:
        async with owner.transaction() as tx:
            await tx.execute("DELETE FROM graphs")

    assert caught.value.details["constraint"] in ("fk_execution_graph", "fk_executions_version_id")
