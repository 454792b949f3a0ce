"""What is wrong with a graph that was saved, and with those that it runs."""

from weft.cli.contents import SavedGraph, find_graph
from weft.cli.library import load_catalog
from weft.cli.session import with_transaction
from weft.db.transaction import Transaction
from weft.executions.program import order_dependent_pins
from weft.graphs.callees import check_calls
from weft.graphs.issues import Issue
from weft.graphs.validation import check_graph
from weft.users.types import LOCAL_OWNER


def issues_of_saved(name: str) -> list[Issue]:
    """Return everything that is wrong with the graph of an id, or of an id@version; of an id alone with its draft.

    Raises:
        InvalidInput: The name is none of these.
        GraphNotFound: There is no such graph.
        VersionNotFound: It has no such version.
    """
    graph = find_graph(name)
    assert isinstance(graph, SavedGraph), "there is no file of this name"
    catalog = load_catalog()

    async def find(tx: Transaction) -> list[Issue]:
        content = await graph.read(tx)
        own = check_graph(content, catalog, for_run=True, order_dependent=lambda it: order_dependent_pins(it, catalog))
        calls = await check_calls(tx, LOCAL_OWNER, content, catalog, graph_id=graph.id, version=graph.version)
        return [*own, *calls]

    return with_transaction(find, catalog=catalog)
