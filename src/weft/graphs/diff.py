"""What changed between two graphs, as one sentence for each change.

Two graphs have no changes exactly if their canonical files are the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from weft.graphs.diff_pairs import Pairs, pair
from weft.graphs.diff_values import ABSENT, change_words, differences, is_same
from weft.graphs.indexed import index_graph
from weft.graphs.json_text import Steps, format_steps
from weft.graphs.secrets import secret_pins, without_secrets
from weft.graphs.structure import link_ends
from weft.graphs.types import GraphContent, Link, Node
from weft.sdk.catalog import Catalog

HIDDEN = "changed (hidden)"
"""What is said of a secret."""

_POSITION = "position"


class ChangeKind(StrEnum):
    """What a change is about; the values never change."""

    NAME = "name"
    DESCRIPTION = "description"
    NODE_REMOVED = "node_removed"
    NODE_ADDED = "node_added"
    NODE_RENAMED = "node_renamed"
    NODE_BLOCK = "node_block"
    NODE_VALUE = "node_value"
    NODE_POLICY = "node_policy"
    NODE_METADATA = "node_metadata"
    LINK_REMOVED = "link_removed"
    LINK_ADDED = "link_added"
    LINK_CHANGED = "link_changed"
    NODES_MOVED = "nodes_moved"
    ORDER = "order"
    IDS = "ids"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        sentence: What changed, for people.
        node_id: Which node, by its id after the change; before it, if the node was removed.
        link_id: Which link, likewise.
        path: Where it stands in the document that has it; None where it is about many places.
        before: What it was; None if there was nothing, or it is secret.
        after: What it is.
    """

    kind: ChangeKind
    sentence: str
    node_id: str | None = None
    link_id: str | None = None
    path: str | None = None
    before: Any = None
    after: Any = None


def diff_graphs(before: GraphContent, after: GraphContent, catalog: Catalog) -> list[Change]:
    """Return all changes: of the graph, of its nodes, of its links, then of places, ids and order.

    Nodes are the same if their ids are; where the two graphs have no id in common, if label and block are.
    Links are the same if they connect the same pins, else if their ids are the same. Secrets are compared,
    and never shown. That nodes moved on the canvas, or only have other ids, is counted in one change.
    """
    pairs = pair(index_graph(before, catalog), index_graph(after, catalog))
    return [*_of_graph(before, after), *_of_nodes(pairs), *_of_links(pairs), *_of_the_whole(pairs)]


def _of_graph(before: GraphContent, after: GraphContent) -> Iterator[Change]:
    if before.name != after.name:
        words = f"Name {change_words(before.name, after.name)}"
        yield Change(ChangeKind.NAME, words, path="name", before=before.name, after=after.name)
    old, new = before.description, after.description
    if old != new:
        words = f"Description {change_words(ABSENT if old is None else old, ABSENT if new is None else new)}"
        yield Change(ChangeKind.DESCRIPTION, words, path="description", before=old, after=new)


def _of_nodes(pairs: Pairs) -> Iterator[Change]:
    old_nodes, new_nodes = pairs.before.nodes, pairs.after.nodes
    for at in _unpaired(len(old_nodes), (old for old, _ in pairs.nodes)):
        node = old_nodes[at]
        sentence = f"Node removed: {pairs.before.node(node)}"
        yield Change(ChangeKind.NODE_REMOVED, sentence, node_id=node.id, path=f"nodes[{at}]", before=_gist(node))
    for at in _unpaired(len(new_nodes), (new for _, new in pairs.nodes)):
        node = new_nodes[at]
        sentence = f"Node added: {pairs.after.node(node)}"
        yield Change(ChangeKind.NODE_ADDED, sentence, node_id=node.id, path=f"nodes[{at}]", after=_gist(node))
    for old, new in pairs.nodes:
        yield from _of_node(pairs, old_nodes[old], new_nodes[new], path=f"nodes[{new}]")


def _unpaired(count: int, paired: Iterable[int]) -> list[int]:
    known = set(paired)
    return [at for at in range(count) if at not in known]


def _gist(node: Node) -> dict[str, str]:
    return {"id": node.id, "label": node.label, "block_id": node.block_id}


def _of_node(pairs: Pairs, old: Node, new: Node, *, path: str) -> Iterator[Change]:
    if old.label != new.label:
        sentence = f"Node {pairs.before.node(old)}: renamed to {new.label!r}"
        kind, place = ChangeKind.NODE_RENAMED, f"{path}.label"
        yield Change(kind, sentence, node_id=new.id, path=place, before=old.label, after=new.label)
    if old.block_id != new.block_id:
        sentence = f"Node {pairs.after.node(new)}: block {change_words(old.block_id, new.block_id)}"
        kind, place = ChangeKind.NODE_BLOCK, f"{path}.block_id"
        yield Change(kind, sentence, node_id=new.id, path=place, before=old.block_id, after=new.block_id)
    pins = secret_pins(old, pairs.before.graph.specs.get(old.id)) | secret_pins(
        new, pairs.after.graph.specs.get(new.id)
    )
    old_policy, new_policy = (node.policy.model_dump(exclude_none=True) for node in (old, new))
    about = _Part(new.id, f"Node {pairs.after.node(new)}", path, pins)
    yield from _of_values(about, "input_default", old.input_default, new.input_default)
    yield from _of_values(about, "policy", old_policy, new_policy)
    yield from _of_values(about, "metadata", old.metadata, new.metadata)


