"""`weft save` and `weft import`: a file becomes a version of a graph, and a report says what became of its nodes."""

from collections.abc import Sequence

from weft.cli.exits import ExitCode
from weft.cli.import_report import report_shape, tell_report
from weft.cli.library import load_catalog
from weft.cli.options import AsJson, GraphPath
from weft.cli.output import write_json
from weft.cli.session import with_transaction
from weft.db.transaction import Transaction
from weft.graphs.errors import GraphInvalid
from weft.graphs.issues import Level
from weft.graphs.types import GraphVersion
from weft.interop.service import Judged, judge, judge_saved, save_imported
from weft.local.sources import GraphFile, open_graph_file
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER


def save(file: GraphPath, as_json: AsJson = False) -> int:
    """Save a graph's file: the same content gives the same version again, other content the next version.

    What only forbids to run the graph is told, and no hindrance. Agents from elsewhere are taken too: see
    `weft import --help`.

    Examples:
    - `weft save greeting.json`
    - `weft save greeting.json --json | jq -r .graph_id`

    Exit codes: 0 saved, 2 it cannot be stored.
    """
    return _save(file, as_json=as_json)


def import_file(file: GraphPath, as_json: AsJson = False) -> int:
    """Import an agent: a file of the AutoGPT Platform, or one in Weft's own format, is saved as a graph.

    Nothing of the file is run and nothing is fetched. The report says what became of each node and what is left
    to do; a block that Weft does not have becomes a placeholder, with which the graph is kept but cannot run.
    Secrets in the file are left out. `weft run` takes such files as well.

    Examples:
    - `weft import agent.json`
    - `weft import agent.json --json | jq '.nodes[] | select(.result == "placeholder")'`

    Exit codes: 0 imported, also when it cannot run yet; 2 it cannot be stored.
    """
    return _save(file, as_json=as_json)


def _save(name: str, *, as_json: bool) -> int:
    opened = open_graph_file(name)
    # A graph of Weft's own may run others that are saved already, with any blocks; all else stands in the file.
    catalog = load_catalog(only=None if opened.parsed.is_own else opened.parsed.blocks)
    file = opened.read(catalog)
    judged = require_stored(file, catalog)

    async def save(tx: Transaction) -> tuple[Sequence[Judged], Sequence[GraphVersion]]:
        versions = await save_imported(tx, LOCAL_OWNER, file.imported, catalog=catalog)
        return await judge_saved(tx, LOCAL_OWNER, judged, versions, catalog=catalog), versions

    report = with_transaction(save, catalog=catalog)
    if as_json:
        write_json(report_shape(*report))
    else:
        tell_report(file, *report)
    return ExitCode.DONE


def require_stored(file: GraphFile, catalog: Catalog) -> tuple[Judged, ...]:
    """Return what is no hindrance to storing the file's graphs, in their order.

    Raises:
        GraphInvalid: One of them cannot be stored; each message opens with the file and the place in it.
    """
    judged = judge(file.imported, catalog, with_order=True)
    refused = [issue for one in judged for issue in file.placed(one.graph, one.issues) if issue.level is Level.REFUSED]
    if refused:
        raise GraphInvalid(refused)
    return judged
