"""Weft in one process, for measuring: graphs are saved, runs started and awaited, and what was kept is counted.

The process holds the API's side and one worker, as the peers hold theirs; PostgreSQL is beside it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from benchmarks.measure import Recorded
from weft.assembly import Platform, open_platform
from weft.db.migrate import migrate
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.documents import parse_document
from weft.graphs.service import create_graph, save_graph
from weft.graphs.types import GraphVersion
from weft.sdk import Block, Catalog
from weft.sdk.builder import GraphBuilder, GraphNode
from weft.users.types import LOCAL_OWNER
from weft.worker.worker import Worker

NO_OP = "testing.noop"


class Runs:
    """An open platform with a running worker."""

    def __init__(self, platform: Platform) -> None:
        self.catalog = platform.catalog
        self.platform = platform
        self._ends: dict[UUID, asyncio.Future[None]] = {}

    def ended(self, execution_id: UUID, how: Ended) -> None:
        """Take note that the worker is done with an execution; what it wrote is durable by then.

        What an execution calls is not waited for here, nor one that waits for what it called.
        """
        end = self._ends.get(execution_id)
        if end is None or how is Ended.PARKED:
            return
        if how is Ended.FINISHED:
            end.set_result(None)
        else:
            end.set_exception(AssertionError(f"execution {execution_id} was {how}"))

    async def save(self, builder: GraphBuilder) -> GraphVersion:
        """Save the graph and return its version."""
        return await save(self.platform, builder)

    async def run(self, version: GraphVersion, inputs: Mapping[str, Any] | None = None) -> UUID:
        """Start a run; return its id once its worker has reported the end, which is durable by then."""
        platform = self.platform
        async with platform.database.transaction(LOCAL_OWNER) as tx:
            execution_id = await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs=inputs or {})
            end = self._ends[execution_id] = asyncio.get_running_loop().create_future()
        await end
        del self._ends[execution_id]
        return execution_id

    async def look(self, execution_id: UUID) -> None:
        """Read the terminal status from the database."""
        async with self.platform.database.transaction(LOCAL_OWNER) as tx:
            status = await tx.scalar("SELECT status FROM executions WHERE id = :id", {"id": execution_id})
        assert status == ExecutionStatus.COMPLETED, f"execution {execution_id} ended as {status}"

    async def recorded(self) -> Recorded:
        """Count completed executions, and completed firings of their nodes."""
        return await recorded(self.platform)


async def save(platform: Platform, builder: GraphBuilder) -> GraphVersion:
    """Save the graph and return its version."""
    content = parse_document(builder.to_bytes())
    async with platform.database.transaction(LOCAL_OWNER) as tx:
        graph = await create_graph(tx, content, LOCAL_OWNER, catalog=platform.catalog)
        return await save_graph(tx, graph.id, LOCAL_OWNER)


async def recorded(platform: Platform) -> Recorded:
    """Count completed executions, and completed firings of their nodes."""
    async with platform.database.transaction(LOCAL_OWNER) as tx:
        executions = await tx.scalar("SELECT count(*) FROM executions WHERE status = 'completed'")
        nodes = await tx.scalar("SELECT count(*) FROM node_executions WHERE status = 'completed'")
    return Recorded(executions, nodes)


def chain(builder: GraphBuilder, length: int, block: str = NO_OP) -> GraphNode:
    """Add no-op nodes one after the other, the first of which holds a value; return the last one."""
    last = builder.add(block, "n0", value=1)
    for number in range(1, length):
        node = builder.add(block, f"n{number}")
        builder.link(last["value"], node["value"])
        last = node
    return last


@asynccontextmanager
async def open_runs(
    url: str, *, slots: int | None = None, blocks: Sequence[type[Block]] = (), schema: str = "public"
) -> AsyncIterator[Runs]:
    """Open Weft on an empty database for the length of the block, with a worker of `slots`, else as many as by default.

    Args:
        url: The database.
        slots: Most executions at once.
        blocks: What graphs may use beside the blocks that there are.
        schema: Holds the tables; they are made in it.
    """
    await migrate(url, schema=schema)
    catalog = Catalog.load(testing=True).with_blocks(*blocks)
    async with open_platform(url, schema=schema, catalog=catalog) as platform, platform.engine() as parts:
        runs = Runs(platform)
        worker = Worker(parts, slots=slots, on_end=runs.ended)
        platform.wakes.listeners.append(worker.wake)
        async with worker.running():
            yield runs
