"""What a run says about each node of a graph, in the few words that a picture has room for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from weft.graphs.drawing.run import Run, RunError, RunGap, RunNode, RunWait
from weft.graphs.drawing.text import clean
from weft.graphs.indexed import IndexedGraph
from weft.graphs.interface import graph_inputs
from weft.sdk.catalog import Catalog

_ENDED = frozenset({"completed", "failed", "cancelled", "timeout"})


class Stage(StrEnum):
    """How a node is drawn."""

    COMPLETED = "completed"
    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    IDLE = "idle"
    """It has not fired, or never will."""


STAGES = {
    "completed": Stage.COMPLETED,
    "failed": Stage.FAILED,
    "timeout": Stage.FAILED,
    "queued": Stage.RUNNING,
    "running": Stage.RUNNING,
    "waiting": Stage.WAITING,
    "cancelled": Stage.CANCELLED,
}
"""How each status of a run is drawn."""


@dataclass(frozen=True, slots=True)
class NodeState:
    """Where one node of a run stands.

    Attributes:
        stage: Decides colour and sign.
        words: Status and figures, as "completed · 3 runs · 12 ms".
        reason: Why it failed, waits or never ran; empty if there is nothing to say.
    """

    stage: Stage
    words: str
    reason: str = ""


def read_states(graph: IndexedGraph, catalog: Catalog, run: Run) -> dict[str, NodeState]:
    """Return the state of each node that can fire, by node id."""
    fired = {node.node_id: node for node in run.nodes}
    gaps = {gap.node_id: gap for gap in run.not_fired}
    waits: dict[str, list[RunWait]] = {}
    for wait in run.waiting:
        waits.setdefault(wait.node_id, []).append(wait)
    given = {
        wanted.node_id: "given" if wanted.name in run.inputs else "default"
        for wanted in graph_inputs(graph.content, catalog)
        if wanted.name in run.inputs or wanted.default is not None
    }
    states = {}
    for node_id in graph.nodes:
        if not graph.runs(node_id):
            continue
        if node_id in fired:
            states[node_id] = _fired(fired[node_id], run.error, waits.get(node_id, ()))
        elif node_id in given:
            states[node_id] = NodeState(Stage.COMPLETED, given[node_id])
        else:
            states[node_id] = _idle(gaps.get(node_id), ended=run.status in _ENDED)
    return states


def _fired(node: RunNode, error: RunError | None, waits: Sequence[RunWait]) -> NodeState:
    failed = error is not None and error.node_id == node.node_id
    stage = Stage.FAILED if failed else STAGES.get(node.status, Stage.RUNNING)
    words = [str(stage)]
    if node.firings > 1:
        words.append(f"{node.firings:,} runs")
    if node.attempts > node.firings:
        words.append(f"{node.attempts:,} tries")
    words.append(duration_words(node.duration_ms))
    reason = ""
    if failed and error is not None:
        reason = clean(error.message)
    elif waits:
        reason = _wait_words(waits)
    return NodeState(stage, " · ".join(words), reason)


def _wait_words(waits: Sequence[RunWait]) -> str:
    first = waits[0]
    words = [] if first.kind == "time" and first.until is not None else [f"for {first.kind}"]
    if first.until is not None:
        words.append(f"until {first.until:%Y-%m-%d %H:%M:%S} UTC")
    title = f": {clean(first.title)}" if first.title else ""
    more = f" (and {len(waits) - 1:,} more)" if len(waits) > 1 else ""
    return " ".join(words) + title + more


def _idle(gap: RunGap | None, *, ended: bool) -> NodeState:
    if not ended:
        return NodeState(Stage.IDLE, "not yet run")
    missing = ", ".join(f"'{clean(pin)}'" for pin in gap.missing) if gap is not None else ""
    return NodeState(Stage.IDLE, "not run", f"no value for {missing}" if missing else "")


def run_words(run: Run) -> str:
    """Return how a run stands, and how long it took or has taken so far."""
    if run.duration is None:
        return run.status
    took = duration_words(run.duration * 1000)
    return f"{run.status} after {took}" if run.status in _ENDED else f"{run.status}, {took} so far"


def duration_words(spent_ms: float) -> str:
    """Return a duration in the unit that suits it."""
    if spent_ms < 10:
        return f"{spent_ms:.1f} ms"
    if spent_ms < 1000:
        return f"{spent_ms:.0f} ms"
    seconds = spent_ms / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
