"""`weft watch`: what happens in an execution, while it happens or afterwards."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Annotated, Any
from uuid import UUID

import typer

from weft.assembly import Platform
from weft.cli.event_lines import line_of
from weft.cli.exits import ExitCode, exit_code_of_status
from weft.cli.interrupts import Interrupts
from weft.cli.live import LiveView
from weft.cli.options import ExecutionIdText
from weft.cli.output import write_json
from weft.cli.results import tell_result
from weft.cli.session import with_platform
from weft.cli.terminal import stderr, stdout
from weft.db.transaction import Transaction
from weft.executions.stream_events import Event, Logged
from weft.executions.types import Execution, ExecutionStatus
from weft.local.progress import final_progress, given_inputs
from weft.local.sources import read_id
from weft.local.transactions import patiently
from weft.local.watching import Watched
from weft.users.types import LOCAL_OWNER


def watch(
    execution: ExecutionIdText,
    *,
    first: Annotated[
        int, typer.Option("--from", metavar="SEQ", min=0, help="Begin with the event of this number.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each event, a line each.")] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Also what the blocks wrote into the log.")] = False,
) -> int:
    """Watch an execution to its end, whoever runs it; one that has ended is told from its record.

    Each event has a number; `--from` goes on where a watcher left off, and no event is missed or comes twice. Ctrl-C
    stops watching and nothing else.

    Examples:
    - `weft watch 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b`
    - `weft watch 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --from 42 --logs`
    - `weft watch 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --json | jq 'select(.kind == "firing_failed")'`

    Exit codes: 0 completed, 1 failed, 2 there is none, 3 cancelled, 130 Ctrl-C.
    """
    execution_id = read_id(execution, "an execution")
    console = stdout()
    as_table = console.is_terminal and not (console.is_dumb_terminal or as_json or logs or first)

    async def work(platform: Platform) -> ExecutionStatus | None:
        with Interrupts().watched() as interrupts:
            if as_table:
                return await _until_asked(_watch_nodes(platform, execution_id), interrupts.asked)
            tell = _write_json if as_json else _write_line
            told = _tell_all(platform, execution_id, tell, after=first - 1, logs=logs)
            return await _until_asked(told, interrupts.asked)

    status = with_platform(work)
    return ExitCode.INTERRUPTED if status is None else exit_code_of_status(status)


async def _until_asked(work: Coroutine[Any, Any, ExecutionStatus], asked: asyncio.Event) -> ExecutionStatus | None:
    """Return how the execution ended; None when somebody asked to leave before."""
    watching, asking = asyncio.create_task(work), asyncio.create_task(asked.wait())
    await asyncio.wait([watching, asking], return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    if not watching.done():
        watching.cancel()
        await asyncio.wait([watching])
        return None
    return watching.result()


async def _tell_all(
    platform: Platform, execution_id: UUID, tell: Callable[[Event], None], *, after: int, logs: bool
) -> ExecutionStatus:
    """Tell each event, and return how the execution ended."""
    events = platform.stream().follow(LOCAL_OWNER, execution_id, after=after)
    async with aclosing(events):
        async for event in events:
            if logs or not isinstance(event, Logged):
                tell(event)
    return (await _read(platform, execution_id)).status


def _write_json(event: Event) -> None:
    write_json(event.as_dict())


def _write_line(event: Event) -> None:
    stdout().print(line_of(event), soft_wrap=True)


async def _watch_nodes(platform: Platform, execution_id: UUID) -> ExecutionStatus:
    """Show the nodes in a table that changes in place, then what came out; return how the execution ended."""
    execution = await _read(platform, execution_id)
    content = await platform.stream().content(LOCAL_OWNER, execution_id)
    given = given_inputs(execution, content, platform.catalog)
    nodes, view = Watched(content, given), LiveView(stderr())
    view.begin(execution_id, content.name, content)
    try:
        events = platform.stream().follow(LOCAL_OWNER, execution_id)
        async with aclosing(events):
            async for event in events:
                nodes.take(event)
                view.show(nodes.nodes())
        execution = await _read(platform, execution_id)
        view.end(execution, final_progress(execution, content, given))
    finally:
        view.leave()
    tell_result(execution)
    return execution.status


async def _read(platform: Platform, execution_id: UUID) -> Execution:
    async def get(tx: Transaction) -> Execution:
        return await platform.executions.get(tx, LOCAL_OWNER, execution_id)

    return await patiently(platform, get)
