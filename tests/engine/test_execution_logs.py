"""What blocks say stands in the log of their execution: once, in order, bounded, without secrets, whatever crashes."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.engine.scene import Scene, fresh_scene, graph
from tests.engine.toys import CATALOG, RETRY, ROOMY, WORLD
from weft.db.base import new_id
from weft.db.embedded.server import EmbeddedServer
from weft.errors import InvalidInput
from weft.executions.entities import ExecutionLog
from weft.executions.errors import ExecutionNotFound, Fenced
from weft.executions.journal import Journal
from weft.executions.logbook import LogPage, logs, metrics
from weft.executions.loop import Ended
from weft.executions.ports import LogLine
from weft.executions.recorder import recording
from weft.executions.repository import logbook
from weft.executions.types import ExecutionStatus, LogLevel
from weft.sdk import BlockError
from weft.users.types import LOCAL_OWNER

SAY = graph(
    {"x": "toy.input", "say": "toy.says", "y": "toy.output"},
    ["x.result -> say.value", "say.value -> y.value"],
)
CAUGHT = graph(
    {"x": "toy.input", "say": "toy.says", "y": "toy.output", "e": "toy.output"},
    ["x.result -> say.value", "say.value -> y.value", "say.error -> e.value"],
)
TWICE = graph(
    {"x": "toy.input", "a": "toy.says", "ask": ("toy.ask", {"key": "well"}), "b": "toy.says", "y": "toy.output"},
    ["x.result -> a.value", "a.value -> ask.value", "ask.value -> b.value", "b.value -> y.value"],
)
SECRET = "tr0ub4dor&3"


@pytest.fixture
async def short(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform whose executions may write three lines each."""
    async with fresh_scene(postgres, catalog=CATALOG, limits=replace(ROOMY, log_lines=3)) as opened:
        yield opened


async def page(scene: Scene, execution_id: UUID, **options: Any) -> LogPage:
    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        return await logs(tx, LOCAL_OWNER, execution_id, **options)


async def lines(scene: Scene, execution_id: UUID, **options: Any) -> list[ExecutionLog]:
    """Return the log from old to new."""
    return (await page(scene, execution_id, limit=1000, **options)).items[::-1]


async def said(scene: Scene, execution_id: UUID) -> list[str]:
    """Return what blocks wrote, from old to new."""
    rows = await scene.fetch("SELECT message FROM execution_logs WHERE execution_id = $1 ORDER BY seq", execution_id)
    return [row["message"] for row in rows]


async def measured(scene: Scene, execution_id: UUID) -> dict[tuple[str | None, str], float]:
    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        found = await metrics(tx, LOCAL_OWNER, execution_id)
    return {(one.node_id, one.metric_name): one.metric_value for one in found}


async def test_lines_stand_in_order_between_what_the_engine_did(scene: Scene) -> None:
    WORLD.trouble = [RETRY]

    done = await scene.run(SAY, x=2)

    told = await lines(scene, done.id)
    assert [(one.level, one.node_label, one.attempt, one.message.split(" after ")[0]) for one in told] == [
        ("info", None, None, "started, version 1 of the graph"),
        ("info", "Say", 1, "line 0"),
        ("info", "Say", 1, "line 1"),
        ("warning", "Say", 1, "attempt 1 failed and is made again: not yet"),
        ("info", "Say", 2, "line 0"),
        ("info", "Say", 2, "line 1"),
        ("debug", "Say", 2, "done"),
        ("info", None, None, "completed"),
    ]
    assert [one.metadata for one in told[1:3]] == [{"number": 0}, {"number": 1}]
    assert [one.seq for one in told] == sorted({one.seq for one in told})


async def test_a_failure_that_ends_the_run_and_one_that_a_pin_takes_stand_in_the_log(scene: Scene) -> None:
    failures = []
    for content in (SAY, CAUGHT):
        WORLD.trouble = [BlockError("no tea")]
        done = await scene.run(content, x=0)
        failures.append([(one.level, one.message) for one in await lines(scene, done.id, level=LogLevel.WARNING)])

    assert failures[0][0] == ("error", "failed: no tea")
    assert failures[0][1][1].endswith(": no tea")
    assert failures[1] == [("warning", "failed: no tea; its error pin takes it")]


async def test_lines_are_there_while_the_block_still_runs_and_stay_when_its_worker_is_killed(scene: Scene) -> None:
    execution_id = await scene.start(SAY, x=2)
    await scene.kill_a_worker_when("SELECT 1 FROM execution_logs")
    before = await scene.fetch("SELECT * FROM execution_logs ORDER BY seq")

    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    after = await scene.fetch("SELECT * FROM execution_logs ORDER BY seq")
    assert [row["message"] for row in before] == ["line 0", "line 1"]
    assert after[:2] == before
    assert [row["message"] for row in after[2:]] == ["line 0", "line 1", "done"]
    assert [row["number"] for row in after] == [1, 2, 3, 4, 5]
    assert (await scene.get(execution_id)).status is ExecutionStatus.COMPLETED


