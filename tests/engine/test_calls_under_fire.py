"""Calls under fire: cancels, crashes, cut connections and two workers at the worst moments."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from tests.engine.cable import laid_to
from tests.engine.scene import Scene, graph
from tests.engine.test_calls import ASK, DOUBLE, TELL, caller, many_calls, saved
from tests.engine.test_outage import LONG_S, working
from tests.engine.test_recovery import INTENT
from tests.engine.toys import ROOMY, WORLD
from weft.errors import InvalidInput
from weft.executions.errors import AlreadyEnded
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent
from weft.users.types import LOCAL_OWNER

BLOCKED = "SELECT 1 FROM pg_locks WHERE NOT granted"
CHILD = "SELECT id FROM executions WHERE depth = 1"
STATUS = "SELECT status, cancel_requested_at IS NOT NULL AS asked FROM executions WHERE id = $1"
TWIN = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, parent_id, parent_node, parent_index,
            root_id, depth)
        SELECT gen_random_uuid(), user_id, graph_id, version_id, graph_version, parent_id, parent_node, parent_index + 1,
            root_id, depth FROM executions WHERE id = $1 RETURNING id, user_id),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, given, context) SELECT id, user_id, '{}', '{}', '{}' FROM e),
 q AS (INSERT INTO queue (rank, execution_id, user_id) SELECT 0, id, user_id FROM e)
SELECT id FROM e
"""
"""Queue another child of the same parent, as its flush does."""
UNQUEUE = "DELETE FROM queue WHERE execution_id = $1"
TAKE = """
WITH e AS (UPDATE executions SET status = 'running', token = token + 1, started_at = clock_timestamp()
        WHERE id = $1 AND status = 'queued' RETURNING id, token, user_id)
INSERT INTO leases (execution_id, worker, token, user_id) SELECT id, 7, token, user_id FROM e
"""
"""Take an execution, as a worker does after it has taken its place in the queue away."""
LATE = """
CREATE FUNCTION come_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(4242); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER come_late AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION come_late()
"""
"""Hold up each commit that inserts into a table as long as somebody holds the lock 4242."""
OPEN = "SELECT id FROM executions WHERE ended_at IS NULL"
NAP = graph({"x": "toy.input", "nap": "toy.nap", "y": "toy.output"}, ["x.result -> nap.value", "nap.value -> y.value"])


def chain(child: str, length: int) -> GraphContent:
    """Return a graph that calls another one so many times, one call behind the other."""
    calls = [f"call{number}" for number in range(length)]
    sources = ["x.result", *(f"{call}.outputs.y" for call in calls)]
    sinks = [*(f"{call}.inputs.x" for call in calls), "y.value"]
    return graph(
        {"x": "toy.input", **{call: ("agent.run", {"graph": child}) for call in calls}, "y": "toy.output"},
        [f"{source} -> {sink}" for source, sink in zip(sources, sinks, strict=True)],
    )


