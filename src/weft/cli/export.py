"""`weft export`: a saved graph as its canonical file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.options import GraphIdText
from weft.cli.session import in_transaction, with_platform
from weft.cli.sources import read_id
from weft.errors import InvalidInput
from weft.graphs.documents import to_bytes
from weft.graphs.service import get_graph
from weft.graphs.types import Graph
from weft.users.types import LOCAL_OWNER


def export(
    graph: GraphIdText,
    version: Annotated[int | None, typer.Option(help="This version instead of the draft.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout.")
    ] = None,
) -> int:
    """Write a saved graph as a file; equal graphs give equal bytes.

    Examples:
    - `weft export 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b > greeting.json`
    - `weft export 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --version 2 -o greeting-2.json`
    """
    graph_id = read_id(graph, "a graph")

    async def work(platform: Platform) -> Graph:
        return await in_transaction(platform, lambda tx: get_graph(tx, graph_id, LOCAL_OWNER, version=version))

    data = to_bytes(with_platform(work))
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return ExitCode.DONE
    try:
        output.write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}", place=str(output)) from error
    return ExitCode.DONE
