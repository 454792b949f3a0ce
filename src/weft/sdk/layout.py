"""Where nodes stand on the canvas when nobody placed them: columns by depth, rows by order."""

from collections import Counter
from collections.abc import Iterable, Sequence

_COLUMN = 320.0
_ROW = 160.0


def arrange(nodes: Sequence[str], links: Iterable[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Return a position in pixels for each node: right of all it depends on, below those placed before it.

    Args:
        nodes: Ids, in the order in which rows are filled.
        links: Pairs of source and sink id; nodes on a cycle stand in the first column.
    """
    depths = _depths(nodes, links)
    rows: Counter[int] = Counter()
    places: dict[str, tuple[float, float]] = {}
    for node in nodes:
        column = depths[node]
        places[node] = (column * _COLUMN, rows[column] * _ROW)
        rows[column] += 1
    return places


def _depths(nodes: Sequence[str], links: Iterable[tuple[str, str]]) -> dict[str, int]:
    sinks: dict[str, list[str]] = {node: [] for node in nodes}
    missing: Counter[str] = Counter()
    for source, sink in links:
        sinks[source].append(sink)
        missing[sink] += 1
    depths = dict.fromkeys(nodes, 0)
    found = dict(depths)
    ready = [node for node in nodes if not missing[node]]
    while ready:
        node = ready.pop()
        depths[node] = found[node]
        for sink in sinks[node]:
            found[sink] = max(found[sink], found[node] + 1)
            missing[sink] -= 1
            if not missing[sink]:
                ready.append(sink)
    return depths
