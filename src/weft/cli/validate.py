"""`weft validate`: everything that is wrong with a graph, not only the first thing."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson
from weft.cli.output import validation_shape, write_json
from weft.cli.terminal import printable, stdout
from weft.graphs.issues import Issue, Level
from weft.interop.reading import judge
from weft.local.sources import GraphFile, open_graph_file
from weft.sdk import Catalog
from weft.sdk.sub_graphs import is_id

_STYLES = {Level.REFUSED: "bold red", Level.BLOCKS_RUN: "red", Level.WARNING: "yellow"}
_MOST_TOLD = 50


def validate(
    source: Annotated[
        str, typer.Argument(metavar="FILE_OR_ID", help="A graph's file, an agent from elsewhere, an id, or id@version.")
    ],
    as_json: AsJson = False,
) -> int:
    """Say everything that is wrong with a graph; a file needs no database.

    Each issue has a level: `refused` cannot be stored, `blocks_run` can be stored but not run, `warning` runs. Of a
    saved graph the draft is meant, and the graphs that it runs are looked at too; of a file those inside it.

    Examples:
    - `weft validate greeting.json`
    - `weft validate 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b@2`
    - `weft validate greeting.json --json | jq .issues`

    Exit codes: 0 it can run, 2 it cannot.
    """
    if is_id(source.partition("@")[0]) and not Path(source).exists():
        # Loaded here, because whoever validates a file needs no database and shall not wait for its modules.
        issues: list[Issue] = import_module("weft.cli.saved_issues").issues_of_saved(source)
    else:
        opened = open_graph_file(source)
        catalog = load_catalog(only=opened.parsed.blocks)
        issues = find_issues(opened.read(catalog), catalog)
    if as_json:
        write_json(validation_shape(issues))
    else:
        _tell(source, issues)
    runnable = all(issue.level is Level.WARNING for issue in issues)
    return ExitCode.DONE if runnable else ExitCode.BAD_INPUT


def find_issues(file: GraphFile, catalog: Catalog) -> list[Issue]:
    """Return all issues, with the pins whose values depend on timing when the graph can run at all."""
    *others, main = judge(file.imported, catalog, with_order=True)
    return [*main.issues, *(issue for judged in others for issue in file.placed(judged.graph, judged.issues))]


def _tell(name: str, issues: list[Issue]) -> None:
    console = stdout()
    worst_first = sorted(issues, key=lambda issue: list(Level).index(issue.level))
    for issue in worst_first[:_MOST_TOLD]:
        place = f"{issue.path}: " if issue.path else ""
        text = printable(f"{place}{issue.message}")
        console.print(Text.assemble((f"{issue.level:<10}", _STYLES[issue.level]), " ", text), soft_wrap=True)
    if len(issues) > _MOST_TOLD:
        console.print(Text(f"… and {len(issues) - _MOST_TOLD} more; --json lists them all", style="dim"))
    blocking = sum(issue.level is not Level.WARNING for issue in issues)
    verdict = f"{blocking} issues forbid to run it" if blocking else "it can run"
    console.print(Text(f"{printable(name)}: {verdict}", style="bold"))
