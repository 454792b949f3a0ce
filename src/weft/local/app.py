"""`App`: Weft, opened in an event loop; it runs graphs, and goes on with those that wait."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any
from uuid import UUID

from weft.assembly import Platform, open_installation
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.service import Executions
from weft.executions.types import Execution, ExecutionStatus
from weft.graphs.service import get_graph, get_version
from weft.graphs.types import GraphContent, GraphVersion
from weft.local.answering import give_answer
from weft.local.driving import Driver, drive_to_end, driving
from weft.local.graphs import BlockLike, GivenGraph, GraphLike, read_graph, with_blocks
from weft.local.inputs import plain, plain_inputs
from weft.local.loops import in_good_order
from weft.local.result import Result
from weft.local.saving import remember
from weft.local.sources import GraphFile, require_runnable
from weft.local.transactions import in_transaction
from weft.logs import lead_to_logging
from weft.sdk import Block, Catalog
from weft.settings import Settings
from weft.users.types import LOCAL_OWNER


@dataclass(frozen=True, slots=True)
class Request:
    """One run that a program asks for, read and checked as far as no database is needed."""

    graph: GivenGraph
    inputs: Mapping[str, Any]
    wait: bool = False
    timeout_s: float | None = None

    @classmethod
    def of(
        cls,
        graph: GraphLike,
        inputs: Mapping[str, Any] | None,
        named: Mapping[str, Any],
        *,
        blocks: Iterable[BlockLike],
        wait: bool,
        timeout_s: float | None,
    ) -> "Request":
        """Return the request.

        Raises:
            InvalidInput: The graph, an input or the time is none; the message names the place.
        """
        if timeout_s is not None and not timeout_s > 0:
            raise InvalidInput(f"timeout_s is a number of seconds above 0, not {timeout_s!r}", place="timeout_s")
        return cls(read_graph(graph, blocks), plain_inputs(inputs, named), wait, timeout_s)


@dataclass(slots=True)
class _Lane:
    """A worker that knows blocks beyond the catalog, while runs need it."""

    opened: AbstractAsyncContextManager[Driver]
    driver: Driver
    users: int = 0


class App:
    """Weft, opened by `weft.open`: a database, and a worker that runs what is asked for here, side by side.

    Everything acts as the local owner, like the command line: what ran here stands in `weft executions`.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._lanes: dict[frozenset[type[Block]], _Lane] = {}
        self._changing_lanes = asyncio.Lock()

    async def run(
        self,
        graph: GraphLike,
        inputs: Mapping[str, Any] | None = None,
        /,
        *,
        wait: bool = False,
        timeout_s: float | None = None,
        blocks: Sequence[BlockLike] = (),
        **named: Any,
    ) -> Result:
        """Run a graph and return how it ended, or what it waits for; `weft.run` has the details.

        Raises:
            InvalidInput: Graph, input or option is wrong; nothing was started.
            NotFound: There is no graph with this id.
            DatabaseUnreachable: The database was lost and did not come back; `weft resume` goes on.
        """
        return await self.fulfil(Request.of(graph, inputs, named, blocks=blocks, wait=wait, timeout_s=timeout_s))

    async def fulfil(self, request: Request) -> Result:
        """Run what is asked for. When the caller is cancelled, the run is cancelled durably first."""
        asked = asyncio.Event()
        return await in_good_order(asyncio.ensure_future(self._run(request, asked)), ask=asked.set)

    async def result(self, execution_id: UUID) -> Result:
        """Return how an execution stands, whoever runs it.

        Raises:
            NotFound: There is none.
        """
        platform = self._driver.platform
        return await in_transaction(platform, lambda tx: _read(tx, platform, execution_id))

    async def resume(self, execution_id: UUID, *, wait: bool = False, timeout_s: float | None = None) -> Result:
        """Go on with an execution whose process is gone, or wait for the end of one that runs elsewhere.

        Raises:
            NotFound: There is none.
        """
        seen = await self.result(execution_id)
        asked = asyncio.Event()
        work = self._drive(self._driver, execution_id, seen.content, asked, wait=wait, timeout_s=timeout_s)
        return await in_good_order(asyncio.ensure_future(work), ask=asked.set)

    async def answer(
        self,
        execution_id: UUID,
        data: Any,
        *,
        key: str | None = None,
        wait: bool = False,
        timeout_s: float | None = None,
    ) -> Result:
        """Answer a step that waits for a person, and go on to the end or to the next such step.

        Args:
            execution_id: Which execution.
            data: The answer.
            key: Which wait of it, as `result.waiting` names them; needed where there are several.
            wait: Go on waiting when only a person can go on.
            timeout_s: As for `run`.

        Raises:
            NotFound: There is no such execution.
            Conflict: It has ended.
            InvalidInput: It waits for no answer, or not for this one; nothing was changed.
        """
        platform, value = self._driver.platform, plain(data, place="the answer")
        await in_transaction(platform, lambda tx: give_answer(platform, tx, execution_id, value, key=key))
        return await self.resume(execution_id, wait=wait, timeout_s=timeout_s)

    async def read_graph(self, graph_id: UUID) -> tuple[GraphContent, Catalog]:
        """Return the draft of a saved graph, and the blocks there are.

        Raises:
            NotFound: There is none.
        """
        platform = self._driver.platform
        return await in_transaction(platform, lambda tx: get_graph(tx, graph_id, LOCAL_OWNER)), platform.catalog

    async def close(self) -> None:
        """Close what runs with blocks of their own opened; the rest belongs to `weft.open`."""
        while self._lanes:
            _, lane = self._lanes.popitem()
            await lane.opened.__aexit__(None, None, None)

    async def _run(self, request: Request, asked: asyncio.Event) -> Result:
        async with self._driver_with(request.graph.blocks) as driver:
            platform = driver.platform
            graph = request.graph.read(platform.catalog)
            if isinstance(graph, GraphFile):
                require_runnable(graph, platform.catalog)

            async def start(tx: Transaction) -> tuple[UUID, GraphContent]:
                version = await _version(tx, graph, platform.catalog)
                id = await platform.executions.start(tx, LOCAL_OWNER, version=version, inputs=request.inputs)
                return id, version.content

            execution_id, content = await in_transaction(platform, start)
            return await self._drive(
                driver, execution_id, content, asked, wait=request.wait, timeout_s=request.timeout_s
            )

    async def _drive(
        self,
        driver: Driver,
        execution_id: UUID,
        content: GraphContent,
        asked: asyncio.Event,
        *,
        wait: bool,
        timeout_s: float | None,
    ) -> Result:
        clock = asyncio.get_running_loop()
        ends_at = None if timeout_s is None else clock.call_later(timeout_s, asked.set)
        driver.take(execution_id)
        try:
            execution = await drive_to_end(driver, execution_id, content, asked=asked, wait=wait)
        finally:
            driver.leave(execution_id)
            if ends_at is not None:
                ends_at.cancel()
        is_over = ends_at is not None and clock.time() >= ends_at.when()
        is_cancelled = execution.status is ExecutionStatus.CANCELLED
        return Result(execution, content, driver.platform.catalog, timed_out=is_over and is_cancelled)

    @asynccontextmanager
    async def _driver_with(self, blocks: Sequence[Block]) -> AsyncIterator[Driver]:
        """Lend a driver whose catalog has these blocks too."""
        platform = self._driver.platform
        catalog = with_blocks(platform.catalog, blocks)
        if catalog is platform.catalog:
            yield self._driver
            return
        kinds = frozenset(type(block) for block in blocks)
        async with self._changing_lanes:
            lane = self._lanes.get(kinds)
            if lane is None:
                executions = Executions(catalog, platform.limits, platform.wakes)
                opened = _driving(replace(platform, catalog=catalog, executions=executions))
                lane = self._lanes[kinds] = _Lane(opened, await opened.__aenter__())
            lane.users += 1
        try:
            yield lane.driver
        finally:
            async with self._changing_lanes:
                lane.users -= 1
                if not lane.users and self._lanes.pop(kinds, None) is not None:
                    await lane.opened.__aexit__(None, None, None)


