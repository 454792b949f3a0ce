"""Which parts of two graphs are the same."""

from collections import Counter, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from weft.graphs.indexed import IndexedGraph
from weft.graphs.structure import Ends, link_ends
from weft.graphs.types import Link, Node


@dataclass(frozen=True, slots=True)
class Side:
    """One of two graphs, and how sentences call its parts."""

    graph: IndexedGraph
    labels: Counter[str]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Return its nodes."""
        return self.graph.content.nodes

    @property
    def links(self) -> tuple[Link, ...]:
        """Return its links."""
        return self.graph.content.links

    def node(self, node: Node) -> str:
        """Return a node's label and block, and its id where others have the same label."""
        more = f", {node.id}" if self.labels[node.label] > 1 else ""
        return f"{node.label!r} ({node.block_id}{more})"

    def way(self, link: Link) -> str:
        """Return what a link leads from and to."""
        return f"{self._end(link.source_id)}.{link.source_name} → {self._end(link.sink_id)}.{link.sink_name}"

    def _end(self, node_id: str) -> str:
        node = self.graph.nodes.get(node_id)
        return self.graph.name(node_id) if node is None or self.labels[node.label] > 1 else repr(node.label)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two graphs, and which of their parts are the same.

    Attributes:
        nodes: Places before and after, in the order after.
        links: Likewise.
        new_ids: Ids after by ids before.
    """

    before: Side
    after: Side
    nodes: list[tuple[int, int]]
    links: list[tuple[int, int]]
    new_ids: dict[str, str]

    def ends_after(self, link: Link) -> Ends:
        """Return what a link of the first graph connects, as the second graph says it."""
        source, sink, source_pin, sink_pin = link_ends(link)
        return self.new_ids.get(source, source), self.new_ids.get(sink, sink), source_pin, sink_pin


def pair(before: IndexedGraph, after: IndexedGraph) -> Pairs:
    """Pair nodes by id, or by label and block if no id is in both; links by their ends, then by id."""
    by_id = not before.nodes.keys().isdisjoint(after.nodes)
    old, new = (Side(graph, Counter(node.label for node in graph.content.nodes)) for graph in (before, after))
    old_keys, new_keys = (
        [node.id if by_id else (node.label, node.block_id) for node in nodes] for nodes in (old.nodes, new.nodes)
    )
    nodes = _matched(old_keys, new_keys)
    pairs = Pairs(old, new, nodes, [], {old.nodes[one].id: new.nodes[other].id for one, other in nodes})
    pairs.links.extend(
        _matched([pairs.ends_after(link) for link in old.links], [link_ends(link) for link in new.links])
    )
    if by_id:
        # A key of its own for what is paired already.
        olds, news = {one for one, _ in pairs.links}, {other for _, other in pairs.links}
        old_ids = [("old", at) if at in olds else link.id for at, link in enumerate(old.links)]
        new_ids = [("new", at) if at in news else link.id for at, link in enumerate(new.links)]
        pairs.links.extend(_matched(old_ids, new_ids))
        pairs.links.sort(key=lambda places: places[1])
    return pairs


def _matched(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the places with the same key; of several with one key the first belong together, and so on."""
    waiting: dict[Hashable, deque[int]] = {}
    for at, key in enumerate(before):
        waiting.setdefault(key, deque()).append(at)
    return [(queue.popleft(), at) for at, key in enumerate(after) if (queue := waiting.get(key))]
