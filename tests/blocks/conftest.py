"""One sandbox for all blocks of a module."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest_asyncio

from tests.blocks.lending import lender
from weft.sandbox.service import Sandbox
from weft.sdk import Block, Context, Example

Lend = Callable[[Block, Example], AbstractAsyncContextManager[Context]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lend() -> AsyncIterator[Lend]:
    async with await Sandbox.start() as sandbox:
        yield lender(sandbox)