@asynccontextmanager
async def owning(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection of who owns the tables."""
    connection = await asyncpg.connect(scene.url)
    try:
        await connection.execute("SET ROLE weft_owner")
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def held(scene: Scene, execution_id: UUID) -> AsyncIterator[asyncpg.Connection]:
    """Hold an execution locked for the length of the block, as a flush does."""
    async with scene.platform.engine_database.transaction() as tx:
        await tx.raw.fetch("SELECT 1 FROM executions WHERE id = $1 FOR UPDATE", execution_id)
        yield tx.raw


async def is_settled(scene: Scene, execution_id: UUID) -> bool:
    """Ask whether an execution and all it called have come to rest."""
    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        return await scene.platform.executions.is_settled(tx, LOCAL_OWNER, execution_id)


async def parked_on_a_person(scene: Scene) -> tuple[UUID, UUID]:
    """Return a caller that waits for its child, and the child, which waits for a person."""
    execution_id = await scene.start(caller(await saved(scene, ASK, "ask")), x=2)
    async with scene.working():
        await scene.until("SELECT 1 FROM executions HAVING count(*) = 2 AND bool_and(status = 'waiting')")
    (row,) = await scene.fetch(CHILD)
    return execution_id, row["id"]


async def test_child_that_comes_while_its_parent_is_being_cancelled_is_not_ended_under_its_worker(
    scene: Scene,
) -> None:
    parent, child = await parked_on_a_person(scene)
    async with AsyncExitStack() as flush, AsyncExitStack() as taking:
        await flush.enter_async_context(held(scene, parent))
        cancelling = asyncio.create_task(scene.cancel(parent))
        await scene.until(BLOCKED)
        ((twin,),) = await scene.fetch(TWIN, child)
        worker = await taking.enter_async_context(held(scene, twin))
        await flush.aclose()
        await scene.until(BLOCKED)
        await worker.execute(UNQUEUE, twin)
        await worker.execute(TAKE, twin)
    assert await cancelling == "cancelled"

    (left,) = await scene.fetch(STATUS, twin)
    assert (left["status"], left["asked"]) == ("running", True)
    (ended,) = await scene.fetch(STATUS, child)
    assert ended["status"] == "cancelled"


async def test_cancel_and_claim_of_one_execution_do_not_wait_for_each_other(scene: Scene) -> None:
    execution_id = await scene.start(DOUBLE, x=1)
    async with scene.platform.engine_database.transaction() as tx:
        await tx.raw.execute(UNQUEUE, execution_id)
        cancelling = asyncio.create_task(scene.cancel(execution_id))
        await scene.until(BLOCKED)
        await tx.raw.execute(TAKE, execution_id)

    assert await cancelling == "running"
    (left,) = await scene.fetch(STATUS, execution_id)
    assert (left["status"], left["asked"]) == ("running", True)


async def test_execution_that_the_engine_gives_up_takes_its_children_with_it(scene: Scene) -> None:
    execution_id = await scene.start(
        graph(
            {
                "x": "toy.input",
                "call": ("agent.run", {"graph": await saved(scene, ASK, "ask")}),
                "tell": "toy.at_least_once",
                "y": "toy.output",
            },
            ["x.result -> call.inputs.x", "call.outputs.y -> y.value", "x.result -> tell.value"],
        ),
        x=2,
    )
    WORLD.gate.clear()
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM executions WHERE depth = 1 AND status = 'waiting'")
        await scene.until(INTENT)
        assert crew.worker is not None
        crew.worker.drives()[execution_id].state.journal.event("no\x00te")
        WORLD.gate.set()
        await crew.until(execution_id, Ended.LOST)
        await scene.until("SELECT 1 FROM executions WHERE depth = 1 AND status = 'cancelled'")

    assert (await scene.get(execution_id)).status is ExecutionStatus.FAILED


async def test_nobody_but_a_called_graph_answers_for_it(scene: Scene) -> None:
    parent, child = await parked_on_a_person(scene)
    (wait,) = (await scene.get(parent)).waiting
    forged = {
        "execution_id": str(child),
        "version_id": str(child),
        "status": "completed",
        "error": None,
        "cost_micro": -5,
    }

    with pytest.raises(InvalidInput, match="called graph"):
        await scene.answer(parent, wait.key, forged)

    assert (await scene.get(parent)).status is ExecutionStatus.WAITING


@pytest.mark.parametrize("table", ["executions", "execution_answers"])
async def test_flush_of_a_family_whose_commit_is_not_heard_of_counts_once(scene: Scene, table: str) -> None:
    execution_id = await scene.start(caller(await saved(scene, TELL, "tell")), x=5)
    async with owning(scene) as owner:
        await owner.execute(LATE.format(table=table))
        await owner.execute("SELECT pg_advisory_lock(4242)")
        async with laid_to(scene.url) as cable, working(scene, cable, patience_s=LONG_S) as crew:
            await scene.until("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            cable.deafen()
            await owner.execute("SELECT pg_advisory_unlock(4242)")
            await scene.until(f"SELECT 1 FROM {table} HAVING count(*) = {2 if table == 'executions' else 1}")
            cable.cut()
            cable.mend()
            await crew.until(execution_id, Ended.FINISHED)

    assert (await scene.get(execution_id)).outputs == {"y": [5]}
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 2
    assert len(await scene.fetch("SELECT 1 FROM execution_answers")) == 1
    assert await scene.fetch("SELECT 1 FROM queue") == await scene.fetch("SELECT 1 FROM leases") == []
    assert len(WORLD.calls) == 1


async def test_zombie_parent_calls_nobody_and_its_heir_gets_the_answer(scene: Scene) -> None:
    WORLD.gate.clear()
    execution_id = await scene.start(
        graph(
            {
                "x": "toy.input",
                "read": "toy.reads",
                "call": ("agent.run", {"graph": await saved(scene, TELL, "tell")}),
                "y": "toy.output",
            },
            ["x.result -> read.value", "read.value -> call.inputs.x", "call.outputs.y -> y.value"],
        ),
        x=7,
    )
    async with scene.working() as zombie:
        await scene.until("SELECT 1 FROM leases")
        await scene.fetch("UPDATE workers SET beat = now() - interval '1 hour'")
        async with scene.working() as heir:
            await scene.until("SELECT 1 FROM leases WHERE token = 3")
            WORLD.gate.set()
            await heir.until(execution_id, Ended.FINISHED)
            await zombie.until(execution_id, Ended.LOST)

    assert (await scene.get(execution_id)).outputs == {"y": [7]}
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 2
    assert len([node for node, _, _ in WORLD.calls if node == "tell"]) == 1


async def test_nothing_is_settled_while_a_child_of_an_ended_child_is_still_under_way(scene: Scene) -> None:
    inner = graph(
        {
            "x": "toy.input",
            "call": ("agent.run", {"graph": await saved(scene, TELL, "tell")}),
            "nap": ("toy.nap", {"ms": 40}),
            "odd": "toy.odd",
        },
        ["x.result -> call.inputs.x", "x.result -> nap.value", "nap.value -> odd.value"],
    )
    content = graph(
        {"x": "toy.input", "call": ("agent.run", {"graph": await saved(scene, inner, "inner")}), "e": "toy.output"},
        ["x.result -> call.inputs.x", "call.error -> e.value"],
    )
    WORLD.gate.clear()
    execution_id = await scene.start(content, x=2)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)
        before = await is_settled(scene, execution_id)
        WORLD.gate.set()
        await scene.until("SELECT 1 FROM executions HAVING count(*) = 3 AND bool_and(ended_at IS NOT NULL)")

    assert not before
    assert await is_settled(scene, execution_id)


async def test_worker_that_takes_only_a_child_takes_what_that_calls_too(scene: Scene) -> None:
    inner = await saved(scene, caller(await saved(scene, ASK, "ask")), "inner")
    execution_id = await scene.start(caller(inner), x=3)
    async with scene.working():
        await scene.until("SELECT 1 FROM executions HAVING count(*) = 3 AND bool_and(status = 'waiting')")
    child, grandchild = [
        row["id"] for row in await scene.fetch("SELECT id FROM executions WHERE depth > 0 ORDER BY depth")
    ]
    await scene.answer(grandchild, (await scene.get(grandchild)).waiting[0].key, "yes")
    async with scene.working(only=[child]) as crew:
        await crew.until(child, Ended.FINISHED)

    assert (await scene.get(child)).outputs == {"y": ["yes"]}
    assert (await scene.get(execution_id)).status is ExecutionStatus.QUEUED


@pytest.mark.parametrize(
    ("limits", "last", "status"),
    [
        (ROOMY, "toy.halt", ExecutionStatus.COMPLETED),
        (replace(ROOMY, run_limit_s=0.3), "toy.reads", ExecutionStatus.TIMEOUT),
    ],
    indirect=["limits"],
)
async def test_caller_that_stops_or_runs_out_of_time_ends_what_it_called(
    scene: Scene, last: str, status: ExecutionStatus
) -> None:
    content = graph(
        {
            "x": "toy.input",
            "call": ("agent.run", {"graph": await saved(scene, ASK, "ask")}),
            "nap": ("toy.nap", {"ms": 40}),
            "last": last,
        },
        ["x.result -> call.inputs.x", "x.result -> nap.value", "nap.value -> last.value"],
    )
    WORLD.gate.clear()
    execution_id = await scene.start(content, x=1)
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)
        await scene.until("SELECT 1 FROM executions WHERE depth = 1 AND status = 'cancelled'")

    assert (await scene.get(execution_id)).status is status


async def test_no_wake_up_is_lost_between_callers_that_park_and_children_that_end(scene: Scene) -> None:
    child, naps = await saved(scene, DOUBLE, "double"), await saved(scene, NAP, "nap")
    ids = [await scene.start(chain(naps if number % 2 else child, 10), x=number) for number in range(8)]
    async with scene.working(), scene.working():
        await scene.until("SELECT 1 FROM executions HAVING bool_and(ended_at IS NOT NULL)")

    found = [(await scene.get(id)).outputs["y"] for id in ids]
    assert found == [[number if number % 2 else number * 2**10] for number in range(8)]
    assert await scene.fetch("SELECT 1 FROM execution_answers WHERE NOT taken") == []


async def test_each_execution_of_a_cancel_storm_ends_once_and_leaves_nothing(scene: Scene) -> None:
    middle = await saved(scene, many_calls(await saved(scene, NAP, "nap")), "middle")
    ask = await saved(scene, ASK, "ask")
    for _ in range(4):
        await scene.start(many_calls(middle), x=4)
        await scene.start(many_calls(ask), x=4)
    ended: list[UUID] = []

    async def cancel(execution_id: UUID) -> None:
        with suppress(AlreadyEnded):
            if await scene.cancel(execution_id) == "cancelled":
                ended.append(execution_id)

    async with scene.working(), scene.working():
        await scene.until("SELECT 1 FROM executions WHERE depth = 2")
        while rows := await scene.fetch(OPEN):
            await asyncio.gather(*(cancel(row["id"]) for row in rows for _ in range(2)))

    assert len(set(ended)) == len(ended)
    assert await scene.fetch("SELECT 1 FROM executions WHERE id = ANY ($1) AND status <> 'cancelled'", ended) == []
    doubled = "SELECT 1 FROM execution_events WHERE kind = 'cancel' GROUP BY execution_id HAVING count(*) > 1"
    assert await scene.fetch(doubled) == []
    for table in ("queue", "leases", "timers"):
        assert await scene.fetch(f"SELECT 1 FROM {table}") == [], table
