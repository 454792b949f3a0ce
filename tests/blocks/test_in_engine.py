"""The engine gives the same values as the examples say: one run in which each example is a node."""

from collections import defaultdict
from typing import Any

import pytest

from tests.blocks.library import BLOCKS
from tests.engine.scene import Scene
from tests.support.postgres import drop_database, fresh_database
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.errors import WeftError
from weft.executions.types import Execution
from weft.graphs.documents import content_from
from weft.graphs.types import GraphContent
from weft.sdk import Block, BlockType, Catalog, Example
from weft.sdk.builder import GraphBuilder

CATALOG = Catalog(BLOCKS)


def examples() -> list[tuple[str, Block, Example]]:
    """Return what a run can do by itself: no network, no waiting, no clock, no end of everything, nothing to gather.

    The engine does not run INPUT blocks, it takes their values; so these cannot fail there.
    """
    return [
        (f"{block.id} {place}", block, example)
        for block in BLOCKS
        for place, example in enumerate(block.examples, start=1)
        if block.spec.block_type is not BlockType.OUTPUT
        and not (block.spec.block_type is BlockType.INPUT and example.raises)
        and not any(pin.collecting for pin in block.spec.inputs.values())
        and not (example.http or example.waits or isinstance(example.raises, type))
        and not block.id.startswith("time.current_")
    ]


def graph_of_examples() -> GraphContent:
    graph = GraphBuilder("examples", catalog=CATALOG)
    for name, block, example in examples():
        values = example.data
        if block.spec.block_type is BlockType.INPUT:
            values = {"value": None} | values | {"name": name}
        node = graph.add(block, name, inputs=values)
        for pin in block.spec.outputs:
            graph.output(f"{name} {pin}", node[pin])
    return content_from(graph.to_document())


def expected() -> dict[str, list[Any]]:
    found = defaultdict(list)
    for name, block, example in examples():
        for pin, value in example.emits:
            adapter = block.spec.outputs[pin].adapter
            found[f"{name} {pin}"].append(adapter.dump_python(adapter.validate_python(value), mode="json"))
        if isinstance(example.raises, WeftError):
            found[f"{name} error"].append(example.raises.message)
    return dict(found)


@pytest.mark.slow
async def test_each_example_does_the_same_in_the_engine(postgres: EmbeddedServer) -> None:
    url = await fresh_database(postgres)
    async with open_platform(url, catalog=CATALOG) as platform:
        run: Execution = await Scene(platform, url).run(graph_of_examples())
    await drop_database(postgres, url)

    assert run.error is None
    assert {name: values for name, values in run.outputs.items() if values} == expected()