async def test_a_worker_that_lost_its_execution_writes_no_line_and_no_number(scene: Scene) -> None:
    await scene.start(SAY, x=1)
    async with scene.platform.engine() as parts, recording(parts.store) as recorder:
        await parts.dispatch.working()
        (claim,) = await parts.dispatch.take(1)
        zombie = Journal(replace(claim, token=claim.token - 1))
        zombie.notes.say(LogLine(LogLevel.INFO, "boo", 0.0), most=10)
        zombie.notes.measure(-1, "ghosts", 1, "ghost")
        recorder.touch(zombie)
        with pytest.raises(Fenced):
            await zombie.durable(1)
        zombie.notes.say(LogLine(LogLevel.INFO, "boo again", 0.0), most=10)

    assert not zombie.dirty()
    assert await scene.fetch("SELECT 1 FROM execution_logs UNION ALL SELECT 1 FROM execution_metrics") == []


@pytest.mark.parametrize("last", [False, True])
async def test_a_flush_that_is_sent_twice_counts_once(scene: Scene, last: bool) -> None:
    await scene.start(SAY, x=1)
    async with scene.platform.engine() as parts:
        await parts.dispatch.working()
        (claim,) = await parts.dispatch.take(1)
        journal = Journal(claim)
        journal.notes.say(LogLine(LogLevel.INFO, "once", 0.0), most=10)
        journal.notes.measure(1, "used_tokens", 2, "token")
        if last:
            journal.finish("completed", counts=(1, 1))
        batch = journal.take()

        assert await parts.store.flush([batch]) == {claim.execution_id}
        assert await parts.store.flush([batch]) == {claim.execution_id}

    values = {row["name"]: row["value"] for row in await scene.fetch("SELECT name, value FROM execution_metrics")}
    assert values == {"used_tokens": 2} | ({"firings": 1, "emissions": 1} if last else {})
    assert await said(scene, claim.execution_id) == ["once"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("NUL \x00 here", "NUL \ufffd here"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("m" * 1_000_000, "m" * 10_000 + "…"),
        ("漢字 🎉\n\ttab", "漢字 🎉\n\ttab"),
        ("", ""),
    ],
)
async def test_a_line_of_anything_fails_nobody(scene: Scene, value: str, message: str) -> None:
    async with scene.platform.engine() as parts, recording(parts.store) as recorder:
        await parts.dispatch.working()
        execution_id = await scene.start(SAY, x=1)
        (claim,) = await parts.dispatch.take(1)
        journal = Journal(claim)
        context = _context(scene, parts, claim, journal)
        context.log.info(value, deep=[[[[[[[[[[value]]]]]]]]]], odd={1: object, "x": float("nan"), "big": 10**5_000})
        recorder.touch(journal)
        await journal.durable(1)

    (line,) = (one for one in await lines(scene, execution_id) if one.node_id == "say")
    assert line.message == message
    assert len(json.dumps(line.metadata)) < 40_000


def _context(scene: Scene, parts: Any, claim: Any, journal: Journal) -> Any:
    from weft.executions.firing import Lending
    from weft.executions.planner import Firing, Planner
    from weft.executions.program import compile_program
    from weft.executions.state import State

    program = compile_program(SAY, scene.platform.catalog, scene.platform.limits)
    state = State(claim, program, Planner(program.plan), journal)
    return parts.lend(Lending(state, program.node(1), Firing(1, 0, ()), 1, "key", lambda: True, {}))


async def test_after_the_last_line_one_says_that_more_was_dropped_also_after_a_wait(short: Scene) -> None:
    execution_id = await short.start(TWICE, x=2)
    async with short.working() as crew:
        await crew.until(execution_id, Ended.PARKED)
    early = await said(short, execution_id)
    async with short.working() as crew:
        await short.answer(execution_id, "well", 5)
        await crew.until(execution_id, Ended.FINISHED)

    assert early == ["line 0", "line 1", "done"]
    assert await said(short, execution_id) == [
        *early,
        "3 lines are kept of an execution; those that follow are dropped",
    ]
    assert (await short.get(execution_id)).outputs == {"y": [5]}


