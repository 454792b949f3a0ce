from collections.abc import AsyncIterator

import pytest

from tests.net.servers import World, open_world
from weft.net import GuardedClient


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as opened:
        yield opened


@pytest.fixture
async def client(world: World) -> AsyncIterator[GuardedClient]:
    async with GuardedClient(world.policy, world.resolver) as opened:
        yield opened
