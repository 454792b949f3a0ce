"""Cancels from elsewhere: nothing starts later than a second after the acknowledgement, and each execution ends once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random

import pytest

from tests.engine.scene import Scene, fresh_scene, graph
from tests.engine.stuck import QUICK, STUCK
from tests.engine.test_recovery import ASK
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.executions.errors import AlreadyEnded
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus

LONG = graph(
    {"x": "toy.input", "count": "toy.count", "double": "toy.double", "r": "toy.reads", "y": "toy.output"},
    ["x.result -> count.value", "count.item -> double.value", "double.value -> r.value", "r.value -> y.value"],
)
LATE = """
SELECT 1 FROM node_executions n JOIN executions e ON e.id = n.execution_id
WHERE n.started_at > e.cancel_requested_at + interval '1 second'
"""


@pytest.fixture
async def scene(postgres: EmbeddedServer) -> AsyncIterator[Scene]:
    """A platform with all toys."""
    async with fresh_scene(postgres, catalog=STUCK, limits=QUICK) as opened:
        yield opened


async def test_nothing_starts_a_second_after_a_cancel_from_another_process(scene: Scene) -> None:
    execution_id = await scene.start(LONG, x=1_000_000)
    elsewhere = open_platform(scene.url, catalog=STUCK, limits=QUICK)
    async with elsewhere as other, scene.working() as crew, scene.working():
        await scene.until("SELECT 1 FROM node_executions")
        assert await Scene(other, scene.url).cancel(execution_id) == "running"
        await scene.until("SELECT 1 FROM executions WHERE ended_at IS NOT NULL")
        assert crew.worker is not None

    assert (await scene.get(execution_id)).status is ExecutionStatus.CANCELLED
    assert await scene.fetch(LATE) == []


async def test_effect_that_pauses_before_another_attempt_is_not_tried_after_a_cancel(scene: Scene) -> None:
    nodes = {"x": "toy.input", "b": "toy.later", "y": "toy.output"}
    execution_id = await scene.start(graph(nodes, ["x.result -> b.value", "b.value -> y.value"]), x=1)
    async with scene.working() as crew:
        await scene.until("SELECT 1 FROM execution_events WHERE kind = 'attempt_failed'")
        await scene.cancel(execution_id)
        await crew.until(execution_id, Ended.FINISHED)

    kinds = [row["kind"] for row in await scene.fetch("SELECT kind FROM execution_events ORDER BY seq")]
    assert kinds == ["intent", "attempt_failed", "cancel"]


async def test_two_hundred_cancels_at_any_moment_end_each_execution_once(scene: Scene) -> None:
    random = Random(7)
    running = [await scene.start(LONG, x=random.randrange(1, 60)) for _ in range(60)]
    waiting = [await scene.start(ASK, x=1) for _ in range(40)]
    everything = [*running, *waiting]

    async def cancel_twice() -> None:
        for execution_id in random.sample([*everything, *everything], 200):
            await asyncio.sleep(0)
            try:
                await scene.cancel(execution_id)
            except AlreadyEnded:
                continue

    async with AsyncExitStack() as crews:
        for _ in range(2):
            await crews.enter_async_context(scene.working())
        await cancel_twice()
        await scene.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM executions WHERE ended_at IS NULL)")

    ends = {(await scene.get(execution_id)).status for execution_id in everything}
    twice = "SELECT 1 FROM execution_events WHERE kind = 'cancel' GROUP BY execution_id HAVING count(*) > 1"
    assert ends <= {ExecutionStatus.CANCELLED, ExecutionStatus.COMPLETED}
    assert await scene.fetch(twice) == []
    assert await scene.fetch(LATE) == []
    for table in ("queue", "leases", "timers"):
        assert await scene.fetch(f"SELECT 1 FROM {table}") == []