async def test_no_secret_reaches_log_or_error(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    WORLD.trouble = [BlockError(f"refused {SECRET}")]
    with scene.platform.masker.holding(SECRET):
        caught = await scene.run(CAUGHT, x=f"login with {SECRET}")

        WORLD.trouble = [BlockError(f"refused {SECRET}")]
        failed = await scene.run(SAY, x=0)

    told = await scene.fetch(
        "SELECT message || coalesce(metadata::text, '') AS words FROM execution_logs"
        " UNION ALL SELECT error::text FROM node_executions WHERE error IS NOT NULL"
        " UNION ALL SELECT error::text FROM executions WHERE error IS NOT NULL"
    )
    assert [SECRET in row["words"] for row in told] == [False] * len(told)
    assert caught.outputs["e"] == ["refused ********"]
    assert failed.error_message == "refused ********"


async def test_numbers_of_a_run_are_those_of_its_journal(scene: Scene) -> None:
    WORLD.trouble = [RETRY, RETRY]

    done = await scene.run(SAY, x=1)

    found = await measured(scene, done.id)
    assert {key: value for key, value in found.items() if key[1] != "duration_seconds"} == {
        (None, "cost_micro"): 0,
        (None, "emissions"): 2,
        (None, "firings"): 2,
        (None, "retries"): 2,
        ("say", "used_tokens"): 4.5,
    }
    assert done.duration is not None
    assert found[None, "duration_seconds"] == pytest.approx(done.duration)


async def test_pages_hold_each_line_once(scene: Scene) -> None:
    done = await scene.run(SAY, x=20)
    whole = (await page(scene, done.id, limit=1000)).items

    read: list[ExecutionLog] = []
    cursor = None
    while not read or cursor is not None:
        found = await page(scene, done.id, limit=3, after=cursor)
        read, cursor = read + found.items, found.next

    assert read == whole
    assert len(whole) == 23


async def test_levels_are_from_one_on(scene: Scene) -> None:
    done = await scene.run(SAY, x="odd")

    by_level = [[one.message for one in await lines(scene, done.id, level=level)][1:-1] for level in LogLevel]

    assert by_level == [["odd", "done"], ["odd"], [], [], []]
    assert [one.message for one in await lines(scene, done.id, level=LogLevel.WARNING)] == ["odd"]


async def test_a_run_that_has_not_begun_has_an_empty_log(scene: Scene) -> None:
    execution_id = await scene.start(SAY, x=1)

    assert await page(scene, execution_id) == LogPage([])
    assert await measured(scene, execution_id) == {}


@pytest.mark.parametrize(
    "options", [{"after": "x"}, {"after": "-1"}, {"after": "9" * 30}, {"limit": 0}, {"limit": 1001}]
)
async def test_a_bad_cursor_or_limit_is_refused(scene: Scene, options: dict[str, Any]) -> None:
    execution_id = await scene.start(SAY, x=1)

    with pytest.raises(InvalidInput):
        await page(scene, execution_id, **options)


async def test_somebody_elses_log_is_not_there(scene: Scene) -> None:
    done = await scene.run(SAY, x=1)
    stranger = new_id()

    for read in (logs, metrics):
        async with scene.platform.database.transaction(stranger) as tx:
            with pytest.raises(ExecutionNotFound):
                await read(tx, stranger, done.id)


async def test_a_page_of_a_long_log_reads_a_page(scene: Scene) -> None:
    done = await scene.run(SAY, x=1)
    owner = await scene.platform.engine_database.connect_raw()
    await owner.execute("SET ROLE weft_owner")
    async with scene.platform.engine_database.transaction() as tx:
        await tx.raw.execute(
            """INSERT INTO execution_logs (execution_id, user_id, seq, number, node, index, attempt, level, message, at)
            SELECT $1, $2, n, n, 1, 0, 1, 'info', 'line', now() FROM generate_series(1000, 200000) n""",
            done.id,
            LOCAL_OWNER,
        )
    await owner.execute("ANALYZE execution_logs")  # as the server does by itself before long
    await owner.close()
    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        rows = await tx.raw.fetch(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + logbook._ENTRIES,
            *(done.id, LOCAL_OWNER, 150_000, 50, list(LogLevel), ["attempt_failed"], ["failed"]),
        )

    read = _rows_read(rows[0][0][0]["Plan"])
    newest = (await page(scene, done.id, limit=2, after="150000")).items
    assert [line.seq for line in newest] == [149_999, 149_998]
    assert max(read) <= 50


def _rows_read(plan: dict[str, Any]) -> list[float]:
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return [own, *(rows for part in plan.get("Plans", ()) for rows in _rows_read(part))]


async def test_lines_of_executions_side_by_side_stay_apart(scene: Scene) -> None:
    started = [await scene.start(SAY, x=f"I am {number}") for number in range(30)]
    async with scene.working(slots=30) as crew:
        await asyncio.gather(*(crew.until(id, Ended.FINISHED) for id in started))

    assert [(await said(scene, id))[0] for id in started] == [f"I am {number}" for number in range(30)]