_KINDS = {
    "input_default": ChangeKind.NODE_VALUE,
    "policy": ChangeKind.NODE_POLICY,
    "metadata": ChangeKind.NODE_METADATA,
}


@dataclass(frozen=True, slots=True)
class _Part:
    """What a sentence about a node's values begins with, and where they stand."""

    node_id: str
    start: str
    path: str
    secret_pins: frozenset[str]


def _of_values(part: _Part, field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the changes of one object of a node, but for its position."""
    if is_same(before, after):
        return
    pins = part.secret_pins if field == "input_default" else ()
    secrets = [place for values in (before, after) for place in without_secrets(values, pins)[1]]
    found = list(differences(before, after))
    for place in found:
        if field == "metadata" and place.steps[0] == _POSITION:
            continue
        steps = (field, *place.steps)
        hidden = any(_is_within(place.steps, secret) or _is_within(secret, place.steps) for secret in secrets)
        words = HIDDEN if hidden else change_words(place.before, place.after)
        yield Change(
            _KINDS[field],
            f"{part.start}: {format_steps(steps[1:] if field == 'input_default' else steps)} {words}",
            node_id=part.node_id,
            path=f"{part.path}.{format_steps(steps)}",
            before=None if hidden or place.before is ABSENT else place.before,
            after=None if hidden or place.after is ABSENT else place.after,
        )
    if not found:
        sentence = f"{part.start}: the order of its {'values' if field == 'input_default' else field} changed"
        yield Change(ChangeKind.ORDER, sentence, node_id=part.node_id, path=f"{part.path}.{field}")


def _is_within(place: Steps, outer: Steps) -> bool:
    return place[: len(outer)] == outer


def _of_links(pairs: Pairs) -> Iterator[Change]:
    old_links, new_links = pairs.before.links, pairs.after.links
    for at in _unpaired(len(old_links), (old for old, _ in pairs.links)):
        sentence, link = f"Link removed: {pairs.before.way(old_links[at])}", old_links[at]
        yield Change(ChangeKind.LINK_REMOVED, sentence, link_id=link.id, path=f"links[{at}]", before=link.model_dump())
    for at in _unpaired(len(new_links), (new for _, new in pairs.links)):
        sentence, link = f"Link added: {pairs.after.way(new_links[at])}", new_links[at]
        yield Change(ChangeKind.LINK_ADDED, sentence, link_id=link.id, path=f"links[{at}]", after=link.model_dump())
    for old, new in pairs.links:
        before, after = old_links[old].model_dump(), new_links[new].model_dump()
        for sentence in _link_sentences(pairs, old_links[old], new_links[new]):
            id, path = new_links[new].id, f"links[{new}]"
            yield Change(ChangeKind.LINK_CHANGED, sentence, link_id=id, path=path, before=before, after=after)


def _link_sentences(pairs: Pairs, old: Link, new: Link) -> Iterator[str]:
    way = pairs.after.way(new)
    if pairs.ends_after(old) != link_ends(new):
        yield f"Link changed: {pairs.before.way(old)} is now {way}"
    if old.is_static != new.is_static:
        yield f"Link {way}: {'static now' if new.is_static else 'no longer static'}"
    if old.optional_path != new.optional_path:
        yield f"Link {way}: its path {'may lead nowhere now' if new.optional_path else 'must lead somewhere now'}"


def _of_the_whole(pairs: Pairs) -> Iterator[Change]:
    old, new = pairs.before, pairs.after
    moved = sum(not is_same(_position(old.nodes[one]), _position(new.nodes[other])) for one, other in pairs.nodes)
    if moved:
        yield Change(ChangeKind.NODES_MOVED, f"{_count(moved, 'node')} moved", after=moved)
    nodes = sum(old.nodes[one].id != new.nodes[other].id for one, other in pairs.nodes)
    links = sum(old.links[one].id != new.links[other].id for one, other in pairs.links)
    if nodes or links:
        counted = [_count(number, noun) for number, noun in ((nodes, "node"), (links, "link")) if number]
        yield Change(ChangeKind.IDS, f"{' and '.join(counted)} got another id", after=nodes + links)
    for noun, places in (("nodes", pairs.nodes), ("links", pairs.links)):
        if any(one > other for (one, _), (other, _) in pairwise(places)):
            yield Change(ChangeKind.ORDER, f"The order of the {noun} changed", path=noun)


def _position(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node.metadata.items() if key == _POSITION}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
