"""What a Python program may name as a graph: a file, the id of a saved one, a builder, or the graph itself."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from weft.errors import InvalidInput
from weft.graphs.documents import to_document
from weft.graphs.sub_graphs import document_from
from weft.graphs.types import GraphContent
from weft.interop.reading import ParsedFile, parse_file
from weft.local.sources import GraphFile, OpenedFile, find_source, open_graph_file
from weft.sdk import Block, Catalog
from weft.sdk.builder import GraphBuilder

GraphLike = str | os.PathLike[str] | UUID | GraphBuilder | GraphContent | Mapping[str, Any]
"""A path, the id of a saved graph, a builder, a graph, or the document of one as plain data."""

BlockLike = Block | type[Block]

_SOURCE = "python"
"""What graphs made by programs are remembered by, together with their name."""


@dataclass(frozen=True, slots=True)
class GivenGraph:
    """A graph that a program named, and the blocks that came with it.

    Attributes:
        graph: What it holds, or the id of a saved one.
        is_file: It was read from a file, and is remembered by the file's path.
    """

    graph: OpenedFile | UUID
    blocks: tuple[Block, ...] = ()
    is_file: bool = False

    def read(self, catalog: Catalog) -> GraphFile | UUID:
        """Return the graph, or its id; blocks and pins are not checked here.

        Raises:
            DocumentInvalid: Something in an agent from elsewhere cannot be translated.
        """
        if isinstance(self.graph, UUID):
            return self.graph
        file = self.graph.read(catalog)
        if self.is_file or not self.graph.parsed.is_own:
            return file
        return GraphFile(file.shown, replace(file.imported, source=_SOURCE))


def read_graph(graph: GraphLike, blocks: Iterable[BlockLike] = ()) -> GivenGraph:
    """Return what was named, read once; later changes of it change nothing.

    Raises:
        InvalidInput: It names no graph, or there is no such file.
        DocumentInvalid: It holds no graph; the message names the place.
    """
    own = tuple(block() if isinstance(block, type) else block for block in blocks)
    match graph:
        case UUID():
            return GivenGraph(graph, own)
        case str():
            found = find_source(graph)
            return GivenGraph(found, own, is_file=isinstance(found, OpenedFile))
        case os.PathLike():
            return GivenGraph(open_graph_file(os.fspath(graph)), own, is_file=True)
        case GraphBuilder():
            return GivenGraph(_parsed(graph.to_document()), (*graph.blocks, *own))
        case GraphContent():
            return GivenGraph(_parsed(to_document(graph)), own)
        case Mapping():
            return GivenGraph(_read_document(graph), own)
    raise InvalidInput(f"a graph is a path, an id, a GraphBuilder or a document, not {type(graph).__name__}")


def with_blocks(catalog: Catalog, blocks: Iterable[Block]) -> Catalog:
    """Return a catalog that has these blocks too; those that it has already are no hindrance.

    Raises:
        BlockDefinitionError: Another block has the id of one of them.
    """
    kinds = {type(known) for known in catalog}
    missing = {type(block): block for block in blocks if type(block) not in kinds}
    return catalog.with_blocks(*missing.values()) if missing else catalog


def _parsed(document: Mapping[str, Any]) -> OpenedFile:
    place = f"graph {document['name']!r}"
    graphs = document_from(document, place=place)
    return OpenedFile(place, ParsedFile(place, graphs.main.name, graphs))


def _read_document(document: Mapping[str, Any]) -> OpenedFile:
    name = document.get("name")
    place = f"graph {name!r}" if isinstance(name, str) else "the graph"
    try:
        data = json.dumps(dict(document)).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{place}: this cannot be written as JSON: {error}", place=place) from error
    return OpenedFile(place, parse_file(data, place=place, key=str(name)))
