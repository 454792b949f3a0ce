"""A worker process that is there to be killed: `python -m tests.engine.doomed URL`. Effects never get through."""

import asyncio
import sys

from tests.engine.toys import CATALOG, WORLD
from weft.assembly import open_platform
from weft.executions.limits import Limits
from weft.worker.worker import Worker


async def work(url: str) -> None:
    """Run what is queued until killed."""
    WORLD.gate.clear()
    async with (
        open_platform(url, catalog=CATALOG, limits=Limits(backoff_s=0.001), ttl_s=60) as platform,
        platform.engine() as parts,
        Worker(parts).running(),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
