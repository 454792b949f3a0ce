"""Running graphs by their ids in this process, without waiting for each, and never more than so many at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from weft.assembly import Platform
from weft.errors import ExecutionError, WeftError
from weft.executions.errors import AlreadyEnded, ExecutionNotFound
from weft.executions.launch import execute_graph, execute_graph_safely
from weft.executions.repository.ends import statuses
from weft.executions.types import ExecutionId, ExecutionStatus
from weft.users.types import LOCAL_OWNER
from weft.worker.loops import POLL_S, about, again_and_again, set_within
from weft.worker.worker import Worker

_ACTION, _RESOURCE = "execute_graph", "graph"


class ActionLog(Protocol):
    """Where it is noted what users do."""

    def log_user_action(
        self, user_id: str, action: str, resource_type: str, resource_id: str, result: str, **extra: Any
    ) -> None:
        """Note one thing that a user did, and what came of it."""
        ...


class GraphExecutionService:
    """Queues runs of graphs, and works on the queue with so many slots as long as `running`.

    What is queued is durable at once: it survives this process, and any other worker of the installation may run it. A
    slot is held for the whole of a run, so no more than `max_concurrent_executions` run here at once.

    Args:
        platform: Whose graphs.
        max_concurrent_executions: How many run at once; the others stay queued.
        actions: Where it is noted who ran what; the platform's by default.
    """

    def __init__(
        self, platform: Platform, *, max_concurrent_executions: int = 10, actions: ActionLog | None = None
    ) -> None:
        self._platform = platform
        self._slots = max_concurrent_executions
        self._actions = actions or platform.actions()
        self._active: dict[ExecutionId, asyncio.Future[ExecutionStatus]] = {}
        self._look = asyncio.Event()

    @property
    def active_executions(self) -> Mapping[ExecutionId, "asyncio.Future[ExecutionStatus]"]:
        """What was started or cancelled here and has not ended, each with a future of the status it ends with.

        To wait for one, shield it: `await asyncio.shield(service.active_executions[id])`.
        """
        return MappingProxyType(self._active)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["GraphExecutionService"]:
        """Run what is queued for the length of the block; on leaving, hand back what still runs."""
        wakes = self._platform.wakes
        async with self._platform.engine() as parts:
            worker = Worker(parts, slots=self._slots, on_end=lambda *_: self._look.set())
            wakes.listeners.append(worker.wake)
            looking = asyncio.create_task(again_and_again(self._note_ends), name="ends of executions")
            try:
                async with worker.running():
                    yield self
            finally:
                wakes.listeners.remove(worker.wake)
                looking.cancel()
                await asyncio.wait([looking])
                while self._active:
                    self._active.popitem()[1].cancel()

    async def execute_graph(
        self, graph_id: UUID, inputs: Mapping[str, Any], *, user_id: UUID = LOCAL_OWNER
    ) -> ExecutionId:
        """Queue a run of a graph's active version and return its id at once.

        Raises:
            GraphNotFound: The user has no such graph, or it was never saved.
            GraphInvalid: The graph cannot run; nothing was written.
            InvalidInput: An input is missing, unknown or of the wrong type; nothing was written.
        """
        platform = self._platform
        id = await execute_graph(platform.database, platform.executions, graph_id, inputs, user_id=user_id)
        self._follow(id)
        return id

    async def execute_graph_safely(
        self, graph_id: str, inputs: Mapping[str, Any], *, user_id: UUID = LOCAL_OWNER
    ) -> ExecutionId:
        """Do as `execute_graph`, for an id as text; whatever goes wrong is one of Weft's errors.

        Raises:
            InvalidInput: The id is empty or no id (code `INVALID_GRAPH_ID`), or an input is wrong.
            WeftError: What `execute_graph` refused, as it is.
            ExecutionError: Anything else (code `EXECUTION_FAILED`), with its cause chained.
        """
        platform = self._platform
        id = await execute_graph_safely(platform.database, platform.executions, graph_id, inputs, user_id=user_id)
        self._follow(id)
        return id

    async def execute_graph_with_logging(self, graph_id: UUID, user_id: UUID, inputs: Mapping[str, Any]) -> ExecutionId:
        """Run a graph to its end and return its id; that the user did so is noted, and what came of it.

        Raises:
            WeftError: It could not be started, as of `execute_graph`.
            ExecutionError: It failed, timed out or was cancelled; `details` has its id and status.
        """
        began = time.monotonic()
        found: dict[str, str] = {}

        def note(result: str, **extra: Any) -> None:
            self._actions.log_user_action(str(user_id), _ACTION, _RESOURCE, str(graph_id), result, **found, **extra)

        try:
            id = await self.execute_graph(graph_id, inputs, user_id=user_id)
            found["execution_id"] = str(id)
            note("started")
            await self._require_completed(id, user_id)
        except Exception as error:
            said = error.message if isinstance(error, WeftError) else type(error).__name__
            note("failed", duration_seconds=round(time.monotonic() - began, 3), error=said)
            raise
        note("completed", duration_seconds=round(time.monotonic() - began, 3))
        return id

    async def cancel_execution(self, execution_id: UUID, *, user_id: UUID = LOCAL_OWNER) -> bool:
        """Cancel an execution, wherever it is queued, runs or waits, and return once its end is durable.

        False when the user has no such execution, or when it ended otherwise before it could be cancelled. Whoever waits
        here may be cancelled; the cancel of the execution stands.
        """
        platform = self._platform
        try:
            async with platform.database.transaction(user_id) as tx:
                status = await platform.executions.cancel(tx, user_id, execution_id)
        except (ExecutionNotFound, AlreadyEnded):
            return False
        if not status.is_terminal():
            status = await asyncio.shield(self._follow(ExecutionId(execution_id)))
        self._look.set()
        return status is ExecutionStatus.CANCELLED

    async def _require_completed(self, id: ExecutionId, user_id: UUID) -> None:
        status = await asyncio.shield(self._follow(id))
        if status is ExecutionStatus.COMPLETED:
            return
        async with self._platform.database.transaction(user_id) as tx:
            error = (await self._platform.executions.get(tx, user_id, id)).error
        words = f"graph execution {id} ended as {status}" + ("" if error is None else f": {error.message}")
        raise ExecutionError(words, execution_id=str(id), status=str(status))

    def _follow(self, id: ExecutionId) -> "asyncio.Future[ExecutionStatus]":
        ending = self._active.get(id)
        if ending is None:
            ending = self._active[id] = asyncio.get_running_loop().create_future()
            self._look.set()
        return ending

    async def _note_ends(self) -> None:
        """Take what has ended from the registry, wherever it ran: looks when something ends here, else each second."""
        while True:
            await set_within(self._look, about(POLL_S))
            self._look.clear()
            if self._active:
                await self._look_at(list(self._active))

    async def _look_at(self, ids: Sequence[ExecutionId]) -> None:
        async with self._platform.engine_database.transaction() as tx:
            standing = await statuses(tx, ids)
        for id in ids:
            status = standing.get(id)
            if status is not None and not status.is_terminal():
                continue
            ending = self._active.pop(id, None)
            if ending is None or ending.done():
                continue
            if status is None:
                ending.set_exception(ExecutionNotFound(id))
                ending.exception()  # looked at: nobody has to wait for it
            else:
                ending.set_result(status)
