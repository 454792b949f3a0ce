"""The streams of executions that really ran: the same for who was there and for who comes later, from wherever one begins."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.engine.scene import Scene, graph
from tests.engine.test_calls import DOUBLE, caller, saved
from tests.engine.toys import CATALOG, NOT_STARTED, RETRY, ROOMY, WORLD
from tests.events.reading import read
from weft.assembly import open_platform
from weft.errors import InvalidInput
from weft.executions.errors import ExecutionNotFound
from weft.executions.repository import stream as statements
from weft.executions.stream_events import Emission, Ended, Event, FiringFailed, FiringWaits, Standing
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent
from weft.users.types import LOCAL_OWNER

Act = Callable[[Scene, UUID, Event], Awaitable[None]]


def chain(length: int) -> GraphContent:
    nodes = {"n": "toy.input", **{f"d{number}": "toy.double" for number in range(length)}}
    links = ["n.result -> d0.value", *(f"d{at}.value -> d{at + 1}.value" for at in range(length - 1))]
    return graph(nodes, links)


def line(block: str, **defaults: Any) -> GraphContent:
    """A graph of one block between an input `n` and an output `y`."""
    return graph(
        {"n": "toy.input", "it": (block, defaults), "y": "toy.output"}, ["n.result -> it.value", "it.value -> y.value"]
    )


def fan() -> GraphContent:
    return graph(
        {"n": "toy.input", "each": "toy.count", "double": "toy.reads", "all": "toy.collect", "y": "toy.output"},
        ["n.result -> each.value", "each.item -> double.value", "double.value -> all.values", "all.list -> y.value"],
    )


def stream() -> GraphContent:
    return graph(
        {"n": "toy.input", "each": "toy.count", "double": "toy.double", "sum": "toy.add", "y": "toy.output"},
        [
            "n.result -> each.value",
            "each.item -> double.value",
            "each.item -> sum.a",
            "double.value -> sum.b",
            "sum.sum -> y.value",
        ],
    )


def caught() -> GraphContent:
    return graph(
        {"n": "toy.input", "each": "toy.count", "odd": "toy.odd", "y": "toy.output", "z": "toy.output"},
        ["n.result -> each.value", "each.item -> odd.value", "odd.value -> y.value", "odd.error -> z.value"],
    )


async def _answer(scene: Scene, id: UUID, event: Event) -> None:
    if isinstance(event, FiringWaits) and event.wait == "person":
        await scene.answer(id, event.key, {"said": "yes"})


async def _cancel(scene: Scene, id: UUID, event: Event) -> None:
    if isinstance(event, FiringWaits):
        await scene.cancel(id)


async def _nothing(scene: Scene, id: UUID, event: Event) -> None:
    pass


class Shape:
    """A graph, what it is given, what goes wrong in the world, and what somebody does while it runs."""

    def __init__(self, content: GraphContent, n: Any, *, act: Act = _nothing, trouble: list[Exception] | None = None):
        self.content, self.n, self.act, self.trouble = content, n, act, trouble or []


SHAPES = {
    "chain": Shape(chain(12), 1),
    "fan": Shape(fan(), 12),
    "stream": Shape(stream(), 10),
    "large": Shape(line("toy.ask"), "x" * 20_000, act=_answer),
    "retries": Shape(line("toy.reads"), 1, trouble=[RETRY, RETRY]),
    "effects": Shape(line("toy.at_most_once"), 1, trouble=[NOT_STARTED]),
    "nap": Shape(line("toy.nap", ms=5), 1),
    "person": Shape(line("toy.ask"), 1, act=_answer),
    "failure": Shape(line("toy.crash"), 1),
    "caught": Shape(caught(), 6),
    "stop": Shape(line("toy.halt"), 1),
    "cancel": Shape(line("toy.ask"), 1, act=_cancel),
}


async def follow(scene: Scene, id: UUID, act: Act) -> list[Event]:
    """Follow an execution to its end, and do something at its events."""
    events = []
    async with aclosing(scene.platform.stream().follow(LOCAL_OWNER, id)) as followed:
        async for event in followed:
            events.append(event)
            await act(scene, id, event)
    return events


@pytest.mark.parametrize("name", SHAPES)
async def test_who_was_there_saw_exactly_what_one_sees_afterwards_from_every_number(scene: Scene, name: str) -> None:
    shape = SHAPES[name]
    WORLD.trouble = list(shape.trouble)
    id = await scene.start(shape.content, n=shape.n)

    async with scene.working():
        live = await follow(scene, id, shape.act)

    numbered = [event for event in live if not isinstance(event, Standing)]
    assert [event.seq for event in numbered] == list(range(len(numbered)))
    assert isinstance(numbered[-1], Ended)
    assert numbered[-1].status == (await scene.get(id)).status
    assert await read(scene.platform, id, page=1000) == numbered
    for after in range(len(numbered)):
        assert await read(scene.platform, id, after=after, page=13) == numbered[after + 1 :]


async def test_a_called_execution_and_its_caller_have_streams_of_their_own(scene: Scene) -> None:
    id = await scene.start(caller(await saved(scene, DOUBLE, "double")), x=21)

    async with scene.working():
        live = await follow(scene, id, _nothing)

    (waits,) = (event for event in live if isinstance(event, FiringWaits))
    child = await read(scene.platform, UUID(waits.key.removeprefix("child:")))
    assert waits.wait == "child"
    assert [event.value for event in child if isinstance(event, Emission)] == [42, 42]
    assert [event for event in live if not isinstance(event, Standing)] == await read(scene.platform, id)


async def test_large_values_are_told_by_name_and_size(scene: Scene) -> None:
    execution = await scene.run(line("toy.double"), n=1)
    large = await scene.run(graph({"n": "toy.input", "all": "toy.reads"}, ["n.result -> all.value"]), n="é" * 10_000)

    emissions = [event for event in await read(scene.platform, large.id) if isinstance(event, Emission)]
    assert [(event.value, event.large is not None and event.large.size) for event in emissions] == [(None, 20_002)]
    emissions = [event for event in await read(scene.platform, execution.id) if isinstance(event, Emission)]
    assert [(event.pin, event.value, event.large) for event in emissions] == [("value", 2, None), ("output", 2, None)]


async def test_a_failure_names_its_node_and_says_whether_it_was_caught(scene: Scene) -> None:
    failed = await scene.run(line("toy.crash"), n=1)
    handled = await scene.run(caught(), n=1)

    (event,) = (one for one in await read(scene.platform, failed.id) if isinstance(one, FiringFailed))
    assert (event.node_id, event.error["code"], event.caught) == ("it", "BLOCK_CRASHED", False)
    (event,) = (one for one in await read(scene.platform, handled.id) if isinstance(one, FiringFailed))
    assert (event.error["message"], event.caught) == ("0 is even", True)


async def test_the_status_is_told_when_it_changes_and_takes_no_number(scene: Scene) -> None:
    id = await scene.start(line("toy.ask"), n=1)
    seen: list[Event] = []

    async def until(status: ExecutionStatus) -> None:
        async with asyncio.timeout(20), aclosing(scene.platform.stream().follow(LOCAL_OWNER, id)) as followed:
            async for event in followed:
                seen.append(event)
                if isinstance(event, Standing) and event.status is status:
                    return

    await until(ExecutionStatus.QUEUED)
    assert [(event.seq, event.kind) for event in seen] == [(0, "execution_queued"), (0, "status")]
    async with scene.working():
        await until(ExecutionStatus.WAITING)
        assert [event.kind for event in seen if event.seq == 2 and not isinstance(event, Standing)] == ["firing_waits"]
        assert seen[-1].seq == 2
        await scene.cancel(id)
    assert not any(isinstance(event, Standing) for event in await follow(scene, id, _nothing))


async def test_another_users_execution_is_not_there(scene: Scene) -> None:
    execution = await scene.run(line("toy.double"), n=1)
    async with scene.platform.stream().database.transaction() as tx:
        assert await tx.scalar("SELECT count(*) FROM executions") == 0

    for user_id, id in ((uuid4(), execution.id), (LOCAL_OWNER, uuid4())):
        with pytest.raises(ExecutionNotFound, match=str(id)):
            await anext(scene.platform.stream().follow(user_id, id))
        with pytest.raises(ExecutionNotFound, match=str(id)):
            await scene.platform.stream().content(user_id, id)


async def test_a_number_that_was_not_reached_is_refused(scene: Scene) -> None:
    execution = await scene.run(line("toy.double"), n=1)
    last = (await read(scene.platform, execution.id))[-1].seq

    assert await read(scene.platform, execution.id, after=last) == []
    with pytest.raises(InvalidInput, match=f"the last event is {last}"):
        await read(scene.platform, execution.id, after=last + 1)


async def test_an_execution_that_ends_before_it_ran_has_a_beginning_and_an_end(scene: Scene) -> None:
    id = await scene.start(line("toy.double"), n=1)
    await scene.cancel(id)

    assert [event.kind for event in await read(scene.platform, id)] == [
        "execution_queued",
        "execution_closing",
        "execution_ended",
    ]


async def test_a_block_that_is_not_installed_any_more_is_told_of_by_the_numbers_of_its_pins(scene: Scene) -> None:
    execution = await scene.run(line("toy.double"), n=1)

    async with open_platform(scene.url, catalog=CATALOG.__class__([])) as other:
        emissions = [event for event in await read(other, execution.id) if isinstance(event, Emission)]

    assert [(event.label, event.pin, event.value) for event in emissions] == [("It", "0", 2), ("Y", "0", 2)]


async def test_the_end_of_what_nobody_runs_is_heard_from_another_process(scene: Scene) -> None:
    id = await scene.start(line("toy.ask"), n=1)
    async with scene.working():
        await scene.until(f"SELECT 1 FROM executions WHERE id = '{id}' AND status = 'waiting'")

    async with open_platform(scene.url, catalog=CATALOG, limits=ROOMY) as other, other.bus.subscribe(id) as told:
        while await told.wait(0.2):
            pass
        await scene.cancel(id)

        assert await told.wait(20)


async def test_work_that_one_process_queues_wakes_the_workers_of_another(scene: Scene) -> None:
    woken = asyncio.Event()

    async with open_platform(scene.url, catalog=CATALOG, limits=ROOMY) as other, other.engine():
        other.wakes.listeners.append(woken.set)
        async with asyncio.timeout(20):
            await woken.wait()  # it listens now
            await asyncio.sleep(0.1)
            woken.clear()
            await scene.start(line("toy.double"), n=1)
            await woken.wait()


async def test_a_look_reads_a_range_of_numbers_and_not_the_whole_execution(scene: Scene) -> None:
    id = await scene.start(stream(), n=2_000)
    async with scene.working():
        await follow(scene, id, _nothing)
    for statement in (statements._FIRINGS, statements._CHUNKS, statements._EVENTS, statements._LINES):
        async with scene.platform.database.transaction(LOCAL_OWNER) as tx:
            plan = await tx.raw.fetch(f"EXPLAIN ANALYZE {statement}", id, 3000, 3100, LOCAL_OWNER)
        text = "\n".join(row[0] for row in plan)

        assert "Seq Scan" not in text, text
        assert "Rows Removed by Filter: 1" not in text, text
        assert "seq" in text.partition("Index Cond:")[2].partition("\n")[0], text
