"""`weft limits`: how many executions may run at once."""

from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from weft.cli.commands import MARKUP
from weft.cli.exits import ExitCode
from weft.cli.options import AsJson
from weft.cli.output import Json, write_json
from weft.cli.session import with_transaction
from weft.cli.terminal import new_table, one_line, print_table, stdout
from weft.executions.concurrency import list_limits, remove_limit, set_limit
from weft.executions.queueing import limit_sentence
from weft.executions.repository.turns import ConcurrencyLimit
from weft.local.sources import read_id
from weft.users.types import LOCAL_OWNER

_HELP = """Say how many executions may run at once; without a command, list the limits.

What finds no place waits until another one ends, and runs then. Executions that wait for a person, a time or another
graph take no place.

Examples:
- `weft limits`
- `weft limits set --most 20`: of all graphs together
- `weft limits set 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --most 1 --per-key`: one for each `weft run --key`
- `weft limits remove 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --per-key`
"""
app = typer.Typer(add_completion=False, rich_markup_mode=MARKUP, invoke_without_command=True, help=_HELP)

Graph = Annotated[
    str | None, typer.Argument(metavar="[GRAPH_ID]", help="Only its executions; all graphs together without one.")
]
PerKey = Annotated[bool, typer.Option("--per-key", help="So many for each key that `weft run --key` gives.")]


@app.callback()
def limits(context: typer.Context, as_json: AsJson = False) -> int:
    """List the limits."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    found = with_transaction(lambda tx: list_limits(tx, LOCAL_OWNER))
    if as_json:
        write_json({"items": [_shape(limit) for limit in found]})
    else:
        _tell(found)
    return ExitCode.DONE


@app.command("set")
def set_one(
    graph: Graph = None,
    *,
    most: Annotated[int, typer.Option("--most", metavar="N", help="So many at once, 1 or more.")],
    per_key: PerKey = False,
    as_json: AsJson = False,
) -> int:
    """Let at most so many executions run at once; this takes the place of an earlier limit for the same.

    What runs goes on. What is queued waits as far as there is no place for it.

    Example: `weft limits set 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --most 2`
    """
    graph_id = _graph_id(graph)
    limit = with_transaction(lambda tx: set_limit(tx, LOCAL_OWNER, most=most, graph_id=graph_id, per_key=per_key))
    _tell_one(limit, "from now on ", as_json=as_json)
    return ExitCode.DONE


@app.command("remove")
def remove_one(graph: Graph = None, *, per_key: PerKey = False, as_json: AsJson = False) -> int:
    """Take a limit away; what it held back goes into the queue.

    Example: `weft limits remove 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b`
    """
    graph_id = _graph_id(graph)
    limit = with_transaction(lambda tx: remove_limit(tx, LOCAL_OWNER, graph_id=graph_id, per_key=per_key))
    _tell_one(limit, "no more: ", as_json=as_json)
    return ExitCode.DONE


def _graph_id(text: str | None) -> UUID | None:
    return None if text is None else read_id(text, "a graph")


def _shape(limit: ConcurrencyLimit) -> Json:
    return {
        "graph_id": None if limit.graph_id is None else str(limit.graph_id),
        "graph_name": limit.graph_name,
        "per_key": limit.per_key,
        "most": limit.most,
        "taken": limit.taken,
        "held": limit.held,
    }


def _tell_one(limit: ConcurrencyLimit, lead: str, *, as_json: bool) -> None:
    if as_json:
        write_json(_shape(limit))
        return
    of = "" if limit.graph_id is None else f": {one_line(limit.graph_name or '')} ({limit.graph_id})"
    stdout().print(Text(f"{lead}{limit_sentence(limit)}{of}"), soft_wrap=True)


def _tell(found: list[ConcurrencyLimit]) -> None:
    console = stdout()
    if not found:
        console.print("there are none; weft limits set --most N sets one")
        return
    table = new_table()
    table.add_column("graph", overflow="ellipsis", no_wrap=True)
    table.add_column("id", no_wrap=True)
    table.add_column("at most", justify="right", no_wrap=True)
    table.add_column("taken", justify="right", no_wrap=True)
    table.add_column("held back", justify="right", no_wrap=True)
    for limit in found:
        table.add_row(
            Text(one_line(limit.graph_name or "all together")),
            "" if limit.graph_id is None else str(limit.graph_id),
            f"{limit.most} per key" if limit.per_key else str(limit.most),
            str(limit.taken),
            str(limit.held),
        )
    print_table(console, table)
