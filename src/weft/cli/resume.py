"""`weft resume`: nothing that was begun is lost."""

from typing import Annotated

import typer
from rich.text import Text

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.interrupts import Interrupts
from weft.cli.live import status_style
from weft.cli.options import AsJson
from weft.cli.output import list_shape, write_json
from weft.cli.results import tell_outputs, tell_problems
from weft.cli.session import with_platform
from weft.cli.terminal import milliseconds, stderr, stdout
from weft.errors import InvalidInput
from weft.executions.types import Execution, ExecutionStatus
from weft.local.driving import driving
from weft.local.resuming import open_executions, settle
from weft.local.sources import read_id


def resume(
    execution: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this one.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them; also meant when no ID is given.")] = False,
    as_json: AsJson = False,
) -> int:
    """Go on with executions whose process is gone, each from its last recorded step.

    What another living process runs is left to it. Ctrl-C stops and gives back what is not done yet.

    Examples:
    - `weft resume`: everything that was left behind
    - `weft resume 0193b7c2-5d1e-7c33-a5a5-0f0e6b1d2c3b`

    Exit codes: 0 all completed, 1 one failed, 3 one was cancelled, 4 one waits for a person.
    """
    if execution is not None and everything:
        raise InvalidInput("give an id or --all, not both")
    interrupts = Interrupts()
    told = (lambda _: None) if as_json else _tell

    async def work(platform: Platform) -> list[Execution]:
        with interrupts.watched():
            async with driving(platform, slots=platform.limits.executions) as driver:
                ids = [read_id(execution, "an execution")] if execution else await open_executions(platform)
                return await settle(driver, ids, told=told, asked=interrupts.asked)

    done = with_platform(work)
    if as_json:
        write_json(list_shape(done, next=None))
    elif not done:
        stderr().print("there is nothing to resume")
    return ExitCode.INTERRUPTED if interrupts.asked.is_set() else _exit_code(done)


def _exit_code(done: list[Execution]) -> ExitCode:
    found = {execution.status for execution in done}
    if ExecutionStatus.WAITING in found:
        return ExitCode.WAITING
    if found & {ExecutionStatus.FAILED, ExecutionStatus.TIMEOUT}:
        return ExitCode.FAILED
    return ExitCode.CANCELLED if ExecutionStatus.CANCELLED in found else ExitCode.DONE


def _tell(execution: Execution) -> None:
    spent = milliseconds(None if execution.duration is None else execution.duration * 1000)
    status = str(execution.status)
    if execution.status is ExecutionStatus.RUNNING:
        status, spent = "left to the process that runs it", ""
    stderr().print(
        Text.assemble(f"{execution.id}  ", (status, status_style(execution.status)), f"  {spent}"), soft_wrap=True
    )
    tell_outputs(execution, stdout())
    tell_problems(execution, stderr())
