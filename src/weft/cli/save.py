"""`weft save` and `weft import`: a file becomes a version of a graph."""

from rich.text import Text

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson, GraphPath
from weft.cli.output import write_json
from weft.cli.session import in_transaction, with_platform
from weft.cli.sources import GraphFile, placed, read_graph_file
from weft.cli.terminal import one_line, stderr, stdout
from weft.db.transaction import Transaction
from weft.graphs.errors import GraphInvalid
from weft.graphs.issues import Issue
from weft.graphs.service import remember_file
from weft.graphs.types import GraphVersion
from weft.graphs.validation import require_storable
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER

FILE_SOURCE = "file"


def save(file: GraphPath, as_json: AsJson = False) -> int:
    """Save a graph's file: the same content gives the same version again, other content the next version.

    What only forbids to run the graph is told, and no hindrance.

    Examples:
    - `weft save greeting.json`
    - `weft import greeting.json --json | jq -r .graph_id`

    Exit codes: 0 saved, 2 it cannot be stored.
    """
    catalog = load_catalog()
    found = read_graph_file(file)
    issues = require_stored(found, catalog)

    async def work(platform: Platform) -> GraphVersion:
        return await in_transaction(platform, lambda tx: remember(tx, found, catalog))

    version = with_platform(work, catalog=catalog)
    if as_json:
        write_json(
            {
                "graph_id": str(version.graph_id),
                "version": version.version,
                "name": version.content.name,
                "active": version.is_active,
                "issues": [issue.as_dict() for issue in issues],
            }
        )
    else:
        _tell(version, issues)
    return ExitCode.DONE


def require_stored(file: GraphFile, catalog: Catalog) -> list[Issue]:
    """Return what is no hindrance to storing the file.

    Raises:
        GraphInvalid: It cannot be stored; each message opens with the file and the place in it.
    """
    try:
        return require_storable(file.content, catalog)
    except GraphInvalid as error:
        raise GraphInvalid(placed(error.issues, file.shown)) from error


async def remember(tx: Transaction, file: GraphFile, catalog: Catalog) -> GraphVersion:
    """Return the version that holds the file's content, saved now if there was none."""
    return await remember_file(
        tx, LOCAL_OWNER, source=FILE_SOURCE, key=str(file.path), content=file.content, catalog=catalog
    )


def _tell(version: GraphVersion, issues: list[Issue]) -> None:
    stdout().print(
        Text(f"saved {one_line(version.content.name)} as version {version.version} of graph {version.graph_id}"),
        soft_wrap=True,
    )
    console = stderr()
    for issue in issues:
        console.print(Text(f"{issue.level}: {one_line(issue.message)}", style="yellow"), soft_wrap=True)
