"""A picture in words, for those who have it read to them."""

from collections.abc import Mapping, Sequence

from weft.graphs.drawing.run import Run
from weft.graphs.drawing.states import NodeState, Stage, run_words
from weft.graphs.drawing.text import clean
from weft.graphs.indexed import IndexedGraph
from weft.graphs.types import Link
from weft.sdk.kinds import BlockType

_MOST_LINKS = 60


def describe(graph: IndexedGraph, links: Sequence[Link], run: Run | None, states: Mapping[str, NodeState]) -> str:
    """Return sentences that say what the picture shows: its size, its ends, its links, how the run stands."""
    sentences = [f"A graph of {count(len(graph.nodes), 'node')} and {count(len(links), 'link')}."]
    for kind, words in ((BlockType.INPUT, "Inputs"), (BlockType.OUTPUT, "Outputs")):
        if labels := [_label(graph, node_id) for node_id in graph.nodes if graph.is_type(node_id, kind)]:
            sentences.append(f"{words}: {', '.join(labels)}.")
    if run is not None:
        sentences.append(f"The run: {run_words(run)}.")
        sentences += [
            f"{_label(graph, node_id)}: {state.words}{f', {state.reason}' if state.reason else ''}."
            for node_id, state in states.items()
            if state.stage is not Stage.COMPLETED
        ]
    pairs = dict.fromkeys((link.source_id, link.sink_id) for link in links)
    sentences += [
        f"{_label(graph, source)} leads to {_label(graph, sink)}." for source, sink in list(pairs)[:_MOST_LINKS]
    ]
    if len(pairs) > _MOST_LINKS:
        sentences.append(f"And {len(pairs) - _MOST_LINKS:,} more.")
    return " ".join(sentences)


def _label(graph: IndexedGraph, node_id: str) -> str:
    return clean(graph.nodes[node_id].label)


def count(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
