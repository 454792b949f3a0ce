"""A graph with what the checks ask again and again: nodes by id, their blocks, links by end."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from weft.errors import InvalidInput
from weft.graphs.types import GraphContent, Link, Node
from weft.sdk.catalog import Catalog
from weft.sdk.kinds import BlockType
from weft.sdk.paths import PinPath, parse_pin
from weft.sdk.spec import BlockSpec

_MOST_NAMED = 20


@dataclass(frozen=True)
class IndexedGraph:
    """A graph, its places and its blocks.

    Attributes:
        nodes: By id; of nodes with the same id the first.
        places: Where each node stands in the document.
        specs: Of nodes whose block is known.
        sound_links: Those whose two nodes exist, with their place in the document.
        linked_pins: For each node the input pins that links fill, wholly or in part.
    """

    content: GraphContent
    nodes: dict[str, Node]
    places: dict[str, int]
    specs: dict[str, BlockSpec]
    sound_links: list[tuple[int, Link]]
    linked_pins: dict[str, set[str]]

    def name(self, node_id: str) -> str:
        """Return how messages call a node: its label, and its id where that says more."""
        node = self.nodes.get(node_id)
        if node is None:
            return repr(node_id)
        return f"{node.label!r}" if node.label == node.id else f"{node.label!r} ({node.id})"

    def names(self, node_ids: Iterable[str]) -> str:
        """Return the names of nodes with commas between; after twenty, how many more there are."""
        ids = list(node_ids)
        named = ", ".join(self.name(node_id) for node_id in ids[:_MOST_NAMED])
        more = len(ids) - _MOST_NAMED
        return f"{named} and {more} more" if more > 0 else named

    def node_path(self, node_id: str, *rest: str) -> str:
        """Return the place of a node, or of a part of it, in the document."""
        return ".".join((f"nodes[{self.places[node_id]}]", *rest))

    def is_type(self, node_id: str, *types: BlockType) -> bool:
        """Whether the node's block is known and of one of the types."""
        spec = self.specs.get(node_id)
        return spec is not None and spec.block_type in types

    def runs(self, node_id: str) -> bool:
        """Whether the node may ever fire: notes do not; of unknown blocks it is assumed."""
        spec = self.specs.get(node_id)
        return spec is None or spec.runs

    def is_satisfied(self, node_id: str, pin: str) -> bool:
        """Whether an input pin gets its value from a link or from the node's defaults."""
        return pin in self.linked_pins[node_id] or pin in self.nodes[node_id].input_default


def index_graph(content: GraphContent, catalog: Catalog) -> IndexedGraph:
    """Return the graph with its index; costs time linear in its size."""
    nodes: dict[str, Node] = {}
    places: dict[str, int] = {}
    specs: dict[str, BlockSpec] = {}
    for at, node in enumerate(content.nodes):
        if node.id in nodes:
            continue
        nodes[node.id], places[node.id] = node, at
        block = catalog.get(node.block_id)
        if block is not None:
            specs[node.id] = block.spec
    sound = [(at, link) for at, link in enumerate(content.links) if link.source_id in nodes and link.sink_id in nodes]
    linked: dict[str, set[str]] = {node_id: set() for node_id in nodes}
    read = cache(read_pin)
    for _, link in sound:
        reference = read(link.sink_name)
        if reference is not None:
            linked[link.sink_id].add(reference.pin)
    return IndexedGraph(content, nodes, places, specs, sound, linked)


def read_pin(text: str) -> PinPath | None:
    """Return the pin reference that the text holds, None if it is none."""
    try:
        return parse_pin(text)
    except InvalidInput:
        return None
