"""Starting a stored graph by its id, for callers who hold neither a transaction nor a version."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog

from weft.db.database import Database
from weft.errors import ExecutionError, InvalidInput, WeftError
from weft.executions.service import Executions
from weft.executions.types import ExecutionId
from weft.graphs.service import get_version

_log = structlog.get_logger()


@asynccontextmanager
async def execution_context(execution_id: UUID) -> AsyncIterator[None]:
    """Log the start of an execution's run here, and its end with the time it took, however it ends.

    Whatever is logged in between carries its id.
    """
    started = time.monotonic()
    with structlog.contextvars.bound_contextvars(execution_id=str(execution_id)):
        log = _log.bind(execution_id=str(execution_id))  # once: it takes longer than a line that is not written
        log.info("execution begins")
        try:
            yield
        finally:
            spent = time.monotonic() - started
            log.info("execution ends", duration_s=round(spent, 2))


async def execute_graph(
    database: Database, executions: Executions, graph_id: UUID, inputs: Mapping[str, Any], *, user_id: UUID
) -> ExecutionId:
    """Queue a run of a graph's active version and return its id at once.

    Raises:
        GraphNotFound: The user has no such graph, or it was never saved.
        GraphInvalid: The graph cannot run; nothing was written.
        InvalidInput: An input is missing, unknown or of the wrong type; nothing was written.
    """
    async with database.transaction(user_id) as tx:
        version = await get_version(tx, graph_id, user_id)
        return await executions.start(tx, user_id, version=version, inputs=inputs)


async def execute_graph_safely(
    database: Database, executions: Executions, graph_id: str, inputs: Mapping[str, Any], *, user_id: UUID
) -> ExecutionId:
    """Do as `execute_graph`, for an id as text; whatever goes wrong is one of Weft's errors.

    Raises:
        InvalidInput: The id is empty or no id (code `INVALID_GRAPH_ID`), or an input is wrong.
        WeftError: What `execute_graph` refused, as it is.
        ExecutionError: Anything else (code `EXECUTION_FAILED`), with its cause chained.
    """
    if not graph_id.strip():
        raise InvalidInput("a graph id is needed", error_code="INVALID_GRAPH_ID")
    try:
        id = UUID(graph_id)
    except ValueError as error:
        raise InvalidInput(f"{graph_id[:80]!r} is no graph id", error_code="INVALID_GRAPH_ID") from error
    _log.info("starting graph", graph_id=graph_id)
    try:
        execution_id = await execute_graph(database, executions, id, inputs, user_id=user_id)
    except WeftError as error:
        _log.warning("graph not started", graph_id=graph_id, code=error.error_code)
        raise
    except Exception as error:
        _log.exception("graph not started", graph_id=graph_id)
        raise ExecutionError(f"graph {graph_id} could not be started", graph_id=graph_id) from error
    _log.info("graph started", graph_id=graph_id, execution_id=str(execution_id))
    return execution_id
