"""Every block of the library does what its examples say, and its examples leave nothing out."""

import pytest

from tests.blocks.library import BLOCKS
from weft.cli.example_context import LendExample
from weft.sdk import Block, Example
from weft.sdk.checking import check_example, coverage

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = [
    pytest.param(block, example, id=f"{block.id}-{place}")
    for block in BLOCKS
    for place, example in enumerate(block.examples, start=1)
]


@pytest.mark.parametrize(("block", "example"), EXAMPLES)
async def test_block_does_what_its_examples_say(block: Block, example: Example, lend: LendExample) -> None:
    await check_example(block, example, lend=lend)


@pytest.mark.parametrize("block", [pytest.param(block, id=block.id) for block in BLOCKS if block.runs])
async def test_examples_reach_every_pin_and_every_error(block: Block, lend: LendExample) -> None:
    found = await coverage(block, lend=lend)

    assert found.uncovered_pins == ()
    assert [str(site) for site in found.uncovered_errors] == []
