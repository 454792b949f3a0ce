"""`weft export`: a saved graph as its canonical file."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import GraphIdText
from weft.cli.output import write_bytes
from weft.cli.session import with_transaction
from weft.cli.terminal import one_line, stderr
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.graphs.service import get_graph
from weft.graphs.sub_graphs import document_bytes, embed_sub_graphs
from weft.graphs.types import Graph
from weft.local.sources import read_id
from weft.users.types import LOCAL_OWNER


def export(
    graph: GraphIdText,
    version: Annotated[int | None, typer.Option(help="This version instead of the draft.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout.")
    ] = None,
) -> int:
    """Write a saved graph, and all that it runs, as one file; equal graphs give equal bytes.

    Graphs that nodes run stand in the file too, so that it works elsewhere. What it cannot hold is told: a graph
    that is not there, or one that runs itself.

    Examples:
    - `weft export 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b > greeting.json`
    - `weft export 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --version 2 -o greeting-2.json`
    """
    graph_id = read_id(graph, "a graph")
    catalog = load_catalog()

    def read(tx: Transaction) -> Awaitable[Graph]:
        return get_graph(tx, graph_id, LOCAL_OWNER, version=version, include_subgraphs=True, catalog=catalog)

    document, outside = embed_sub_graphs(with_transaction(read, catalog=catalog), catalog)
    for sentence in outside:
        stderr().print(Text(f"warning: {one_line(sentence, 500)}", style="yellow"), soft_wrap=True)
    data = document_bytes(document)
    if output is None:
        write_bytes(data)
        return ExitCode.DONE
    try:
        output.write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}", place=str(output)) from error
    return ExitCode.DONE
