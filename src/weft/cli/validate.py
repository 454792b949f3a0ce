"""`weft validate`: everything that is wrong with a file, not only the first thing."""

from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson, GraphPath
from weft.cli.output import validation_shape, write_json
from weft.cli.sources import read_graph_file
from weft.cli.terminal import printable, stdout
from weft.executions.program import order_dependent_pins
from weft.graphs.issues import Issue, Level
from weft.graphs.types import GraphContent
from weft.graphs.validation import check_graph
from weft.sdk import Catalog

_STYLES = {Level.REFUSED: "bold red", Level.BLOCKS_RUN: "red", Level.WARNING: "yellow"}


def validate(file: GraphPath, as_json: AsJson = False) -> int:
    """Say everything that is wrong with a graph's file; needs no database.

    Each issue has a level: `refused` cannot be stored, `blocks_run` can be stored but not run, `warning` runs.

    Examples:
    - `weft validate greeting.json`
    - `weft validate greeting.json --json | jq .issues`

    Exit codes: 0 it can run, 2 it cannot.
    """
    content = read_graph_file(file).content
    issues = find_issues(content, load_catalog())
    if as_json:
        write_json(validation_shape(issues))
    else:
        _tell(file, issues)
    runnable = all(issue.level is Level.WARNING for issue in issues)
    return ExitCode.DONE if runnable else ExitCode.BAD_INPUT


def find_issues(content: GraphContent, catalog: Catalog) -> list[Issue]:
    """Return all issues, with the pins whose values depend on timing when the graph can run at all."""
    return check_graph(
        content, catalog, for_run=True, order_dependent=lambda graph: order_dependent_pins(graph, catalog)
    )


def _tell(file: str, issues: list[Issue]) -> None:
    console = stdout()
    for issue in issues:
        place = f"{issue.path}: " if issue.path else ""
        text = printable(f"{place}{issue.message}")
        console.print(Text.assemble((f"{issue.level:<10}", _STYLES[issue.level]), " ", text), soft_wrap=True)
    blocking = sum(issue.level is not Level.WARNING for issue in issues)
    verdict = f"{blocking} issues forbid to run it" if blocking else "it can run"
    console.print(Text(f"{printable(file)}: {verdict}", style="bold"))
