"""`weft answer`: what a person says to a step that waits."""

from typing import Annotated

import typer
from rich.text import Text

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.options import AsJson, ExecutionIdText
from weft.cli.output import execution_shape, write_json
from weft.cli.session import with_platform
from weft.cli.terminal import stdout
from weft.executions.types import Execution
from weft.graphs.json_text import parse_json
from weft.graphs.limits import DEFAULT_LIMITS
from weft.local.answering import give_answer
from weft.local.sources import read_id
from weft.local.transactions import in_transaction


def answer(
    execution: ExecutionIdText,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Which wait; `weft executions ID` shows it.")],
    data: Annotated[str, typer.Option("--data", metavar="JSON", help="The answer.")],
    as_json: AsJson = False,
) -> int:
    """Answer a step that waits; `weft resume` then goes on with the execution.

    A step whose outcome is unknown, because its worker died while an effect was under way, asks for a decision:
    look outside whether the effect happened, then say so.

    Examples:
    - `weft answer 0193b7c2-… unknown:3:0:1 --data '{"decision": "retry"}'`: it did not happen, do it now
    - `weft answer 0193b7c2-… unknown:3:0:1 --data '{"decision": "skip"}'`: go on without it
    - `weft answer 0193b7c2-… unknown:3:0:1 --data '{"decision": "output", "outputs": [["value", 7]]}'`: it
      happened, and this is what came out
    """
    execution_id = read_id(execution, "an execution")
    parsed = parse_json(data, place="--data", limits=DEFAULT_LIMITS)

    async def work(platform: Platform) -> Execution:
        return await in_transaction(platform, lambda tx: give_answer(platform, tx, execution_id, parsed, key=key))

    answered = with_platform(work)
    if as_json:
        write_json(execution_shape(answered))
    else:
        stdout().print(Text(f"answered; go on with: weft resume {answered.id}"), soft_wrap=True)
    return ExitCode.DONE
