"""A countdown that is repeated waits anew after each message."""

from typing import Any

import pytest

from weft.blocks.time.countdown import Countdown
from weft.cli.example_context import NOW, LendExample
from weft.sdk import Emissions, Example, Wait

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def drain(emissions: Emissions) -> tuple[list[Any], Wait | None]:
    found = []
    try:
        async for pin, value in emissions:
            found.append((pin, value))
    except Wait as wait:
        return found, wait
    return found, None


async def test_each_message_is_sent_after_a_wait_of_its_own(lend: LendExample) -> None:
    block = Countdown()
    input = Countdown.Input(input_message="stand up", minutes=30, repeat=3)
    async with lend(block, Example(input)) as ctx:
        emitted, wait = await drain(block.run(input, ctx=ctx))
        lengths = []
        while wait is not None:
            assert wait.until is not None
            lengths.append(wait.until - NOW)
            more, wait = await drain(block.on_answer(input, wait.state, None, ctx=ctx))
            emitted += more

    assert lengths == [input.length] * 3
    assert emitted == [("output_message", "stand up")] * 3
