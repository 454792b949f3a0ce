"""Calls under fire: cancels, crashes, cut connections and strangers at the worst moments."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from pydantic import Field

from tests.engine.cable import laid_to
from tests.engine.scene import Scene, graph
from tests.engine.test_calls import ASK, DOUBLE, TELL, caller, many_calls, saved
from tests.engine.test_outage import LONG_S, working
from tests.engine.test_recovery import INTENT
from tests.engine.toys import CATALOG, ROOMY, WORLD
from tests.support.postgres import drop_database, fresh_database
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.errors import InvalidInput
from weft.executions.limits import Limits
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.service import remember_file
from weft.sdk import Block, Effect, Emissions, Example, Price, Schema
from weft.users.types import LOCAL_OWNER


class Priced(Block, id="toy.priced"):
    """Pass a number on, for three credits; even ones fail afterwards where that is asked for."""

    class Input(Schema):
        value: int = Field(description="A number")

    class Output(Schema):
        value: int = Field(description="The same")

    effect = Effect.IDEMPOTENT
    price = [Price(3)]
    examples = [Example(Input(value=1), emits=[("value", 1)])]

    async def run(self, input: Input) -> Emissions:
        yield "value", input.value


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


@pytest.fixture
async def scene(postgres: EmbeddedServer, limits: Limits) -> AsyncIterator[Scene]:
    """A platform with one more block, which has a price."""
    url = await fresh_database(postgres)
    async with open_platform(url, catalog=CATALOG.with_blocks(Priced), limits=limits, ttl_s=5) as platform:
        yield Scene(platform, url)
    await drop_database(postgres, url)


ECHO = graph({"x": "toy.input", "y": "toy.output"}, ["x.result -> y.value"])
ANY_CALLER = graph(
    {"x": "toy.input", "graph": "toy.input", "version": "toy.input", "call": "agent.run"},
    ["x.result -> call.inputs.x", "graph.result -> call.graph", "version.result -> call.version"],
)
NOBODYS = "0190b0f2-7c1e-7a55-8f3b-5d6c2f7a9e10"


@asynccontextmanager
async def owning(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection of who owns the tables."""
    connection = await asyncpg.connect(scene.url)
    try:
        await connection.execute("SET ROLE weft_owner")
        yield connection
    finally:
        await connection.close()


async def somebody_else(scene: Scene) -> UUID:
    """Return the id of another user."""
    async with owning(scene) as owner:
        row = await owner.fetchrow(
            "INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'other@localhost') RETURNING id"
        )
    assert row is not None
    return UUID(str(row["id"]))


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


async def test_version_that_no_graph_can_have_fails_its_node(scene: Scene) -> None:
    done = await scene.run(ANY_CALLER, x=1, graph=await saved(scene, DOUBLE, "double"), version=2**40)

    assert done.error is not None
    assert (done.status, done.error.code, done.error.node_id) == (
        ExecutionStatus.FAILED,
        "CALLED_GRAPH_NOT_FOUND",
        "call",
    )


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


async def test_child_may_show_much_and_its_caller_gets_all_of_it_in_order(scene: Scene) -> None:
    each = graph(
        {"x": "toy.input", "count": "toy.count", "y": "toy.output", "z": "toy.output", "big": ("toy.output", {})},
        ["x.result -> count.value", "count.item -> y.value", "x.result -> z.value", "x.result -> big.value"],
    )
    content = graph(
        {
            "x": "toy.input",
            "call": ("agent.run", {"graph": await saved(scene, ECHO, "echo")}),
            "y": "toy.output",
        },
        ["x.result -> call.inputs.x", "call.results -> y.value"],
    )
    value = {"text": "\N{SNOWMAN}" * 20_000}

    done = await scene.run(content, x=value)
    counted = await scene.run(
        graph(
            {"x": "toy.input", "call": ("agent.run", {"graph": await saved(scene, each, "each")}), "y": "toy.output"},
            ["x.result -> call.inputs.x", "call.results.y -> y.value"],
        ),
        x=500,
    )

    assert done.outputs == {"y": [{"y": [value]}]}
    assert counted.outputs == {"y": [list(range(500))]}


