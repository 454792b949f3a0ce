"""A worker process that is there to be killed: `python -m tests.engine.doomed URL [tight]`. Effects never get through."""

import asyncio
import sys

from tests.engine.toys import CATALOG, ROOMY, TIGHT, WORLD
from weft.assembly import open_platform
from weft.executions.limits import Limits
from weft.worker.worker import Worker


async def work(url: str, limits: Limits) -> None:
    """Run what is queued until killed."""
    WORLD.gate.clear()
    async with (
        open_platform(url, catalog=CATALOG, limits=limits, ttl_s=60) as platform,
        platform.engine() as parts,
        Worker(parts).running(),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], TIGHT if "tight" in sys.argv else ROOMY))
