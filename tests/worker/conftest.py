"""A database for each test, programs that work on it, and graphs that can be held up."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from tests.db.conftest import home  # noqa: F401
from tests.engine.conftest import _quiet_world  # noqa: F401
from tests.engine.scene import Scene, graph
from tests.support.postgres import drop_database, fresh_database
from tests.worker.programs import Gate, Program, Programs, programs
from weft.assembly import open_platform
from weft.db.embedded.server import EmbeddedServer
from weft.executions.types import ExecutionId
from weft.graphs.types import GraphContent
from weft.sdk import Catalog

CATALOG = Catalog.load(testing=True)


def writer(path: Path, *, block: str = "testing.append_line", wait_ms: int = 0) -> GraphContent:
    """Return a graph that appends a line to a file after so long, and gives 7."""
    write = {"path": str(path), "value": 7, "wait_ms": wait_ms}
    return graph({"write": (block, write), "done": ("output.value", {"name": "done"})}, ["write.value -> done.value"])


@dataclass
class Town:
    """One database, whoever works on it, and what they are to do."""

    scene: Scene
    programs: Programs
    folder: Path
    serve: Program | None = None

    async def start(self, *, wait_ms: int = 0, block: str = "testing.append_line") -> ExecutionId:
        """Queue a graph that writes to `lines`."""
        return await self.scene.start(writer(self.folder / "lines", block=block, wait_ms=wait_ms))

    async def start_at(self, gate: Gate) -> ExecutionId:
        """Queue a graph that is held up at the gate."""
        return await self.scene.start(writer(gate.path))

    async def begun(self, *executions: UUID) -> None:
        """Return once the effects of all of them are under way."""
        ids = ", ".join(f"'{id}'" for id in executions)
        await self.scene.until(
            f"SELECT 1 FROM execution_events WHERE kind = 'intent' AND execution_id IN ({ids}) "
            f"HAVING count(DISTINCT execution_id) = {len(executions)}"
        )

    async def ended(self, *executions: UUID) -> list[str]:
        """Return the statuses of all of them, once all have ended."""
        ids = ", ".join(f"'{id}'" for id in executions)
        await self.scene.until(
            f"SELECT 1 FROM executions WHERE ended_at IS NOT NULL AND id IN ({ids}) HAVING count(*) = {len(executions)}"
        )
        return [str((await self.scene.get(id)).status) for id in executions]

    async def workers(self) -> list[tuple[str, int]]:
        """Return role and slots of all who are registered."""
        rows = await self.scene.fetch("SELECT role, slots FROM workers ORDER BY started_at")
        return [(row["role"], row["slots"]) for row in rows]


@pytest.fixture
async def town(postgres: EmbeddedServer, tmp_path: Path) -> AsyncIterator[Town]:
    url = await fresh_database(postgres)
    async with (
        open_platform(url, catalog=CATALOG, ttl_s=3) as platform,
        programs(tmp_path, WEFT_DATABASE_URL=url) as starter,
    ):
        yield Town(Scene(platform, url), starter, tmp_path)
    await drop_database(postgres, url)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(tmp_path)
    yield made
    made.close()