async def test_graph_of_somebody_else_looks_absent(scene: Scene) -> None:
    stranger = await somebody_else(scene)
    async with scene.platform.database.transaction(stranger) as tx:
        theirs = await remember_file(
            tx, stranger, source="test", key="theirs", content=DOUBLE, catalog=scene.platform.catalog
        )

    done = await scene.run(ANY_CALLER, x=1, graph=str(theirs.graph_id), version=1)
    absent = await scene.run(ANY_CALLER, x=1, graph=NOBODYS, version=1)

    assert done.error is not None
    assert absent.error is not None
    assert done.error.code == absent.error.code == "CALLED_GRAPH_NOT_FOUND"
    assert done.error.message.replace(str(theirs.graph_id), "…") == absent.error.message.replace(NOBODYS, "…")


async def test_caller_costs_what_it_called_costs_also_across_a_restart(scene: Scene) -> None:
    priced = graph(
        {"x": "toy.input", "tell": "toy.at_least_once", "pay": "toy.priced", "y": "toy.output"},
        ["x.result -> pay.value", "pay.value -> tell.value", "tell.value -> y.value"],
    )
    middle = await saved(scene, many_calls(await saved(scene, priced, "priced")), "middle")
    execution_id = await scene.start(caller(middle), x=4)
    WORLD.gate.clear()
    async with scene.working():
        await scene.until("SELECT 1 FROM node_executions WHERE cost > 0 HAVING count(*) >= 2")
    WORLD.gate.set()
    async with scene.working() as crew:
        await crew.until(execution_id, Ended.FINISHED)

    rows = await scene.fetch("SELECT depth, cost_micro FROM executions ORDER BY depth")
    nodes = await scene.fetch(
        "SELECT sum(cost)::bigint AS cost FROM node_executions WHERE execution_id = $1", execution_id
    )
    assert [(row["depth"], row["cost_micro"]) for row in rows] == [
        (0, 12_000_000),
        (1, 12_000_000),
        *[(2, 3_000_000)] * 4,
    ]
    assert nodes[0]["cost"] == 12_000_000


async def test_error_pin_takes_the_failure_of_a_call_and_its_cost(scene: Scene) -> None:
    failing = graph(
        {"x": "toy.input", "pay": "toy.priced", "odd": "toy.odd", "y": "toy.output"},
        ["x.result -> pay.value", "pay.value -> odd.value", "odd.value -> y.value"],
    )
    content = graph(
        {"x": "toy.input", "call": ("agent.run", {"graph": await saved(scene, failing, "failing")}), "e": "toy.output"},
        ["x.result -> call.inputs.x", "call.error -> e.value"],
    )

    done = await scene.run(content, x=2)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"e": ["the called graph failed: 2 is even"]})
    (row,) = await scene.fetch("SELECT cost_micro FROM executions WHERE depth = 0")
    assert row["cost_micro"] == 3_000_000


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


async def test_children_of_one_user_take_turns_with_the_runs_of_others(scene: Scene) -> None:
    stranger = await somebody_else(scene)
    execution_id = await scene.start(many_calls(await saved(scene, DOUBLE, "double")), x=30)
    async with scene.platform.database.transaction(stranger) as tx:
        version = await remember_file(
            tx, stranger, source="test", key="theirs", content=DOUBLE, catalog=scene.platform.catalog
        )
        theirs = [
            await scene.platform.executions.start(tx, stranger, version=version, inputs={"x": number})
            for number in range(3)
        ]
    async with scene.working(only=[execution_id], slots=1) as crew:
        await crew.until(execution_id, Ended.PARKED)

    line = [
        row["execution_id"] for row in await scene.fetch("SELECT execution_id FROM queue ORDER BY rank, execution_id")
    ]
    assert len(line) > 20
    assert max(map(line.index, theirs)) <= 2 * len(theirs)
