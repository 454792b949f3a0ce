"""How large a graph may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GraphLimits:
    """Upper bounds; what is above one of them is refused before anything else is looked at."""

    document_bytes: int = 20_000_000
    depth: int = 100
    """Lists and objects inside each other, counted from the document itself."""
    nodes: int = 20_000
    links: int = 100_000
    node_bytes: int = 10_000_000
    """Defaults and metadata of one node, as JSON."""


DEFAULT_LIMITS = GraphLimits()
