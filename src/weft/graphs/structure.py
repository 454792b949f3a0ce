"""The shape of a graph, apart from what its blocks mean: entries, exits, cycles, reachability.

All functions are linear in nodes and links, never recurse, and answer in the order of `content.nodes`. Links
whose ends do not exist are passed over.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from weft.graphs.types import GraphContent, Link, Node

Ends = tuple[str, str, str, str]


def link_ends(link: Link) -> Ends:
    """Return what makes two links the same link, whatever their ids: both nodes and both pins."""
    return link.source_id, link.sink_id, link.source_name, link.sink_name


def successors(content: GraphContent) -> dict[str, list[str]]:
    """Return for each node the nodes its links lead to, each as often as links do."""
    following: dict[str, list[str]] = {node.id: [] for node in content.nodes}
    for link in content.links:
        if link.source_id in following and link.sink_id in following:
            following[link.source_id].append(link.sink_id)
    return following


def get_entry_nodes(content: GraphContent) -> list[Node]:
    """Return the nodes that no link leads to."""
    sinks = {link.sink_id for link in content.links}
    return [node for node in content.nodes if node.id not in sinks]


def get_exit_nodes(content: GraphContent) -> list[Node]:
    """Return the nodes that no link comes from."""
    sources = {link.source_id for link in content.links}
    return [node for node in content.nodes if node.id not in sources]


def has_cycles(content: GraphContent) -> bool:
    """Whether a node can be reached from itself; a link from a node to itself is enough."""
    return bool(_left_by_kahn(successors(content)))


def find_cycles(content: GraphContent) -> list[list[str]]:
    """Return the node ids of each tangle of cycles, in which each node reaches all others."""
    following = successors(content)
    left = _left_by_kahn(following)
    if not left:
        return []
    inside = {node: [next_ for next_ in following[node] if next_ in left] for node in left}
    order = {node.id: at for at, node in enumerate(content.nodes)}
    tangles = [
        sorted(group, key=order.__getitem__)
        for group in _strong_components(inside)
        if len(group) > 1 or group[0] in inside[group[0]]
    ]
    return sorted(tangles, key=lambda group: order[group[0]])


def find_unreachable_nodes(content: GraphContent) -> list[str]:
    """Return the ids of nodes that cannot be reached from any entry node; empty if there is no entry node."""
    entries = [node.id for node in get_entry_nodes(content)]
    if not entries:
        return []
    reached = reachable(successors(content), entries)
    return [node.id for node in content.nodes if node.id not in reached]


def reachable(following: Mapping[str, Sequence[str]], starts: Iterable[str]) -> set[str]:
    """Return the starts and all that links lead to from them."""
    reached = set(starts)
    waiting = deque(reached)
    while waiting:
        for node in following[waiting.popleft()]:
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return reached


def _left_by_kahn(following: Mapping[str, Sequence[str]]) -> dict[str, None]:
    """Return, in node order, what is on a cycle or behind one."""
    missing = dict.fromkeys(following, 0)
    for targets in following.values():
        for target in targets:
            missing[target] += 1
    ready = deque(node for node, count in missing.items() if not count)
    while ready:
        for target in following[ready.popleft()]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return {node: None for node, count in missing.items() if count}


def _strong_components(following: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the strongly connected components (Kosaraju: finishing order forward, then gather backward)."""
    preceding: dict[str, list[str]] = {node: [] for node in following}
    for node, targets in following.items():
        for target in targets:
            preceding[target].append(node)
    gathered: set[str] = set()
    components: list[list[str]] = []
    for root in reversed(_finishing_order(following)):
        if root in gathered:
            continue
        gathered.add(root)
        component, waiting = [root], [root]
        while waiting:
            for node in preceding[waiting.pop()]:
                if node not in gathered:
                    gathered.add(node)
                    component.append(node)
                    waiting.append(node)
        components.append(component)
    return components


def _finishing_order(following: Mapping[str, Sequence[str]]) -> list[str]:
    seen: set[str] = set()
    finished: list[str] = []
    for root in following:
        if root in seen:
            continue
        seen.add(root)
        trail = [(root, iter(following[root]))]
        while trail:
            node, rest = trail[-1]
            for target in rest:
                if target not in seen:
                    seen.add(target)
                    trail.append((target, iter(following[target])))
                    break
            else:
                finished.append(node)
                trail.pop()
    return finished
