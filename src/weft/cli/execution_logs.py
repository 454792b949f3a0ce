"""The log of one execution: for people as lines from old to new, for programs as a page from new to old."""

from uuid import UUID

from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.output import Json, write_json
from weft.cli.session import with_transaction
from weft.cli.terminal import one_line, printable, stdout, value_text
from weft.executions.entities import ExecutionLog
from weft.executions.logbook import LogPage, logs
from weft.executions.types import LogLevel
from weft.users.types import LOCAL_OWNER

_STYLES = {
    LogLevel.DEBUG: "dim",
    LogLevel.INFO: "",
    LogLevel.WARNING: "yellow",
    LogLevel.ERROR: "red",
    LogLevel.CRITICAL: "bold red",
}
_LABEL = 24
_LINES = 100


def show_logs(
    execution_id: UUID, *, limit: int | None, after: str | None, level: LogLevel | None, as_json: bool
) -> ExitCode:
    """Show a page of the log of an execution: its newest lines, or those before a cursor."""
    limit, level = limit or _LINES, level or LogLevel.DEBUG
    page = with_transaction(lambda tx: logs(tx, LOCAL_OWNER, execution_id, after=after, limit=limit, level=level))
    if as_json:
        write_json({"items": [_shape(line) for line in page.items], "next": page.next})
    else:
        _tell(execution_id, page)
    return ExitCode.DONE


def _shape(line: ExecutionLog) -> Json:
    return line.to_structured_log() | {
        "seq": line.seq,
        "node_label": line.node_label,
        "firing": line.firing,
        "attempt": line.attempt,
    }


def _tell(execution_id: UUID, page: LogPage) -> None:
    console = stdout()
    if page.next is not None:
        console.print(
            Text(f"older: weft executions {execution_id} --logs --after {page.next}", style="dim"), soft_wrap=True
        )
    if not page.items:
        console.print("the log has no such lines")
    for line in reversed(page.items):
        console.print(_text(line), soft_wrap=True)


def _text(line: ExecutionLog) -> Text:
    """Return a line: time, level, place, words; further lines of its words are set below the first."""
    time = f"{line.timestamp.astimezone():%H:%M:%S.%f}"[:-3]
    head = f"{time}  {line.level:<8}  {_place(line):<{_LABEL}}  "
    words = printable(line.message).replace("\n", "\n" + " " * len(head))
    fields = "".join(
        f"  {one_line(name)}={one_line(value_text(value))}"
        for name, value in line.metadata.items()
        if value is not None
    )
    style = _STYLES[line.level]
    return Text.assemble((head, "dim"), (words, style), (fields, "dim"))


def _place(line: ExecutionLog) -> str:
    if line.node_label is None:
        return "execution"
    number = "" if not line.firing else f" #{line.firing}"
    attempt = "" if line.attempt in (None, 1) else f" try {line.attempt}"
    return one_line(line.node_label, _LABEL - len(number) - len(attempt)) + number + attempt
