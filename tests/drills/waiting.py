"""Ten thousand executions that wait, and the memory of the worker process that ran them all: `python -m tests.drills.waiting`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psutil

from tests.engine.scene import Scene
from tests.engine.test_recovery import ASK
from tests.engine.toys import CATALOG
from tests.support.postgres import fresh_database, running_server
from weft.assembly import open_platform
from weft.db.base import new_id

MANY = 10_000
MOST_BYTES = 1_000
"""For each that waits; a worker that kept what drives them would need many times as much."""
_COPIES = """
WITH e AS (INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, semantics, run_left_s)
        SELECT c.id, e.user_id, e.graph_id, e.version_id, e.graph_version, e.semantics, 600
        FROM executions e, unnest($2::uuid[]) AS c(id) WHERE e.id = $1 RETURNING id, user_id),
 d AS (INSERT INTO execution_data (execution_id, user_id, inputs, given, context)
        SELECT c.id, d.user_id, d.inputs, d.given, d.context
        FROM execution_data d, unnest($2::uuid[]) AS c(id) WHERE d.execution_id = $1)
SELECT count(enqueue_execution(id, user_id, false)) FROM e
"""
_NONE_BUT_WAITING = "SELECT WHERE NOT EXISTS (SELECT FROM executions WHERE status <> 'waiting')"


@asynccontextmanager
async def worker_process(url: str) -> AsyncIterator[psutil.Process]:
    """Lend a process that works until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.engine.doomed", url, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        await process.wait()


async def bytes_for_each(url: str) -> float:
    """Return by how many bytes a worker process grows with each execution that has come to wait."""
    async with open_platform(url, catalog=CATALOG) as platform:
        scene = Scene(platform, url)
        first = await scene.start(ASK, x=1)
        async with worker_process(url) as process:
            await _have_wait(scene, first, MANY // 10)  # what it needs for many at once it has by now
            before = process.memory_info().rss
            await _have_wait(scene, first, MANY)
            return (process.memory_info().rss - before) / MANY


async def _have_wait(scene: Scene, like: UUID, count: int) -> None:
    """Start as many executions like this one, and return when all that there are wait."""
    await scene.fetch(_COPIES, like, [new_id() for _ in range(count)])
    await scene.until(_NONE_BUT_WAITING, within_s=600)


def main() -> None:
    """Run the drill; exit code 1 if it found too much."""
    with running_server() as server:
        url = asyncio.run(fresh_database(server))
        found = asyncio.run(bytes_for_each(url))
    print(f"{MANY:,} executions that wait: {found:.0f} bytes of the worker's memory for each, {MOST_BYTES:,} at most")  # noqa: T201
    if found > MOST_BYTES:
        sys.exit(1)


if __name__ == "__main__":
    main()
