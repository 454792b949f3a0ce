"""Use cases of imports: a file's bytes become graphs, with a report; the graphs are judged and saved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from weft.db.transaction import Transaction
from weft.graphs.call_checks import CALL_CODES, CalledGraph
from weft.graphs.callees import check_calls_of_all
from weft.graphs.calls import GRAPH, VERSION, CallKey, name_called
from weft.graphs.issues import Code, Level
from weft.graphs.service import remember_file
from weft.graphs.types import GraphVersion
from weft.interop.reading import FILE_SOURCE, Judged, ParsedFile, judge, parse_file
from weft.interop.types import Imported
from weft.sdk import Catalog

__all__ = ["FILE_SOURCE", "Judged", "ParsedFile", "judge", "judge_saved", "parse_file", "save_imported"]


async def save_imported(
    tx: Transaction, user_id: UUID, imported: Imported, *, catalog: Catalog
) -> tuple[GraphVersion, ...]:
    """Return the versions that hold the file's graphs, in their order; what was not there is saved now.

    Each is remembered by its own id in the file: the same content gives the same version again, other content
    the next version of the same graph. Nodes that run another graph of the file run the version saved here.

    Raises:
        GraphInvalid: One of the graphs cannot be stored; nothing was written.
    """
    saved: dict[UUID, GraphVersion] = {}
    versions: list[GraphVersion] = []
    for graph in imported.graphs:
        references = {node_id: _reference(saved[child]) for node_id, child in graph.children.items()}
        content = name_called(graph.content, references)
        version = await remember_file(
            tx, user_id, source=imported.source, key=graph.key, content=content, catalog=catalog
        )
        saved[graph.ref] = version
        versions.append(version)
    return tuple(versions)


def _reference(version: GraphVersion) -> Mapping[str, Any]:
    return {GRAPH: str(version.graph_id), VERSION: version.version}


async def judge_saved(
    tx: Transaction, user_id: UUID, judged: Sequence[Judged], versions: Sequence[GraphVersion], *, catalog: Catalog
) -> tuple[Judged, ...]:
    """Return what is wrong with a file's graphs now that they are saved: also with the saved graphs that they run.

    Args:
        tx: The transaction that saved them.
        user_id: Whose they are.
        judged: What was found in the file, in the order of its graphs.
        versions: The versions that hold the graphs, in the same order.
        catalog: The blocks there are.
    """
    runnable: dict[UUID, bool] = {}
    found = []
    graphs = [CalledGraph(CallKey(one.graph_id, one.version), one.content) for one in versions]
    calls_of_all = await check_calls_of_all(tx, user_id, graphs, catalog)
    for one, calls in zip(judged, calls_of_all, strict=True):
        of_file = [issue for issue in one.issues if issue.code not in CALL_CODES]
        told = [
            issue
            for issue in calls
            # Of a graph in the same file that cannot run its own report says so.
            if not (issue.code is Code.CALLED_GRAPH_INVALID and issue.node_id in one.graph.children)
        ]
        sound = all(issue.level is Level.WARNING for issue in (*of_file, *told))
        runnable[one.graph.ref] = sound and all(runnable.get(ref, False) for ref in one.graph.children.values())
        found.append(replace(one, issues=(*of_file, *told), runnable=runnable[one.graph.ref]))
    return tuple(found)
