"""Progress as a table that changes in place, on a terminal."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from weft.cli.terminal import milliseconds, new_table, one_line
from weft.executions.types import Execution, ExecutionStatus
from weft.graphs.types import GraphContent
from weft.local.progress import NodeProgress, Stage, ended_count

_LOOK: dict[Stage, tuple[str, str]] = {
    Stage.PENDING: ("·", "dim"),
    Stage.RUNNING: ("▶", "cyan"),
    Stage.WAITING: ("⏸", "yellow"),
    Stage.COMPLETED: ("✔", "green"),
    Stage.FAILED: ("✘", "bold red"),
    Stage.CANCELLED: ("■", "magenta"),
}
_URGENCY = {
    Stage.FAILED: 0,
    Stage.RUNNING: 1,
    Stage.WAITING: 2,
    Stage.CANCELLED: 3,
    Stage.COMPLETED: 4,
    Stage.PENDING: 5,
}
_FRAME_LINES = 8
_FINAL_ROWS = 40


class LiveView:
    """Shows all nodes while there is room for them, else those that matter most."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._title = Text()
        self._said: list[str] = []

    def begin(self, execution_id: object, name: str, content: GraphContent) -> None:
        """Show the table, with all nodes pending."""
        self._title = Text.assemble(
            (one_line(name, 60), "bold"), (f"  execution {execution_id}", "dim"), overflow="ellipsis"
        )
        nodes = [NodeProgress(node.label, node.block_id, Stage.PENDING) for node in content.nodes]
        self._live = Live(self._frame(nodes), console=self._console, refresh_per_second=12)
        self._live.start()

    def show(self, nodes: Sequence[NodeProgress]) -> None:
        """Show the present state."""
        if self._live is not None:
            self._live.update(self._frame(nodes))

    def say(self, sentence: str) -> None:
        """Show a sentence below the table."""
        self._said.append(sentence)

    def end(self, execution: Execution, nodes: Sequence[NodeProgress]) -> None:
        """Leave the final table on the screen, with how it ended."""
        spent = "" if execution.duration is None else f" after {milliseconds(execution.duration * 1000)}"
        table = self._table(nodes, _FINAL_ROWS)
        foot = Text(f"{execution.status}{spent}", style=status_style(execution.status))
        if self._live is not None:
            self._live.update(Group(self._title, table, foot))
        self.leave()

    def leave(self) -> None:
        """Stop drawing; the cursor comes back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _frame(self, nodes: Sequence[NodeProgress]) -> Group:
        room = max(self._console.height - _FRAME_LINES, 3)
        state = Text(f"{ended_count(nodes)} of {len(nodes)} nodes done", style="dim")
        said = (Text(sentence, style="yellow") for sentence in self._said)
        return Group(self._title, self._table(nodes, room), Spinner("dots", state), *said)

    def _table(self, nodes: Sequence[NodeProgress], room: int) -> Table:
        shown = list(range(len(nodes)))
        if len(shown) > room:
            shown = sorted(sorted(shown, key=lambda at: _URGENCY[nodes[at].stage])[:room])
        table = new_table()
        table.add_column("", width=1)
        table.add_column("node", overflow="ellipsis", no_wrap=True, ratio=3)
        table.add_column("block", overflow="ellipsis", no_wrap=True, style="dim", ratio=2)
        table.add_column("runs", justify="right")
        table.add_column("time", justify="right", min_width=8)
        for at in shown:
            node = nodes[at]
            sign, style = _LOOK[node.stage]
            runs = str(node.firings) if node.firings else ""
            if node.attempts > node.firings:
                runs += f" ({node.attempts} tries)"
            table.add_row(
                Text(sign, style=style),
                Text(one_line(node.label), style="" if node.stage is not Stage.PENDING else "dim"),
                Text(one_line(node.block)),
                runs,
                milliseconds(node.duration_ms),
            )
        if len(nodes) > len(shown):
            table.add_row("", Text(f"… and {len(nodes) - len(shown)} more", style="dim"), "", "", "")
        return table


_STYLE = {
    ExecutionStatus.COMPLETED: "bold green",
    ExecutionStatus.FAILED: "bold red",
    ExecutionStatus.TIMEOUT: "bold red",
    ExecutionStatus.CANCELLED: "bold magenta",
    ExecutionStatus.WAITING: "bold yellow",
}


def status_style(status: ExecutionStatus) -> str:
    """Return the colour in which a status is shown."""
    return _STYLE.get(status, "")
