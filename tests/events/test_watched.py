"""What a table shows of an execution that another process runs is what its record says."""

from dataclasses import replace

import pytest

from tests.engine.scene import Scene
from tests.engine.toys import WORLD
from tests.events.reading import read
from tests.events.test_stream import SHAPES, follow
from weft.cli.event_lines import line_of
from weft.executions.stream_events import FiringWaits, Standing
from weft.local.progress import Stage, final_progress, given_inputs
from weft.local.watching import Watched
from weft.users.types import LOCAL_OWNER


@pytest.mark.parametrize("name", ["chain", "fan", "stream", "retries", "nap", "person", "failure", "caught"])
async def test_the_nodes_of_an_ended_execution_are_those_of_its_record(scene: Scene, name: str) -> None:
    shape = SHAPES[name]
    WORLD.trouble = list(shape.trouble)
    id = await scene.start(shape.content, n=shape.n)
    async with scene.working():
        await follow(scene, id, shape.act)
    execution = await scene.get(id)
    content = await scene.platform.stream().content(LOCAL_OWNER, id)
    given = given_inputs(execution, content, scene.platform.catalog)
    watched = Watched(content, given)

    for event in await read(scene.platform, id):
        watched.take(event)

    told = [replace(node, duration_ms=None) for node in watched.nodes()]
    assert told == [replace(node, duration_ms=None) for node in final_progress(execution, content, given)]


async def test_a_node_that_waits_is_shown_so_and_goes_on_with_its_answer(scene: Scene) -> None:
    id = await scene.start(SHAPES["person"].content, n=1)
    async with scene.working():
        events = await follow(scene, id, SHAPES["person"].act)
    watched = Watched(await scene.platform.stream().content(LOCAL_OWNER, id), frozenset({"n"}))
    stages = []

    for event in events:
        watched.take(event)
        stages.append(watched.nodes()[1].stage)

    waits = next(at for at, event in enumerate(events) if isinstance(event, FiringWaits))
    assert Stage.RUNNING in stages[:waits]
    assert stages[waits] is Stage.WAITING
    assert stages[-1] is Stage.COMPLETED


@pytest.mark.parametrize("name", SHAPES)
async def test_every_event_has_words_on_one_line(scene: Scene, name: str) -> None:
    shape = SHAPES[name]
    WORLD.trouble = list(shape.trouble)
    id = await scene.start(shape.content, n=shape.n)
    async with scene.working():
        events = await follow(scene, id, shape.act)

    lines = [line_of(event).plain for event in events]

    assert all("\n" not in line and len(line.strip()) > 3 for line in lines)
    assert [line.strip().isdigit() for line in (text[:6] for text in lines)] == [
        not isinstance(event, Standing) for event in events
    ]
