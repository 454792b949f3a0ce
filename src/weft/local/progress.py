"""How far an execution is, node by node, as the displays show it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from weft.executions.loop import Drive
from weft.executions.types import Execution, ExecutionStatus
from weft.graphs.interface import graph_inputs
from weft.graphs.types import GraphContent
from weft.sdk import Catalog


class Stage(StrEnum):
    """Where a node stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({Stage.COMPLETED, Stage.FAILED, Stage.CANCELLED})


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """One node at one moment; `duration_ms` is known once its firings are recorded."""

    label: str
    block: str
    stage: Stage
    firings: int = 0
    attempts: int = 0
    duration_ms: float | None = None


class View(Protocol):
    """Shows the progress of one execution."""

    def begin(self, execution_id: object, name: str, content: GraphContent) -> None:
        """Take what is going to run."""
        ...

    def show(self, nodes: Sequence[NodeProgress]) -> None:
        """Take the present state; called a few times a second while something runs."""
        ...

    def say(self, sentence: str) -> None:
        """Show a sentence beside the progress."""
        ...

    def end(self, execution: Execution, nodes: Sequence[NodeProgress]) -> None:
        """Take how the execution ended, or what it waits for."""
        ...

    def leave(self) -> None:
        """Give the terminal back at once."""
        ...


def progress_of(drive: Drive) -> list[NodeProgress]:
    """Return where each node of a running execution stands, in the order of the graph."""
    state = drive.state
    open_count: dict[int, int] = {}
    waiting: set[int] = set()
    for firing in state.planner.open():
        open_count[firing.node] = open_count.get(firing.node, 0) + 1
        if state.planner.is_waiting(firing.node, firing.index):
            waiting.add(firing.node)
    failed = None if state.error is None else state.error.get("node_id")
    nodes = []
    for position, node in enumerate(state.program.content.nodes):
        fired = state.planner.fired(position)
        is_open = open_count.get(position, 0)
        stage = Stage.PENDING
        if node.id == failed:
            stage = Stage.FAILED
        elif position in waiting:
            stage = Stage.WAITING
        elif is_open:
            stage = Stage.RUNNING
        elif fired or position in state.planner.given:
            stage = Stage.COMPLETED
        nodes.append(NodeProgress(node.label, node.block_id, stage, firings=max(fired - is_open, 0)))
    return nodes


def final_progress(execution: Execution, content: GraphContent, given: frozenset[str]) -> list[NodeProgress]:
    """Return where each node stands by the record of its execution, in the order of the graph.

    Args:
        execution: What is recorded.
        content: What it ran.
        given: Ids of the INPUT nodes that held a value from the start; no firing is recorded of them.
    """
    known = {node.node_id: node for node in execution.nodes}
    failed = None if execution.error is None else execution.error.node_id
    nodes = []
    for node in content.nodes:
        summary = known.get(node.id)
        if summary is None:
            stage = Stage.COMPLETED if node.id in given else Stage.PENDING
            nodes.append(NodeProgress(node.label, node.block_id, stage))
            continue
        stage = Stage.FAILED if node.id == failed else Stage(str(_STAGE.get(summary.status, summary.status)))
        nodes.append(
            NodeProgress(node.label, node.block_id, stage, summary.firings, summary.attempts, summary.duration_ms)
        )
    return nodes


_STAGE = {
    ExecutionStatus.TIMEOUT: Stage.FAILED,
    ExecutionStatus.QUEUED: Stage.PENDING,
}


def given_inputs(execution: Execution, content: GraphContent, catalog: Catalog) -> frozenset[str]:
    """Return the ids of the INPUT nodes that held a value when the execution began."""
    return frozenset(
        one.node_id for one in graph_inputs(content, catalog) if one.name in execution.inputs or one.default is not None
    )


def ended_count(nodes: Iterable[NodeProgress]) -> int:
    """Return how many nodes have ended."""
    return sum(node.stage in ENDED for node in nodes)
