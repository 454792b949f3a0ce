"""Progress as plain lines, for logs, pipes and dumb terminals: one line when a node first ends, fails or waits."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from weft.cli.terminal import milliseconds, one_line
from weft.executions.types import Execution
from weft.graphs.types import GraphContent
from weft.local.progress import NodeProgress, Stage

_TOLD = frozenset({Stage.COMPLETED, Stage.FAILED, Stage.CANCELLED, Stage.WAITING})


class LineView:
    """Writes each node's stage once, when it is one that people want to know of."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[int, Stage] = {}

    def begin(self, execution_id: object, name: str, content: GraphContent) -> None:
        """Write what runs."""
        self._write(f"run {one_line(name)}: {len(content.nodes)} nodes, execution {execution_id}")

    def show(self, nodes: Sequence[NodeProgress]) -> None:
        """Write a line for each node that came to an end, or to wait, since the last call."""
        for position, node in enumerate(nodes):
            if node.stage in _TOLD and self._told.get(position) is not node.stage:
                self._told[position] = node.stage
                self._write(f"  {node.stage:<10} {one_line(node.label)}{_numbers(node)}")

    def say(self, sentence: str) -> None:
        """Write a sentence."""
        self._write(sentence)

    def end(self, execution: Execution, nodes: Sequence[NodeProgress]) -> None:
        """Write what was not written yet, and how it ended."""
        self.show(nodes)
        spent = "" if execution.duration is None else f" after {milliseconds(execution.duration * 1000)}"
        self._write(f"{execution.status}{spent}")

    def leave(self) -> None:
        """Do nothing: lines leave the terminal as it is."""

    def _write(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


class SilentView:
    """Shows nothing: programs read the result."""

    def begin(self, execution_id: object, name: str, content: GraphContent) -> None:
        """Show nothing."""

    def show(self, nodes: Sequence[NodeProgress]) -> None:
        """Show nothing."""

    def say(self, sentence: str) -> None:
        """Show nothing."""

    def end(self, execution: Execution, nodes: Sequence[NodeProgress]) -> None:
        """Show nothing."""

    def leave(self) -> None:
        """Show nothing."""


def _numbers(node: NodeProgress) -> str:
    parts = [f"{node.firings} firings"] if node.firings > 1 else []
    if node.attempts > node.firings:
        parts.append(f"{node.attempts} attempts")
    if node.duration_ms is not None:
        parts.append(milliseconds(node.duration_ms))
    return f"  ({', '.join(parts)})" if parts else ""
