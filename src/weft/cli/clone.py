"""`weft clone`: a graph of one's own, made from another."""

from collections.abc import Awaitable
from typing import Annotated

import typer
from rich.text import Text

from weft.cli.contents import SavedGraph, find_graph
from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.session import with_transaction
from weft.cli.terminal import one_line, stderr, stdout
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.graphs.templates import Clone, clone_content, clone_graph
from weft.users.types import LOCAL_OWNER


def clone(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE_OR_ID", help="A graph's file, the id of a graph or template, or id@version."),
    ],
    name: Annotated[str | None, typer.Option("--name", help="What the clone is called.")] = None,
    as_json: AsJson = False,
) -> int:
    """Copy a graph, or a template, into a new graph; saved as version 1, and no template itself.

    Secrets are never copied: passwords, keys and the values of masked inputs. The places are told.

    Examples:
    - `weft clone 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --name "Greeting for guests"`
    - `weft clone greeting.json --json | jq -r .graph_id`
    """
    found = find_graph(source)
    catalog = load_catalog()

    def copy(tx: Transaction) -> Awaitable[Clone]:
        if isinstance(found, SavedGraph):
            return clone_graph(tx, found.id, LOCAL_OWNER, catalog=catalog, version=found.version, name=name)
        imported = found.read(catalog).imported
        if len(imported.graphs) > 1:
            raise InvalidInput(f"{source} holds several graphs; import it, then clone one by its id", place=source)
        return clone_content(tx, imported.main.content, LOCAL_OWNER, catalog=catalog, name=name)

    made = with_transaction(copy, catalog=catalog)
    if as_json:
        version = made.version
        write_json(
            {
                "graph_id": str(version.graph_id),
                "version": version.version,
                "name": version.content.name,
                "left_out": list(made.left_out),
            }
        )
    else:
        _tell(made)
    return ExitCode.DONE


def _tell(made: Clone) -> None:
    words = f"cloned as {one_line(made.version.content.name)}: version 1 of graph {made.version.graph_id}"
    stdout().print(Text(words), soft_wrap=True)
    for place in made.left_out:
        stderr().print(Text(f"left out, a secret: {one_line(place)}", style="yellow"), soft_wrap=True)
