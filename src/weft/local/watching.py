"""How far an execution is, node by node, as its events tell it: for whoever watches what another process runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from weft.executions.stream_events import (
    Event,
    FiringEnded,
    FiringEvent,
    FiringFailed,
    FiringWaits,
)
from weft.graphs.types import GraphContent
from weft.local.progress import NodeProgress, Stage


@dataclass(slots=True)
class _Node:
    """What is known of one node; `waits` of a firing that began is whether it waits."""

    label: str
    block: str
    is_given: bool
    waits: dict[int, bool] = field(default_factory=dict)
    firings: int = 0
    attempts: int = 0
    spent_ms: float = 0.0
    failed: bool = False

    def take(self, event: FiringEvent) -> None:
        """Note what happened in one firing."""
        if isinstance(event, FiringEnded | FiringFailed):
            self.waits.pop(event.firing, None)
            self.firings += 1
            self.attempts += event.attempts
            if event.ended_at is not None:
                self.spent_ms += (event.ended_at - event.started_at).total_seconds() * 1000
            self.failed |= isinstance(event, FiringFailed) and not event.caught
        else:
            self.waits[event.firing] = isinstance(event, FiringWaits)

    def progress(self) -> NodeProgress:
        """Return where the node stands."""
        stage = Stage.COMPLETED if self.firings or self.is_given else Stage.PENDING
        if self.failed:
            stage = Stage.FAILED
        elif any(self.waits.values()):
            stage = Stage.WAITING
        elif self.waits:
            stage = Stage.RUNNING
        duration = self.spent_ms if self.firings else None
        return NodeProgress(self.label, self.block, stage, self.firings, self.attempts, duration)


class Watched:
    """The nodes of one execution.

    Args:
        content: What it runs.
        given: Ids of the INPUT nodes that held a value from the start; nothing is told of them.
    """

    def __init__(self, content: GraphContent, given: frozenset[str]) -> None:
        self._nodes = {node.id: _Node(node.label, node.block_id, node.id in given) for node in content.nodes}

    def take(self, event: Event) -> None:
        """Note what happened; events must come in order, from the first."""
        if isinstance(event, FiringEvent):
            self._nodes[event.node_id].take(event)

    def nodes(self) -> Sequence[NodeProgress]:
        """Return where each node stands, in the order of the graph."""
        return [node.progress() for node in self._nodes.values()]
