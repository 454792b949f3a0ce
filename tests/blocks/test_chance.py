"""Chance stays in its bounds, reaches them, and is the same when a firing runs again."""

from typing import Any

from tests.blocks.lending import lending_for
from weft.blocks.logic.random_choice import RandomChoice
from weft.blocks.logic.random_number import RandomNumber
from weft.executions.context import FiringContext
from weft.files.memory import MemoryFileStore
from weft.net.client import GuardedClient
from weft.sandbox.service import Sandbox
from weft.sdk import Block, Context, Schema


async def draw(block: Block, given: Schema, times: int) -> list[Any]:
    async with GuardedClient() as client, await Sandbox.start() as sandbox:
        contexts = [
            FiringContext(lending_for(block, index=index), client, sandbox, MemoryFileStore()) for index in range(times)
        ]
        return [await first(block, given, context) for context in contexts]


async def first(block: Block, given: Schema, ctx: Context) -> Any:
    _, value = await anext(block.run(given, ctx=ctx))
    return value


async def test_whole_numbers_come_from_both_ends_and_between() -> None:
    drawn = await draw(RandomNumber(), RandomNumber.Input(low=1, high=3, whole=True), 100)

    assert set(drawn) == {1, 2, 3}


async def test_numbers_stay_between_the_farthest_bounds() -> None:
    drawn = await draw(RandomNumber(), RandomNumber.Input(low=-1.7e308, high=1.7e308), 100)

    assert all(-1.7e308 <= number <= 1.7e308 for number in drawn)
    assert min(drawn) < 0 < max(drawn)


async def test_every_item_is_drawn() -> None:
    drawn = await draw(RandomChoice(), RandomChoice.Input(items=["a", "b", "c"]), 100)

    assert set(drawn) == {"a", "b", "c"}


async def test_the_same_firing_draws_the_same() -> None:
    given = RandomNumber.Input(low=0, high=1)

    assert await draw(RandomNumber(), given, 5) == await draw(RandomNumber(), given, 5)
