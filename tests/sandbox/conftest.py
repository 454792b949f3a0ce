from collections.abc import AsyncIterator

import pytest_asyncio

from weft.sandbox.limits import SandboxLimits
from weft.sandbox.service import Sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with await Sandbox.start(SandboxLimits(cpu_s=0.3)) as opened:
        yield opened
