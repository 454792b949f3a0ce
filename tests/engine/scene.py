"""What the engine's tests do: save a graph, start it, work, look."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.engine.toys import TIGHT
from tests.support.postgres import Server, drop_database, fresh_database
from weft.assembly import Platform, open_platform
from weft.executions.loop import Ended
from weft.executions.types import Execution, ExecutionId
from weft.graphs.service import remember_file
from weft.graphs.types import GraphContent, GraphVersion, Link, Node, Policy
from weft.users.types import LOCAL_OWNER
from weft.worker.worker import Worker


def graph(nodes: Mapping[str, Any], links: list[str], *, policies: Mapping[str, Policy] | None = None) -> GraphContent:
    """Return a graph from `{id: block or (block, defaults)}` and links such as `"a.value -> b.value"`."""
    made = []
    for id, entry in nodes.items():
        block, defaults = (entry, {}) if isinstance(entry, str) else entry
        if block in ("toy.input", "toy.output"):
            defaults = {"name": id, **defaults}
        policy = (policies or {}).get(id, Policy())
        made.append(Node(id=id, block_id=block, label=id.title(), input_default=defaults, policy=policy))
    wires = []
    for number, text in enumerate(links):
        static = "=>" in text
        source, sink = (end.strip() for end in text.split("=>" if static else "->"))
        source_id, source_name = source.split(".", 1)
        sink_id, sink_name = sink.split(".", 1)
        wires.append(
            Link(
                id=f"l{number}",
                source_id=source_id,
                source_name=source_name,
                sink_id=sink_id,
                sink_name=sink_name,
                is_static=static,
            )
        )
    return GraphContent(name="test", nodes=tuple(made), links=tuple(wires))


@dataclass
class Scene:
    """A platform, the address of its database, and its local owner."""

    platform: Platform
    url: str

    async def save(self, content: GraphContent, *, key: str = "test.json") -> GraphVersion:
        """Save a graph as the owner's."""
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            return await remember_file(
                tx, LOCAL_OWNER, source="test", key=key, content=content, catalog=self.platform.catalog
            )

    async def start(self, content: GraphContent, **inputs: Any) -> ExecutionId:
        """Save and queue a graph."""
        version = await self.save(content)
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            return await self.platform.executions.start(tx, LOCAL_OWNER, version=version, inputs=inputs)

    async def get(self, execution_id: UUID) -> Execution:
        """Look at an execution."""
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            return await self.platform.executions.get(tx, LOCAL_OWNER, execution_id)

    async def cancel(self, execution_id: UUID) -> str:
        """Cancel an execution."""
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            return await self.platform.executions.cancel(tx, LOCAL_OWNER, execution_id)

    async def answer(self, execution_id: UUID, key: str, data: Any) -> None:
        """Answer a wait."""
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            await self.platform.executions.answer(tx, LOCAL_OWNER, execution_id, wait_key=key, data=data)

    @asynccontextmanager
    async def working(self, **options: Any) -> AsyncIterator["Crew"]:
        """Have a worker run for the length of the block."""
        async with self.platform.engine() as parts:
            crew = Crew(asyncio.Event(), {})
            worker = Worker(parts, on_end=crew.ended, **options)
            crew.worker = worker
            self.platform.wakes.listeners.append(worker.wake)
            async with worker.running():
                yield crew
            self.platform.wakes.listeners.remove(worker.wake)

    async def run(self, content: GraphContent, **inputs: Any) -> Execution:
        """Start a graph, work until it ended or waits for somebody, and look."""
        execution_id = await self.start(content, **inputs)
        async with self.working() as crew:
            await crew.until(execution_id, Ended.FINISHED)
        return await self.get(execution_id)

    async def until(self, query: str, *, within_s: float = 60) -> None:
        """Return once the query finds something."""
        async with asyncio.timeout(within_s):
            while not await self.fetch(query):
                await asyncio.sleep(0.005)

    async def kill_a_worker_when(self, query: str, *, program: str = "tests.engine.doomed") -> None:
        """Have a worker process run, with every effect held up, and kill -9 it once the query finds something."""
        tight = ["tight"] if self.platform.limits == TIGHT else []
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", program, self.url, *tight)
        try:
            await self.until(query)
        finally:
            process.kill()
            await process.wait()

    async def fetch(self, statement: str, *args: Any) -> list[Any]:
        """Read anything as the engine's role."""
        async with self.platform.engine_database.transaction() as tx:
            return list(await tx.raw.fetch(statement, *args))


@asynccontextmanager
async def fresh_scene(server: Server, *, ttl_s: float = 5, **options: Any) -> AsyncIterator[Scene]:
    """A platform on a database of its own, which is dropped at the end; `options` are those of `open_platform`."""
    url = await fresh_database(server)
    try:
        async with open_platform(url, ttl_s=ttl_s, **options) as platform:
            yield Scene(platform, url)
    finally:
        await drop_database(server, url)


@dataclass
class Crew:
    """A worker, and how its executions ended."""

    changed: asyncio.Event
    ends: dict[UUID, Ended]
    worker: Worker | None = None

    def ended(self, execution_id: UUID, how: Ended) -> None:
        """Note an end."""
        self.ends[execution_id] = how
        self.changed.set()

    async def until(self, execution_id: UUID, *how: Ended) -> Ended:
        """Return when the execution is no longer driven, in one of these ways."""
        async with asyncio.timeout(60):
            while self.ends.get(execution_id) not in how:
                self.changed.clear()
                await self.changed.wait()
        return self.ends[execution_id]
