"""Who goes first, starts that are asked for twice, and a queue that has an end."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.engine.crowd import Crowd
from tests.engine.scene import Scene
from tests.engine.test_running import LINE
from tests.engine.toys import ROOMY
from weft.errors import InvalidInput
from weft.executions.errors import QueueFull, RequestKeyUsed
from weft.executions.limits import Limits
from weft.executions.types import ExecutionStatus
from weft.users.types import LOCAL_OWNER


@pytest.fixture
def limits() -> Limits:
    return replace(ROOMY, queued_per_user=3, queued=10)


@pytest.fixture
def crowd(scene: Scene) -> Crowd:
    """Nobody yet."""
    return Crowd(scene)


async def start(scene: Scene, x: int = 1, **options: Any) -> UUID:
    """Start a short graph as the local owner."""
    version = await scene.save(LINE)
    async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
        return await scene.platform.executions.start(tx, LOCAL_OWNER, version=version, inputs={"x": x}, **options)


async def waiting_of(scene: Scene, execution_id: UUID) -> list[tuple[str, str | None]]:
    """Return what an execution waits for, as (kind, words)."""
    return [(wait.kind, wait.title) for wait in (await scene.get(execution_id)).waiting]


async def test_the_more_urgent_of_one_user_go_first_and_equals_in_order(crowd: Crowd) -> None:
    user = await crowd.user()
    low = await crowd.start(user, 2, priority=-1)
    normal = await crowd.start(user, 3)
    high = await crowd.start(user, 2, priority=1)
    later = [*await crowd.start(user, 1, priority=1), *await crowd.start(user), *await crowd.start(user, priority=-1)]

    assert await crowd.line() == [*high, later[0], *normal, later[1], *low, later[2]]


async def test_urgency_changes_nothing_for_other_users(crowd: Crowd) -> None:
    eager, calm = await crowd.user(), await crowd.user()
    normal = await crowd.start(eager, 5)
    others = await crowd.start(calm, 6)

    urgent = await crowd.start(eager, priority=1)

    turns = await crowd.scene.fetch("SELECT rank, user_id, execution_id FROM queue ORDER BY rank, execution_id")
    assert [row["rank"] for row in turns if row["user_id"] == eager] == [1, 2, 3, 4, 5, 6]
    assert [row["execution_id"] for row in turns if row["user_id"] == eager] == urgent + normal
    assert [(row["rank"], row["execution_id"]) for row in turns if row["user_id"] == calm] == list(
        zip(range(1, 7), others, strict=True)
    )


async def test_of_a_long_line_only_a_thousand_move_for_an_urgent_one(crowd: Crowd) -> None:
    user = await crowd.user()
    normal = await crowd.start(user, 1500)

    urgent = await crowd.start(user, priority=1)

    assert await crowd.line() == [*urgent, *normal[:999], *normal[1000:], normal[999]]


async def test_what_goes_on_is_not_overtaken_by_what_is_urgent(crowd: Crowd) -> None:
    user = await crowd.user()
    first, second = await crowd.start(user, 2)
    async with crowd.hands(1) as (hand,):
        (claim,) = await hand.take(1)
        await hand.engine.dispatch.back(first, claim.token)

    urgent = await crowd.start(user, priority=1)

    assert await crowd.line() == [first, *urgent, second]


async def test_two_urgent_starts_at_once_lose_no_place(crowd: Crowd) -> None:
    user = await crowd.user()
    await crowd.start(user, 50)

    await asyncio.gather(*(crowd.start(user, priority=1) for _ in range(10)))

    ranks = await crowd.scene.fetch("SELECT priority FROM queue ORDER BY rank, priority DESC")
    assert await crowd.count("queue") == 60
    assert sorted(row["priority"] for row in ranks[:10]) == [1] * 10


@pytest.mark.parametrize(
    "options", [{"priority": 2}, {"key": ""}, {"key": "x" * 201}, {"request_key": "a\nb"}, {"key": "\ud800"}]
)
async def test_a_wrong_order_is_refused_and_nothing_written(scene: Scene, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await start(scene, **options)

    assert await scene.fetch("SELECT 1 FROM executions") == []


async def test_the_same_request_under_the_same_key_starts_one_execution(scene: Scene) -> None:
    first = await start(scene, request_key="order 17 ☕")

    assert [await start(scene, request_key="order 17 ☕") for _ in range(5)] == [first] * 5
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 1
    assert len(await scene.fetch("SELECT 1 FROM queue")) == 1


async def test_the_same_request_at_the_same_time_starts_one_execution(scene: Scene) -> None:
    await scene.save(LINE)

    ids = await asyncio.gather(*(start(scene, request_key="k") for _ in range(8)))

    assert len(set(ids)) == 1
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 1


@pytest.mark.parametrize("other", [{"x": 2}, {"key": "a"}, {"priority": 1}])
async def test_another_request_under_the_same_key_is_refused(scene: Scene, other: dict[str, Any]) -> None:
    first = await start(scene, request_key="k")

    with pytest.raises(RequestKeyUsed) as caught:
        await start(scene, request_key="k", **other)

    assert caught.value.details["execution_id"] == str(first)
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 1


async def test_request_keys_of_yesterday_are_forgotten_by_a_sweep(scene: Scene, crowd: Crowd) -> None:
    first = await start(scene, request_key="old")
    kept = await start(scene, request_key="new")
    await scene.fetch("SELECT 1")
    async with crowd.hands(1) as (hand,):
        await crowd.age_keys("old")
        await hand.engine.dispatch.sweep()

    assert await start(scene, request_key="new") == kept
    assert await start(scene, request_key="old") != first


async def test_a_user_with_too_many_in_line_is_refused_and_others_are_not(scene: Scene, crowd: Crowd) -> None:
    for _ in range(3):
        await start(scene, request_key=f"k{_}")

    with pytest.raises(QueueFull) as caught:
        await start(scene)

    assert caught.value.error_code == "QUEUE_FULL"
    assert "3 of your executions wait to be run" in caught.value.message
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 3
    assert await start(scene, request_key="k0")  # what was asked for before is no new one
    async with crowd.hands(1) as (hand,):
        await hand.take(1)
    await start(scene)


async def test_a_full_queue_takes_nothing_from_anybody(scene: Scene, crowd: Crowd) -> None:
    await crowd.start(await crowd.user(), 10)

    with pytest.raises(QueueFull) as caught:
        await start(scene)

    assert "the queue is full: 10 executions wait" in caught.value.message
    assert len(await scene.fetch("SELECT 1 FROM executions")) == 10


async def test_what_is_held_back_counts_as_waiting(scene: Scene, crowd: Crowd) -> None:
    await crowd.limit(LOCAL_OWNER, 1)
    for _ in range(3):
        await start(scene)

    with pytest.raises(QueueFull):
        await start(scene)

    assert (len(await scene.fetch("SELECT 1 FROM queue")), len(await scene.fetch("SELECT 1 FROM held"))) == (1, 2)


async def test_a_queued_execution_says_what_it_waits_for(scene: Scene, crowd: Crowd) -> None:
    first, second, third = [await start(scene) for _ in range(3)]

    assert await waiting_of(scene, first) == [("worker", "a worker: none is there, weft worker starts one")]
    async with crowd.hands(1) as (hand,):
        await crowd.scene.fetch("UPDATE workers SET role = 'worker'")
        assert await waiting_of(scene, first) == [("worker", "a free worker: it is the next in line")]
        assert await waiting_of(scene, second) == [("worker", "a free worker: 1 stands before it in line")]
        assert await waiting_of(scene, third) == [("worker", "a free worker: 2 stand before it in line")]
        await crowd.limit(LOCAL_OWNER, 1)
        assert await waiting_of(scene, third) == [("limit", "a place: at most 1 execution of yours at once")]
        await hand.take(1)
    assert (await scene.get(first)).status is ExecutionStatus.RUNNING
    assert await waiting_of(scene, first) == []
