"""One sandbox for all blocks of a module."""

from collections.abc import AsyncIterator

import pytest_asyncio

from weft.cli.example_context import LendExample, example_lender
from weft.sandbox.service import Sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lend() -> AsyncIterator[LendExample]:
    async with await Sandbox.start() as sandbox:
        yield example_lender(sandbox)
