"""`weft diff`: what changed between two graphs, one sentence for each change."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich.text import Text

from weft.cli.contents import read_contents
from weft.cli.exits import ExitCode
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.terminal import printable, stdout
from weft.graphs.diff import Change, ChangeKind, diff_graphs

Side = Annotated[str, typer.Argument(metavar="FILE_OR_ID", help="A graph's file, its id, or id@version.")]

_STYLES = {
    ChangeKind.NODE_ADDED: "green",
    ChangeKind.LINK_ADDED: "green",
    ChangeKind.NODE_REMOVED: "red",
    ChangeKind.LINK_REMOVED: "red",
}


def diff(before: Side, after: Side, as_json: AsJson = False) -> int:
    """Say what changed from one graph to another; files alone need no database.

    Nodes are compared by their ids, and by label and block where the two graphs have no id in common. Nodes
    that only moved are counted. Secrets are compared, and not shown.

    Examples:
    - `weft diff greeting.json new-greeting.json`
    - `weft diff 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b@1 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b@2`
    - `weft diff greeting.json 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b --json | jq -r '.changes[].sentence'`

    Exit codes: 0 compared, whether they differ or not, 2 one of them cannot be read.
    """
    (old, new), catalog = read_contents([before, after])
    changes = diff_graphs(old, new, catalog)
    if as_json:
        write_json({"equal": not changes, "changes": [asdict(change) for change in changes]})
    else:
        _tell(changes)
    return ExitCode.DONE


def _tell(changes: Sequence[Change]) -> None:
    console = stdout()
    if not changes:
        console.print("no differences")
    for number, (_, group) in enumerate(groupby(changes, key=_topic)):
        if number:
            console.print()
        for change in group:
            style = _STYLES.get(change.kind, "")
            console.print(Text(printable(change.sentence).replace("\n", " "), style=style), soft_wrap=True)


def _topic(change: Change) -> str:
    """Return whether a change is of the graph, of nodes or of links; order and ids are of the graph."""
    return change.kind.partition("_")[0] if change.kind.startswith(("node_", "link_")) else ""
