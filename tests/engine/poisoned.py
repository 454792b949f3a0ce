"""A worker process with blocks that may end it: `python -m tests.engine.poisoned URL`."""

import asyncio
import sys

from tests.engine.stuck import QUICK, STUCK
from weft.assembly import open_platform
from weft.worker.worker import Worker


async def work(url: str) -> None:
    """Run what is queued until killed."""
    async with (
        open_platform(url, catalog=STUCK, limits=QUICK, ttl_s=60) as platform,
        platform.engine() as parts,
        Worker(parts).running(),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
