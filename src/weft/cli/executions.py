"""`weft executions`: what ran, what runs, and how it ended."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from weft.assembly import Platform
from weft.cli.execution_logs import show_logs
from weft.cli.exits import ExitCode
from weft.cli.files import Save, make_folder, save_outputs
from weft.cli.live import status_style
from weft.cli.options import AsJson
from weft.cli.output import Json, execution_shape, list_shape, write_json
from weft.cli.results import tell_result
from weft.cli.session import with_platform
from weft.cli.terminal import milliseconds, new_table, one_line, print_table, stdout
from weft.errors import InvalidInput
from weft.executions.service import Page
from weft.executions.types import Execution, LogLevel
from weft.local.sources import read_id
from weft.local.transactions import in_transaction
from weft.users.types import LOCAL_OWNER

_ID_WIDTH = 36
_WIDE = 100
_LISTED = 20


def executions(
    execution: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this one.")] = None,
    *,
    as_json: AsJson = False,
    dead: Annotated[bool, typer.Option("--dead", help="Only those in which a step killed its workers.")] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Show the log of this one, its newest lines.")] = False,
    level: Annotated[LogLevel | None, typer.Option(help="With --logs: only lines of this level and above.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, max=1000, help="How many to list: 20 executions, at most 100; or 100 lines.")
    ] = None,
    after: Annotated[str | None, typer.Option(help="`next` of the list before.")] = None,
    save: Save = None,
) -> int:
    """List executions, newest first, or show one with its steps or its log.

    Examples:
    - `weft executions`
    - `weft executions 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b`
    - `weft executions 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --save results`: with the files that came out
    - `weft executions 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --logs --level warning`
    - `weft executions --json | jq '.items[] | select(.status == "failed") | .error.message'`
    """
    _check_options(one=execution is not None, logs=logs, level=level, save=save)
    if execution is not None:
        execution_id = read_id(execution, "an execution")
        if logs:
            return show_logs(execution_id, limit=limit, after=after, level=level, as_json=as_json)
        return _show_one(execution_id, save, as_json=as_json)
    page = with_platform(lambda platform: _page(platform, dead=dead, limit=limit or _LISTED, after=after))
    if as_json:
        write_json(list_shape(page.items, next=page.next))
    else:
        _tell_page(page)
    return ExitCode.DONE


def _check_options(*, one: bool, logs: bool, level: LogLevel | None, save: Path | None) -> None:
    if save is not None and not one:
        raise InvalidInput("--save takes the files of one execution: name it", place="--save")
    if logs and not one:
        raise InvalidInput("--logs shows the log of one execution: name it", place="--logs")
    if level is not None and not logs:
        raise InvalidInput("--level chooses among the lines of a log: give --logs too", place="--level")
    if logs and save is not None:
        raise InvalidInput("--logs and --save are two commands: give one of them", place="--save")


def _show_one(execution_id: UUID, save: Path | None, *, as_json: bool) -> ExitCode:
    if save is not None:
        make_folder(save)

    async def work(platform: Platform) -> tuple[Execution, Json]:
        found = await _one(platform, execution_id)
        saved = None if save is None else await save_outputs(platform, found, save, quiet=as_json)
        return found, {} if saved is None else {"saved": saved}

    found, saved = with_platform(work)
    if as_json:
        write_json(execution_shape(found) | saved)
    else:
        _tell_one(found)
    return ExitCode.DONE


async def _one(platform: Platform, execution_id: UUID) -> Execution:
    return await in_transaction(platform, lambda tx: platform.executions.get(tx, LOCAL_OWNER, execution_id))


async def _page(platform: Platform, *, dead: bool, limit: int, after: str | None) -> Page:
    return await in_transaction(
        platform,
        lambda tx: platform.executions.history(tx, LOCAL_OWNER, after=after, limit=limit, dead=dead),
    )


def _tell_one(execution: Execution) -> None:
    console = stdout()
    console.print(
        Text.assemble(
            f"execution {execution.id}  graph {execution.graph_id} version {execution.graph_version}  ",
            (str(execution.status), status_style(execution.status)),
        ),
        soft_wrap=True,
    )
    table = new_table()
    for name in ("node", "block", "status", "runs", "tries", "time"):
        table.add_column(name)
    for node in execution.nodes:
        table.add_row(
            Text(one_line(node.label)),
            Text(one_line(node.block)),
            Text(str(node.status), style=status_style(node.status)),
            str(node.firings),
            str(node.attempts),
            milliseconds(node.duration_ms),
        )
    print_table(console, table)
    tell_result(execution)


def _tell_page(page: Page) -> None:
    console = stdout()
    if not page.items:
        console.print("there are none yet; weft demo runs one")
        return
    table = new_table()
    table.add_column("id", no_wrap=True, min_width=_ID_WIDTH)
    table.add_column("status", no_wrap=True, min_width=9)
    if console.width >= _WIDE:
        table.add_column("started", no_wrap=True, min_width=14)
        table.add_column("time", justify="right", no_wrap=True, min_width=7)
    table.add_column("error, or outputs", overflow="ellipsis", no_wrap=True)
    for execution in page.items:
        times = (
            f"{execution.created_at.astimezone():%m-%d %H:%M:%S}",
            milliseconds(None if execution.duration is None else execution.duration * 1000),
        )
        table.add_row(
            str(execution.id),
            Text(str(execution.status), style=status_style(execution.status)),
            *(times if console.width >= _WIDE else ()),
            Text(_gist(execution)),
        )
    print_table(console, table)
    if page.next is not None:
        console.print(Text(f"more: weft executions --after '{page.next}'"), soft_wrap=True)


def _gist(execution: Execution) -> str:
    if execution.error is not None:
        return one_line(execution.error.message)
    if execution.waiting:
        wait = execution.waiting[0]
        return one_line(f"waits for {wait.kind}: {wait.label}" if wait.node_id else f"waits for {wait.title}")
    return one_line(", ".join(f"{name}: {values[0]}" for name, values in execution.outputs.items() if values))
