"""More is ready than may be: streams pause, and everything else still comes to its end."""

from dataclasses import replace

import pytest

from tests.engine.scene import Scene, graph
from weft.blocks.testing.generate import Generate
from weft.executions.limits import Limits
from weft.executions.types import ExecutionStatus

WIDTH = Limits().ready + Limits().parallel * 2
LENGTH = WIDTH * 5


@pytest.mark.slow
async def test_fan_wider_than_the_limit_of_ready_firings_ends(scene: Scene) -> None:
    leaves = [f"leaf{number}" for number in range(WIDTH)]
    content = graph(
        {"x": "toy.input", **dict.fromkeys(leaves, "toy.reads"), "all": "toy.collect", "y": "toy.output"},
        [
            *(f"x.result -> {leaf}.value" for leaf in leaves),
            *(f"{leaf}.value -> all.values" for leaf in leaves),
            "all.list -> y.value",
        ],
    )

    done = await scene.run(content, x=7)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [[7] * WIDTH]})


@pytest.mark.slow
@pytest.mark.parametrize("source", ["toy.count", "testing.generate"])
async def test_stream_longer_than_the_limit_of_ready_firings_ends(scene: Scene, source: str) -> None:
    catalog = scene.platform.catalog.with_blocks(Generate)
    widened = Scene(replace(scene.platform, catalog=catalog), scene.url)
    widened.platform.executions.catalog = catalog
    pin = "count" if source == "testing.generate" else "value"
    content = graph(
        {"x": "toy.input", "many": source, "r": "toy.reads", "all": "toy.collect", "y": "toy.output"},
        [f"x.result -> many.{pin}", "many.item -> r.value", "r.value -> all.values", "all.list -> y.value"],
    )

    done = await widened.run(content, x=LENGTH)

    assert (done.status, done.outputs) == (ExecutionStatus.COMPLETED, {"y": [list(range(LENGTH))]})