def _driving(platform: Platform) -> AbstractAsyncContextManager[Driver]:
    return driving(platform, slots=platform.limits.executions)


async def _version(tx: Transaction, graph: GraphFile | UUID, catalog: Catalog) -> GraphVersion:
    if isinstance(graph, UUID):
        return await get_version(tx, graph, LOCAL_OWNER)
    return await remember(tx, graph, catalog)


async def _read(tx: Transaction, platform: Platform, execution_id: UUID) -> Result:
    found: Execution = await platform.executions.get(tx, LOCAL_OWNER, execution_id)
    version = await get_version(tx, found.graph_id, LOCAL_OWNER, version=found.graph_version)
    return Result(found, version.content, platform.catalog)


def load_settings(home: str | PathLike[str] | None, settings: Mapping[str, Any] | None) -> Settings:
    """Return the settings of the environment and `.env`, with what is given in their place.

    Raises:
        ConfigurationError: A value is bad, or a name is none of Weft's.
    """
    given = {name: str(value) for name, value in (settings or {}).items()}
    if home is not None:
        given["WEFT_HOME"] = str(Path(home).absolute())
    return Settings.load(given=given)


@asynccontextmanager
async def open_app(settings: Settings, *, blocks: Iterable[BlockLike] = ()) -> AsyncIterator[App]:
    """Open the platform that the settings describe, with these blocks beside the installed ones.

    Raises:
        ConfigurationError: A setting or the machine is wrong; nothing is left open.
        DatabaseUnreachable: There is no database; nothing is left open.
    """
    lead_to_logging()
    own = [block() if isinstance(block, type) else block for block in blocks]
    catalog = with_blocks(Catalog.load(testing=settings.engine.testing_blocks), own)
    async with open_installation(settings, catalog=catalog) as platform, _driving(platform) as driver:
        app = App(driver)
        try:
            yield app
        finally:
            await app.close()
