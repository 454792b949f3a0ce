"""Options that several commands have."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and no words.")]
FileOrId = Annotated[str, typer.Argument(metavar="FILE_OR_ID", help="A graph's file, or the id of a saved graph.")]
GraphPath = Annotated[str, typer.Argument(metavar="FILE", help="A graph's file, or an agent from elsewhere.")]
ExecutionIdText = Annotated[str, typer.Argument(metavar="ID", help="The execution's id.")]
GraphIdText = Annotated[str, typer.Argument(metavar="ID", help="The graph's id.")]
