"""The one cycle that agents of the platform use on purpose, found so that it can be replaced.

A node "Add To List" hands its list to itself and takes one entry in each round; a second node gives the list that it
begins with. In Weft `flow.collect` does that without a cycle.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weft.interop.autogpt.blocks import ADD_TO_LIST, CREATE_LIST, STORE_VALUE
from weft.interop.autogpt.document import AgentLink, AgentNode
from weft.interop.autogpt.pins import base_of
from weft.interop.autogpt.values import is_neutral

_LIST, _ENTRY, _RESULT = "list", "entry", "updated_list"
_GIVES = {ADD_TO_LIST: _RESULT, CREATE_LIST: "list", STORE_VALUE: "output"}
"""The blocks whose list can be known beforehand, and the pin on which they give it."""


@dataclass(frozen=True, slots=True)
class Accumulator:
    """A node that becomes `flow.collect`.

    Attributes:
        loop: Ids of the links from the node to itself.
        start: The list it begins with; None if that comes over a link.
        seed: The node that is no longer needed, because `start` holds what it gave.
    """

    node_id: str
    loop: frozenset[str]
    start: list[Any] | None
    seed: str | None


def find_accumulators(
    nodes: Sequence[AgentNode], links: Sequence[AgentLink], values: Mapping[str, Mapping[str, Any]]
) -> dict[str, Accumulator]:
    """Return the nodes that only gather values in a loop, by their id.

    Args:
        nodes: Those of one agent.
        links: Those of one agent; ends may be missing.
        values: What each node gives to its own pins, by node id.
    """
    by_id = {node.id: node for node in nodes}
    into: dict[str, list[AgentLink]] = defaultdict(list)
    out_of: dict[str, list[AgentLink]] = defaultdict(list)
    for link in links:
        into[link.sink_id].append(link)
        out_of[link.source_id].append(link)
    found: dict[str, Accumulator] = {}
    for node in nodes:
        if node.block_id != ADD_TO_LIST or not _gathers(node, into[node.id], values[node.id]):
            continue
        seeds = [link for link in into[node.id] if link.sink_name == _LIST and link.source_id != node.id]
        loop = frozenset(str(link.id) for link in into[node.id] if link.source_id == node.id)
        start, seed = _list_of(values[node.id].get(_LIST)), None
        if seeds:
            seed = _only_use(by_id.get(seeds[0].source_id), seeds[0], out_of, by_id)
            start = None if seed is None else _constant(by_id[seed], into[seed], values[seed])
            seed = None if start is None else seed
        found[node.id] = Accumulator(node.id, loop, start, seed)
    return found


def _gathers(node: AgentNode, links: Sequence[AgentLink], values: Mapping[str, Any]) -> bool:
    """Whether the node is linked to itself, begins with one list, and takes single entries at the end."""
    loops = [link for link in links if link.source_id == node.id]
    others = [link for link in links if link.source_id != node.id]
    seeds = [link for link in others if link.sink_name == _LIST]
    entries = [link for link in others if link.sink_name == _ENTRY]
    return (
        bool(loops)
        and all((link.source_name, link.sink_name) == (_RESULT, _LIST) for link in loops)
        and len(seeds) <= 1
        and bool(entries)
        and len(seeds) + len(entries) == len(others)
        and is_neutral(values.get("entries"))
        and values.get("position") is None
    )


def _only_use(
    seed: AgentNode | None, link: AgentLink, out_of: Mapping[str, Sequence[AgentLink]], by_id: Mapping[str, AgentNode]
) -> str | None:
    """Return the seed's id if nothing but the accumulator uses what it gives."""
    if seed is None or link.source_name != _GIVES.get(seed.block_id):
        return None
    used = [other for other in out_of[seed.id] if other.sink_id in by_id]
    return seed.id if len(used) == 1 else None


def _constant(seed: AgentNode, into: Sequence[AgentLink], values: Mapping[str, Any]) -> list[Any] | None:
    """Return the list that a seed always gives; None if that shows only in a run."""
    linked = {base_of(link.sink_name) for link in into}
    match seed.block_id:
        case block if block == STORE_VALUE and "data" not in linked:
            data = values.get("data")
            return data if isinstance(data, list) and data else None
        case block if block == CREATE_LIST and not linked:
            is_whole = values.get("max_size") is None and values.get("max_tokens") is None
            given = values.get("values")
            return given if is_whole and isinstance(given, list) else None
        case block if block == ADD_TO_LIST and not linked:
            return _added(values)
        case _:
            return None


def _added(values: Mapping[str, Any]) -> list[Any] | None:
    begun, entries = _list_of(values.get(_LIST)), _list_of(values.get("entries"))
    position = values.get("position")
    if begun is None or entries is None or not (position is None or type(position) is int):
        return None
    entry = values.get(_ENTRY)
    added = entries if entry is None else [*entries, entry]
    place = len(begun) if position is None else position
    return [*begun[:place], *added, *begun[place:]]


def _list_of(value: Any) -> list[Any] | None:
    if value is None:
        return []
    return value if isinstance(value, list) else None
