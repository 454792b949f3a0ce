"""Expressions over the items of a list, and samples drawn by chance: what needs a firing's context."""

import random
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from tests.blocks.lending import lending_for
from weft.blocks.data.filter_list import FilterList
from weft.blocks.data.map_list import MapList
from weft.blocks.data.sample_list import SampleList
from weft.executions.context import FiringContext
from weft.files.memory import MemoryFileStore
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import Block, BlockError, Context

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ctx() -> AsyncIterator[Context]:
    async with GuardedClient() as client, await Sandbox.start() as sandbox:
        yield FiringContext(lending_for(MapList()), client, sandbox, MemoryFileStore())


async def emitted(block: Block, ctx: Context, **values: Any) -> dict[str, Any]:
    return dict([pair async for pair in block.run(block.Input(**values), ctx=ctx)])


async def test_a_filter_of_many_items_says_of_each_what_holds(ctx: Context) -> None:
    items = list(range(20_000))
    random.Random(1).shuffle(items)

    found = await emitted(FilterList(), ctx, list=items, expression="item % 3 == 0 and index >= 0")

    assert found["kept"] == [item for item in items if item % 3 == 0]
    assert found["rejected"] == [item for item in items if item % 3]


async def test_the_first_item_that_fails_is_named_among_many(ctx: Context) -> None:
    items = [1] * 5000
    items[3217] = items[4000] = 0

    with pytest.raises(BlockError, match=r"^at index 3217: the expression failed: ZeroDivisionError: .* \(line 2\)$"):
        await emitted(MapList(), ctx, list=items, expression="1 +\n6 / item")


async def test_items_too_large_for_one_call_of_the_sandbox_go_one_by_one(ctx: Context) -> None:
    items = [str(index) * 700_000 for index in range(4)]

    found = await emitted(MapList(), ctx, list=items, expression="item[0] + str(index)")

    assert found == {"list": ["00", "11", "22", "33"]}


async def test_results_that_would_fill_the_memory_are_refused(ctx: Context) -> None:
    with pytest.raises(BlockError, match=r"^the result would hold more than 67108864 characters$"):
        await emitted(MapList(), ctx, list=[0] * 1000, expression="'x' * 900_000")


async def test_an_expression_sees_nothing_but_its_item_and_the_values(ctx: Context) -> None:
    for name in ("items", "ctx", "values", "_weft"):
        with pytest.raises(BlockError, match="at index 0: "):
            await emitted(MapList(), ctx, list=[1], expression=f"{name}[0]", values={"limit": 1})


@pytest.mark.parametrize("expression", ["x = 1", "item)", "import os", "item\nreturn 1", "# nothing\n)"])
async def test_what_is_no_expression_is_refused(ctx: Context, expression: str) -> None:
    with pytest.raises(BlockError, match=r"^at index 0: the expression"):
        await emitted(FilterList(), ctx, list=[1, 2], expression=expression)


async def test_names_of_values_are_checked(ctx: Context) -> None:
    with pytest.raises(BlockError, match="'a b' is no name of a variable"):
        await emitted(MapList(), ctx, list=[1], expression="item", values={"a b": 1})


async def test_chance_takes_every_item_and_keeps_their_order(ctx: Context) -> None:
    seen = set()
    for seed in range(60):
        found = await emitted(SampleList(), ctx, list=["a", "b", "c", "d"], size=2, seed=seed)
        assert found["indices"] == sorted(set(found["indices"]))
        assert len(found["sample"]) == 2
        seen.update(found["sample"])

    assert seen == {"a", "b", "c", "d"}


async def test_a_sample_is_the_same_when_the_firing_runs_again() -> None:
    async def draw(index: int) -> Any:
        async with GuardedClient() as client, await Sandbox.start() as sandbox:
            context = FiringContext(lending_for(SampleList(), index=index), client, sandbox, MemoryFileStore())
            return await emitted(SampleList(), context, list=list(range(1000)), size=5)

    assert await draw(0) == await draw(0)
    assert await draw(0) != await draw(1)


@pytest.mark.parametrize(
    ("length", "size"), [(0, 3), (1, 1), (5, 2), (5, 4), (7, 3), (50, 7), (50, 50), (3, 60), (9, 0)]
)
async def test_a_sample_at_equal_distances_spreads_over_the_list(ctx: Context, length: int, size: int) -> None:
    found = await emitted(SampleList(), ctx, list=list(range(length)), size=size, method="every_nth")

    gaps = {b - a for a, b in pairwise([*found["indices"], length])}
    assert len(found["indices"]) == min(size, length)
    assert not gaps or max(gaps) - min(gaps) <= 1
