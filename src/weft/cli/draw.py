"""`weft draw`: a graph as a picture, with the state of a run or without."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from weft.assembly import Platform
from weft.cli.contents import SavedGraph, find_graph, read_contents, write_text
from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.output import write_bytes
from weft.cli.session import with_platform
from weft.cli.terminal import one_line, stderr
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.types import Execution
from weft.graphs.documents import to_bytes
from weft.graphs.drawing.colours import Theme
from weft.graphs.drawing.mermaid import draw_mermaid
from weft.graphs.drawing.svg import draw_svg
from weft.graphs.indexed import index_graph
from weft.graphs.service import get_graph
from weft.graphs.types import GraphContent
from weft.local.sources import read_id
from weft.local.transactions import in_transaction
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER


class Format(StrEnum):
    """In what a graph is drawn."""

    SVG = "svg"
    MERMAID = "mermaid"


_DRAW = {Format.SVG: draw_svg, Format.MERMAID: draw_mermaid}
_SUFFIXES = {".mmd": Format.MERMAID, ".mermaid": Format.MERMAID}


def draw(
    source: Annotated[
        str | None,
        typer.Argument(metavar="FILE_OR_ID", help="A graph's file, its id, or id@version."),
    ] = None,
    execution: Annotated[
        str | None, typer.Option("--execution", metavar="ID", help="Draw what this execution ran, and how far it is.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option("--format", help="svg, unless the output's name ends in .mmd or .mermaid.")
    ] = None,
    theme: Annotated[Theme, typer.Option("--theme", help="For a light or a dark page; auto follows the viewer.")] = (
        Theme.AUTO
    ),
) -> int:
    """Draw a graph; a file alone needs no database.

    Nodes stand where somebody placed them, else in columns. Of values only the text of notes is shown.

    Examples:
    - `weft draw greeting.json -o greeting.svg`
    - `weft draw --execution 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --theme dark > run.svg`
    - `weft draw 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b@2 --format mermaid`
    """
    if execution is not None:
        content, catalog, run = _read_run(read_id(execution, "an execution"), source)
    elif source is not None:
        (content,), catalog = read_contents([source])
        run = None
    else:
        raise InvalidInput("name a graph's file or id, or an execution with --execution")
    gone = len(content.links) - len(index_graph(content, catalog).sound_links)
    if gone:
        stderr().print(Text(f"warning: links of nodes that are not there are left out: {gone}", style="yellow"))
    suffix = "" if output is None else output.suffix.lower()
    text = _DRAW[format or _SUFFIXES.get(suffix, Format.SVG)](content, catalog, run=run, theme=theme)
    if output is not None:
        write_text(output, text)
    else:
        write_bytes(text.encode())
    return ExitCode.DONE


def _read_run(execution_id: UUID, source: str | None) -> tuple[GraphContent, Catalog, Execution]:
    """Return what an execution ran, and the execution; a graph named beside it must be the same one."""
    named = None if source is None else find_graph(source)
    catalog = load_catalog()

    async def read(tx: Transaction, platform: Platform) -> tuple[GraphContent, Execution]:
        found = await platform.executions.get(tx, LOCAL_OWNER, execution_id)
        return await get_graph(tx, found.graph_id, LOCAL_OWNER, version=found.graph_version), found

    content, run = with_platform(
        lambda platform: in_transaction(platform, lambda tx: read(tx, platform)), catalog=catalog
    )
    if isinstance(named, SavedGraph):
        if named.id != run.graph_id or named.version not in (None, run.graph_version):
            message = f"execution {run.id} ran version {run.graph_version} of graph {run.graph_id}, not {source}"
            raise InvalidInput(message, place=source)
    elif named is not None and to_bytes(named.read(catalog).content) != to_bytes(content):
        words = f"{one_line(str(source))} is not as it ran; version {run.graph_version}, which did, is drawn"
        stderr().print(Text(words, style="yellow"), soft_wrap=True)
    return content, catalog, run
