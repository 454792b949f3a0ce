"""The canonical file of a graph together with the graphs that it runs: text to contents and back, byte for byte.

Inside the file a node names what it runs by a key, so that the file means the same wherever it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weft.graphs.calls import (
    GRAPH,
    VERSION,
    CallKey,
    children_first,
    circle_behind,
    find_calls,
    name_called,
    runs_itself,
)
from weft.graphs.documents import content_from, to_document
from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code
from weft.graphs.types import Graph, GraphContent, Node
from weft.sdk.catalog import Catalog
from weft.sdk.graph_file import canonical_bytes
from weft.sdk.kinds import BlockType
from weft.sdk.sub_graphs import LONGEST_ID, is_id, keys_of_sub_graphs

MOST_SUB_GRAPHS = 1_000
_SUB_GRAPHS = "sub_graphs"


@dataclass(frozen=True, slots=True)
class GraphDocument:
    """What a file holds: a graph, and by key graphs that it and they run."""

    main: GraphContent
    sub_graphs: Mapping[str, GraphContent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubGraph:
    """A graph of a file; `children` holds by node id the keys of what it runs. The main graph has no key."""

    key: str | None
    content: GraphContent
    children: Mapping[str, str]


def document_from(document: Mapping[str, Any], *, place: str = "") -> GraphDocument:
    """Return what a document given as plain data holds, checked like a file.

    Raises:
        DocumentInvalid: One of its graphs is none, or holds a value that cannot be stored.
    """
    main = content_from({key: value for key, value in document.items() if key != _SUB_GRAPHS}, place=place)
    graphs = document.get(_SUB_GRAPHS, {})
    if not isinstance(graphs, dict):
        raise DocumentInvalid(Code.WRONG_SHAPE, "must be an object", place=place, path=_SUB_GRAPHS)
    if len(graphs) > MOST_SUB_GRAPHS:
        message = f"holds {len(graphs):,} graphs; at most {MOST_SUB_GRAPHS:,} are allowed"
        raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=_SUB_GRAPHS)
    found = {}
    for key, graph in graphs.items():
        if not 1 <= len(key) <= LONGEST_ID or not key.isprintable() or is_id(key):
            message = f"{key[:80]!r} is no key: a text of 1 to {LONGEST_ID} printable characters that is no id"
            raise DocumentInvalid(Code.WRONG_SHAPE, message, place=place, path=_SUB_GRAPHS)
        inside = _inside(place, key)
        if not isinstance(graph, dict):
            raise DocumentInvalid(Code.WRONG_SHAPE, "a graph is a JSON object", place=inside)
        found[key] = content_from(graph, place=inside)
    return GraphDocument(main, found)


def _inside(place: str, key: str | None) -> str:
    return place if key is None else ": ".join(part for part in (place, f"sub-graph {key!r}") if part)


def read_calls(document: GraphDocument, catalog: Catalog, *, place: str = "") -> list[SubGraph]:
    """Return the graphs of a document, each after those it runs, the main graph last.

    Raises:
        DocumentInvalid: Graphs of the document run each other in a circle, or a node asks one for a version.
    """
    graphs: dict[str | None, GraphContent] = {None: document.main}
    graphs.update(document.sub_graphs)
    children = {
        key: {
            node.id: named
            for node in content.nodes
            if isinstance(named := node.input_default.get(GRAPH), str)
            and named in document.sub_graphs
            and _may_call(node, catalog)
        }
        for key, content in graphs.items()
    }
    for key, content in graphs.items():
        for at, node in enumerate(content.nodes):
            if node.id in children[key] and node.input_default.get(VERSION) is not None:
                message = "is left out beside a graph of the file, which has no versions"
                path = f"nodes[{at}].input_default.{VERSION}"
                raise DocumentInvalid(Code.WRONG_SHAPE, message, place=_inside(place, key), path=path)
    calls: dict[str | None, list[str | None]] = {key: list(called.values()) for key, called in children.items()}
    ordered = children_first(calls)
    free = set(ordered)
    for key in document.sub_graphs:
        if key not in free:
            called = next(one for one in calls[key] if one not in free)
            message = runs_itself([str(one) for one in circle_behind(key, called, calls, free)])
            raise DocumentInvalid(Code.RECURSION, message, place=place, path=_SUB_GRAPHS)
    return [SubGraph(key, graphs[key], children[key]) for key in (*(one for one in ordered if one is not None), None)]


def _may_call(node: Node, catalog: Catalog) -> bool:
    """Whether a node may run a graph: of one whose block is not installed that is assumed."""
    block = catalog.get(node.block_id)
    return block is None or block.spec.block_type is BlockType.AGENT


def embed_sub_graphs(graph: Graph, catalog: Catalog) -> tuple[GraphDocument, list[str]]:
    """Return a document of a graph and all that came with it, and a sentence for each graph that stays outside.

    The graphs that are called are found in `graph.sub_graphs`. One that is not there, or that runs itself, is
    named by its id as before.
    """
    content: dict[CallKey | None, GraphContent] = {None: graph}
    known: dict[CallKey, CallKey] = {}
    for version in graph.sub_graphs:
        key = CallKey(version.graph_id, version.version)
        content[key] = version.content
        known[key] = key
        # What comes back to the graph of the file by its bare id means that graph, which has no key in it.
        if version.is_active and version.graph_id != graph.id:
            known[CallKey(version.graph_id)] = key
    calls = {key: find_calls(one, catalog) for key, one in content.items()}
    called = {
        key: {call.node_id: known[call.key] for call in found if call.key is not None and call.key in known}
        for key, found in calls.items()
    }
    free = set(children_first({key: list(found.values()) for key, found in called.items()}))
    inside = {key: {node_id: one for node_id, one in found.items() if one in free} for key, found in called.items()}
    keys = keys_of_sub_graphs(None, lambda key: inside[key].values(), lambda key: content[key].name)
    bound = {
        key: name_called(content[key], {node_id: {GRAPH: keys[one]} for node_id, one in inside[key].items()})
        for key in (None, *keys)
    }
    outside = [
        f"node {call.node_id!r} of graph {content[key].name!r} runs graph {call.graph[:80]}, which stays outside of the file"
        for key in bound
        for call in calls[key]
        if call.node_id not in inside[key]
    ]
    return GraphDocument(bound[None], {name: bound[key] for key, name in keys.items()}), outside


def document_bytes(document: GraphDocument) -> bytes:
    """Return the canonical file; without sub-graphs it is that of the graph alone."""
    graphs = {key: to_document(content) for key, content in document.sub_graphs.items()}
    return canonical_bytes(to_document(document.main) | {_SUB_GRAPHS: graphs})
