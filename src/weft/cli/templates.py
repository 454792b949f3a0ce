"""`weft templates`: graphs that anybody may copy."""

from typing import Annotated

import typer
from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.options import AsJson
from weft.cli.output import Json, write_json
from weft.cli.session import with_transaction
from weft.cli.terminal import new_table, one_line, print_table, stdout
from weft.errors import InvalidInput
from weft.graphs.templates import TemplatePage, list_templates, mark_template
from weft.graphs.types import Template
from weft.local.sources import read_id
from weft.users.types import LOCAL_OWNER

_ID_WIDTH = 36


def templates(
    add: Annotated[str | None, typer.Option("--add", metavar="ID", help="Offer this graph of yours.")] = None,
    remove: Annotated[str | None, typer.Option("--remove", metavar="ID", help="Offer it no more.")] = None,
    *,
    search: Annotated[str | None, typer.Option("--search", help="Only those with this text in name or words.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    after: Annotated[str | None, typer.Option(help="`next` of the list before.")] = None,
    as_json: AsJson = False,
) -> int:
    """List the graphs that anybody may copy with `weft clone`, newest first; offer one of yours, or take it back.

    What is offered is the active version. Copies that were made stay.

    Examples:
    - `weft templates`
    - `weft templates --add 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b`
    - `weft templates --search invoice --json | jq -r '.items[].graph_id'`
    """
    if add is not None and remove is not None:
        raise InvalidInput("--add and --remove do not go together")
    marked = add if add is not None else remove
    if marked is not None:
        graph_id = read_id(marked, "a graph")
        graph = with_transaction(lambda tx: mark_template(tx, graph_id, LOCAL_OWNER, is_template=add is not None))
        if as_json:
            write_json({"graph_id": str(graph.id), "name": graph.name, "is_template": graph.is_template})
        else:
            words = f"a template now; weft clone {graph.id}" if graph.is_template else "no template any more"
            stdout().print(Text(f"{one_line(graph.name)} is {words}"), soft_wrap=True)
        return ExitCode.DONE
    page = with_transaction(lambda tx: list_templates(tx, LOCAL_OWNER, cursor=after, limit=limit, search=search))
    if as_json:
        write_json({"items": [_shape(item) for item in page.items], "next": page.next})
    else:
        _tell(page)
    return ExitCode.DONE


def _shape(item: Template) -> Json:
    return {
        "graph_id": str(item.id),
        "name": item.name,
        "description": item.description,
        "version": item.active_version,
        "is_mine": item.is_mine,
        "updated_at": item.updated_at.isoformat(),
    }


def _tell(page: TemplatePage) -> None:
    console = stdout()
    if not page.items:
        console.print("there are none; weft templates --add ID offers a graph of yours")
        return
    table = new_table()
    table.add_column("id", no_wrap=True, min_width=_ID_WIDTH)
    table.add_column("version", justify="right")
    table.add_column("name", overflow="ellipsis", no_wrap=True)
    table.add_column("what it does", overflow="ellipsis", no_wrap=True)
    for item in page.items:
        name, words = one_line(item.name), one_line(item.description or "")
        table.add_row(str(item.id), str(item.active_version), Text(name), Text(words))
    print_table(console, table)
    if page.next is not None:
        console.print(Text(f"more: weft templates --after '{page.next}'"), soft_wrap=True)
