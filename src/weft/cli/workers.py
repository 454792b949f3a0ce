"""`weft workers`: the processes that work on this installation, and how they do."""

from datetime import timedelta

from rich.table import Table
from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.options import AsJson
from weft.cli.output import Json, write_json
from weft.cli.session import with_platform
from weft.cli.terminal import new_table, one_line, print_table, stdout
from weft.executions.crew import Condition, Member, Role

_STYLES = {Condition.WORKING: "green", Condition.DRAINING: "yellow", Condition.SILENT: "bold red"}


def workers(as_json: AsJson = False) -> int:
    """List the processes that work: workers, schedulers, and programs that run executions of their own.

    `silent` has given no sign of life for longer than its lease lasts: others take over what it ran.

    Examples:
    - `weft workers`
    - `weft workers --json | jq '[.items[] | .slots - .running] | add'`: free slots in all
    """
    members = with_platform(lambda platform: platform.crew().members())
    if as_json:
        write_json({"items": [member_shape(member) for member in members]})
    elif not members:
        stdout().print("nobody works; weft serve starts workers")
    else:
        print_table(stdout(), _table(members))
    return ExitCode.DONE


def member_shape(member: Member) -> Json:
    """Return a process as `workers` shows it."""
    facts = member.facts
    return {
        "id": str(member.id),
        "role": None if facts is None else str(facts.role),
        "name": None if facts is None else facts.name,
        "host": None if facts is None else facts.host,
        "pid": None if facts is None else facts.pid,
        "slots": None if facts is None else facts.slots,
        "running": member.running,
        "status": str(member.condition),
        "started_at": member.started_at,
        "beat_age_ms": round(member.beat_age / timedelta(milliseconds=1)),
    }


def _table(members: list[Member]) -> Table:
    table = new_table()
    for name in ("name", "role", "status", "runs", "last beat", "since"):
        table.add_column(name, no_wrap=True)
    for member in members:
        facts = member.facts
        slots = facts.slots if facts is not None and facts.role is not Role.SCHEDULER else None
        table.add_row(
            Text(one_line(str(member.id) if facts is None else facts.name)),
            Text("" if facts is None else str(facts.role)),
            Text(str(member.condition), style=_STYLES[member.condition]),
            str(member.running) if slots is None else f"{member.running} of {slots}",
            f"{member.beat_age / timedelta(seconds=1):.1f} s ago",
            f"{member.started_at.astimezone():%m-%d %H:%M:%S}",
        )
    return table
