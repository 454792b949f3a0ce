"""A file's bytes become graphs, with a report, and the graphs are judged; needs no database and imports none."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from weft.executions.program import order_dependent_pins
from weft.graphs.call_checks import CalledGraph, check_calls_of
from weft.graphs.calls import GRAPH, VERSION, CallKey, name_called
from weft.graphs.documents import parse_document
from weft.graphs.issues import Issue, Level
from weft.graphs.json_text import parse_json
from weft.graphs.limits import DEFAULT_LIMITS, GraphLimits
from weft.graphs.sub_graphs import GraphDocument, document_from, read_calls
from weft.graphs.types import GraphContent
from weft.graphs.validation import check_graph
from weft.interop.autogpt.document import AgentGraph, parse_agents
from weft.interop.autogpt.reader import blocks_of, read_agents
from weft.interop.formats import Format, format_of
from weft.interop.types import Imported, ImportedGraph, NodeReport, Result
from weft.sdk import Catalog

FILE_SOURCE = "file"
"""What graphs in Weft's own format are remembered by, together with the file's path."""

_UNSAVED = UUID(int=0)
_VERSION = 1  # of graphs that are not saved yet


@dataclass(frozen=True, slots=True)
class Judged:
    """A graph of a file and what is wrong with it; `runnable` says whether it and all that it runs can run."""

    graph: ImportedGraph
    issues: tuple[Issue, ...]
    runnable: bool


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that holds graphs, before it is known which blocks there are.

    Attributes:
        place: What messages call the file.
        key: What its graph is remembered by if the file has no id of its own.
        holds: Graphs in Weft's own format, or agents of the AutoGPT Platform.
    """

    place: str
    key: str
    holds: GraphDocument | list[AgentGraph]

    @property
    def is_own(self) -> bool:
        """Whether the file is in Weft's own format."""
        return isinstance(self.holds, GraphDocument)

    @property
    def blocks(self) -> frozenset[str]:
        """Return the ids of all blocks that the graphs may have; some may not exist."""
        if isinstance(self.holds, GraphDocument):
            graphs = (self.holds.main, *self.holds.sub_graphs.values())
            return frozenset(node.block_id for graph in graphs for node in graph.nodes)
        return blocks_of(self.holds)

    def read(self, catalog: Catalog) -> Imported:
        """Return the graphs; what is wrong with them is not looked at, see `judge`.

        Args:
            catalog: At least those of `blocks` that exist.

        Raises:
            DocumentInvalid: A pin, a value or a name of an agent cannot be translated, or sub-graphs run themselves.
        """
        if isinstance(self.holds, GraphDocument):
            return _native(self.holds, self.key, catalog, place=self.place)
        return read_agents(self.holds, catalog=catalog, place=self.place, key=self.key)


def parse_file(data: bytes, *, place: str, key: str, limits: GraphLimits = DEFAULT_LIMITS) -> ParsedFile:
    """Return what a file holds, in Weft's own format or in one that is imported; nothing is stored, fetched or run.

    Args:
        data: The file's bytes.
        place: What messages call the file.
        key: What its graph is remembered by if the file has no id of its own.
        limits: Upper bounds of size and depth.

    Raises:
        DocumentInvalid: The file holds no graph, or is of another program.
    """
    document = parse_json(data, place=place, limits=limits)
    if not isinstance(document, dict):
        return ParsedFile(place, key, GraphDocument(parse_document(data, place=place, limits=limits)))
    if format_of(document, place=place) is Format.AUTOGPT:
        return ParsedFile(place, key, parse_agents(document, place=place))
    return ParsedFile(place, key, document_from(document, place=place))


def _native(document: GraphDocument, key: str, catalog: Catalog, *, place: str) -> Imported:
    refs = {name: uuid5(_UNSAVED, name) for name in document.sub_graphs}
    graphs = []
    for graph in read_calls(document, catalog, place=place):
        children = {node_id: refs[name] for node_id, name in graph.children.items()}
        references = {node_id: {GRAPH: str(ref), VERSION: _VERSION} for node_id, ref in children.items()}
        graphs.append(
            ImportedGraph(
                ref=_UNSAVED if graph.key is None else refs[graph.key],
                # No path has two slashes, so that no other file is known by the key of a graph inside this one.
                key=key if graph.key is None else f"{key}//{graph.key}",
                content=name_called(graph.content, references),
                nodes=_reports(graph.content, catalog),
                children=children,
            )
        )
    return Imported(FILE_SOURCE, tuple(graphs))


def _reports(content: GraphContent, catalog: Catalog) -> tuple[NodeReport, ...]:
    return tuple(
        NodeReport(node.id, node.label, node.block_id, Result.MAPPED, node.block_id)
        if node.block_id in catalog
        else NodeReport(node.id, node.label, node.block_id, Result.PLACEHOLDER, None, "its block is not installed")
        for node in content.nodes
    )


def judge(imported: Imported, catalog: Catalog, *, with_order: bool) -> tuple[Judged, ...]:
    """Return what is wrong with each graph, in the order of the file's graphs.

    Of calls those of graphs in the file are judged; that one of these cannot run is told of itself alone.

    Args:
        imported: The file's graphs.
        catalog: The blocks there are.
        with_order: Also name the pins whose values depend on timing, of graphs that can run at all.
    """
    judged: list[Judged] = []
    runnable: dict[UUID, bool] = {}

    def order_dependent(content: GraphContent) -> Iterable[tuple[str, str]]:
        return order_dependent_pins(content, catalog)

    called = [CalledGraph(CallKey(one.ref, _VERSION), one.content) for one in imported.graphs]
    known = {one.key: one for one in called if one.key is not None}
    calls = check_calls_of(called, known, catalog, with_called=False)
    for graph, of_calls in zip(imported.graphs, calls, strict=True):
        order = order_dependent if with_order else None
        issues = check_graph(graph.content, catalog, for_run=True, order_dependent=order)
        issues += of_calls
        sound = all(issue.level is Level.WARNING for issue in issues)
        runnable[graph.ref] = sound and all(runnable.get(ref, False) for ref in graph.children.values())
        judged.append(Judged(graph, tuple(issues), runnable[graph.ref]))
    return tuple(judged)
