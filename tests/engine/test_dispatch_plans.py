"""What a claim costs and claims, whatever the planner and other people's transactions do."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from tests.engine.crowd import Crowd
from tests.engine.scene import Scene
from tests.engine.toys import ROOMY
from weft.executions.limits import Limits
from weft.executions.repository.dispatch import _CLAIM_ANY, _FROM_THE_HEAD, _REGISTER, PostgresDispatch
from weft.executions.repository.line import _HABITS


@pytest.fixture
def limits() -> Limits:
    return ROOMY


@pytest.fixture
def crowd(scene: Scene) -> Crowd:
    """Nobody yet."""
    return Crowd(scene)


@asynccontextmanager
async def connected(scene: Scene, *, habits: str = _HABITS) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection with the habits of the engine's, or with others."""
    connection = await scene.platform.engine_database.connect_raw()
    await connection.execute(habits)
    try:
        yield connection
    finally:
        await connection.close()


async def explain(connection: asyncpg.Connection, limit: int, start: int = _FROM_THE_HEAD) -> dict[str, Any]:
    """Claim, return the plan with what it did, and undo the claim."""
    change = connection.transaction()
    await change.start()
    try:
        await connection.execute(_REGISTER, 7, timedelta(seconds=5))
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_CLAIM_ANY}", 7, limit, start)
    finally:
        await change.rollback()
    (plan,) = orjson.loads(text) if isinstance(text, str) else text
    return dict(plan["Plan"])


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each node of a plan."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


def buffers_of(plan: dict[str, Any]) -> int:
    """Return how many pages a plan touched."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def scan_of(plan: dict[str, Any]) -> int:
    """Return how many pages the look for the first rows in line touched."""
    return next(buffers_of(node) for node in nodes_of(plan) if node.get("Index Name") == "pk_queue")


async def churn(crowd: Crowd, rounds: int) -> None:
    """Have executions come and go, a thousand each time, with as many in line before and after."""
    user = next(iter(crowd.versions))
    async with crowd.hands(1) as (hand,):
        for _ in range(rounds):
            await crowd.start(user, 1000)
            for _ in range(10):
                assert len(await hand.take(100)) == 100


async def test_a_claim_reads_by_index_sorts_nothing_and_touches_few_pages(crowd: Crowd) -> None:
    await crowd.start(await crowd.user(), 4000)

    async with connected(crowd.scene) as connection:
        plan = await explain(connection, 10)

    assert plan["Actual Rows"] == 10
    assert {node["Node Type"] for node in nodes_of(plan)} & {"Seq Scan", "Sort", "Incremental Sort"} == set()
    assert buffers_of(plan) < 10 * 30 + 100


async def test_a_claim_takes_no_more_than_asked_for_under_a_nested_loop(crowd: Crowd) -> None:
    await crowd.start(await crowd.user(), 200)
    crooked = ("hashjoin", "mergejoin", "material", "memoize", "hashagg", "sort", "tidscan")

    async def connect() -> asyncpg.Connection:
        connection = await crowd.scene.platform.engine_database.connect_raw()
        await connection.execute("; ".join(f"SET enable_{way} = off" for way in crooked))
        return connection

    dispatch = PostgresDispatch(connect, ttl_s=5)
    claimed = await dispatch.take(5)
    await dispatch.close()

    assert len(claimed) == 5
    assert await crowd.count("queue") == 195


async def test_while_an_old_snapshot_is_held_a_claim_behind_the_cursor_costs_what_it_did(crowd: Crowd) -> None:
    await crowd.start(await crowd.user(), 1000)
    async with connected(crowd.scene) as old, connected(crowd.scene) as connection:
        fresh = scan_of(await explain(connection, 10))
        await old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await old.execute("SELECT count(*) FROM queue")  # no dead row of the time after can go away now
        await churn(crowd, 6)
        async with crowd.hands(1) as (hand,):
            await hand.take(20)
            start = hand.engine.dispatch._cursor.rank

            from_the_head = scan_of(await explain(connection, 10))
            behind_the_cursor = scan_of(await explain(connection, 10, start))

    assert from_the_head > 60 + fresh  # six thousand dead rows
    assert behind_the_cursor < 25 + fresh  # those of the last thousand places
