"""How much one execution may use, and what it is told when it wants more."""

from dataclasses import replace

import pytest

from tests.engine.scene import Scene, graph
from tests.engine.test_running import LINE, STREAM
from tests.engine.toys import ROOMY
from weft.errors import InvalidInput
from weft.executions.limits import Limits
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent

PASS = graph(
    {"x": "toy.input", "a": "toy.reads", "b": "toy.reads", "y": "toy.output"},
    ["x.result -> a.value", "a.value -> b.value", "b.value -> y.value"],
)


@pytest.mark.parametrize(
    ("limits", "content", "code"),
    [
        (replace(ROOMY, firings=30), STREAM, "TOO_MANY_FIRINGS"),
        (replace(ROOMY, firings=1), LINE, "TOO_MANY_FIRINGS"),
        (replace(ROOMY, emissions=60), STREAM, "TOO_MANY_EMISSIONS"),
        (replace(ROOMY, emissions=1), LINE, "TOO_MANY_EMISSIONS"),
        (replace(ROOMY, execution_bytes=200), STREAM, "TOO_MANY_BYTES"),
        (replace(ROOMY, execution_bytes=5), PASS, "TOO_MANY_BYTES"),
    ],
    indirect=["limits"],
)
async def test_execution_that_wants_too_much_fails_with_a_sentence(
    scene: Scene, limits: Limits, content: GraphContent, code: str
) -> None:
    done = await scene.run(content, x=100)

    assert done.error is not None
    assert (done.status, done.error.code) == (ExecutionStatus.FAILED, code)
    assert any(
        str(number) in done.error.message for number in (limits.firings, limits.emissions, limits.execution_bytes)
    )


@pytest.mark.parametrize("limits", [replace(ROOMY, value_bytes=100)], indirect=True)
async def test_value_that_is_too_large_fails_the_firing_that_made_it(scene: Scene) -> None:
    content = graph(
        {"x": "toy.input", "all": "toy.collect", "y": "toy.output"}, ["x.result -> all.values", "all.list -> y.value"]
    )

    done = await scene.run(content, x="w" * 98)

    assert done.error is not None
    assert (done.error.code, done.error.node_id) == ("VALUE_TOO_LARGE", "all")
    with pytest.raises(InvalidInput, match="input 'x': a value holds 101 bytes of JSON, 100 are allowed"):
        await scene.start(content, x="w" * 99)
