"""Weft, measured through its service: graphs are saved, runs started and ended as the API does it.

One process holds the API's side and one worker, as the peers hold theirs; PostgreSQL is beside them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from uuid import UUID

from benchmarks.measure import NODES, SHAPES, Options, Recorded, main
from weft.assembly import Platform, open_platform
from weft.db.migrate import migrate
from weft.executions.loop import Ended
from weft.executions.types import ExecutionStatus
from weft.graphs.documents import parse_document
from weft.graphs.service import create_graph, save_graph
from weft.graphs.types import GraphVersion
from weft.sdk import Catalog
from weft.sdk.builder import GraphBuilder, GraphNode
from weft.users.types import LOCAL_OWNER
from weft.worker.worker import Worker

NO_OP = "testing.noop"
NO_OP_WITH_EFFECT = "testing.noop_effect"
COLLECT = "flow.collect"


def chain(builder: GraphBuilder, block: str) -> None:
    """Add `NODES` no-op nodes one after the other."""
    last: GraphNode | None = None
    for number in range(NODES):
        node = builder.add(block, f"n{number}", value=1) if last is None else builder.add(block, f"n{number}")
        if last is not None:
            builder.link(last["value"], node["value"])
        last = node


def fan(builder: GraphBuilder) -> None:
    """Add one node, `NODES` side by side behind it, and one that collects what they yield."""
    first = builder.add(NO_OP, "split", value=1)
    last = builder.add(COLLECT, "collect")
    for number in range(NODES):
        arm = builder.add(NO_OP, f"arm{number}")
        builder.link(first["value"], arm["value"])
        builder.link(arm["value"], last["values"])


class Weft:
    """An open platform and a running worker, with a saved version of each graph."""

    version = version("weft")
    does = (
        "every firing with its inputs and emissions, the execution's status, its claim and lease; with effects also"
        " each intent, durable before the block runs"
    )
    shapes = tuple(SHAPES)
    modes = ("journal",)

    def __init__(self, platform: Platform, versions: Mapping[str, GraphVersion]) -> None:
        self._platform = platform
        self._versions = versions
        self._ends: dict[UUID, asyncio.Future[None]] = {}
        self._last: UUID | None = None

    def ended(self, execution_id: UUID, how: Ended) -> None:
        """Take note that the worker is done with an execution; what it wrote is durable by then."""
        end = self._ends[execution_id]
        if how is Ended.FINISHED:
            end.set_result(None)
        else:
            end.set_exception(AssertionError(f"execution {execution_id} was {how}"))

    async def run(self, shape: str, mode: str) -> None:  # noqa: ARG002  (it has one mode)
        """Start a run and return once its worker has reported the end, which is durable by then."""
        platform = self._platform
        async with platform.database.transaction(LOCAL_OWNER) as tx:
            execution_id = await platform.executions.start(tx, LOCAL_OWNER, version=self._versions[shape], inputs={})
            end = self._ends[execution_id] = asyncio.get_running_loop().create_future()
        await end
        del self._ends[execution_id]
        self._last = execution_id

    async def look(self) -> None:
        """Read the terminal status from the database."""
        async with self._platform.database.transaction(LOCAL_OWNER) as tx:
            status = await tx.scalar("SELECT status FROM executions WHERE id = :id", {"id": self._last})
        assert status == ExecutionStatus.COMPLETED, f"execution {self._last} ended as {status}"

    async def recorded(self) -> Recorded:
        """Count completed executions, and completed firings of their nodes."""
        async with self._platform.database.transaction(LOCAL_OWNER) as tx:
            executions = await tx.scalar("SELECT count(*) FROM executions WHERE status = 'completed'")
            nodes = await tx.scalar("SELECT count(*) FROM node_executions WHERE status = 'completed'")
        return Recorded(executions, nodes)


async def save_all(platform: Platform) -> dict[str, GraphVersion]:
    """Save one graph per shape and return the versions."""
    versions = {}
    for shape in SHAPES:
        builder = GraphBuilder(shape, catalog=platform.catalog)
        if shape == "fan":
            fan(builder)
        else:
            chain(builder, NO_OP if shape == "chain" else NO_OP_WITH_EFFECT)
        content = parse_document(builder.to_bytes())
        async with platform.database.transaction(LOCAL_OWNER) as tx:
            graph = await create_graph(tx, content, LOCAL_OWNER, catalog=platform.catalog)
            versions[shape] = await save_graph(tx, graph.id, LOCAL_OWNER)
    return versions


@asynccontextmanager
async def open_weft(options: Options) -> AsyncIterator[Weft]:
    """Measure Weft."""
    await migrate(options.url)
    async with open_platform(options.url, catalog=Catalog.load(testing=True)) as platform, platform.engine() as parts:
        weft = Weft(platform, await save_all(platform))
        worker = Worker(parts, slots=options.at_once, on_end=weft.ended)
        platform.wakes.listeners.append(worker.wake)
        async with worker.running():
            yield weft


if __name__ == "__main__":
    main(open_weft)
