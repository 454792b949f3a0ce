"""`weft answer`: what a person says to a step that waits."""

from typing import Annotated, Any

import typer
from rich.text import Text

from weft.assembly import Platform
from weft.cli.exits import ExitCode
from weft.cli.options import AsJson, ExecutionIdText
from weft.cli.output import execution_shape, write_json
from weft.cli.session import in_transaction, with_platform
from weft.cli.sources import read_id
from weft.cli.terminal import stdout
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.types import Execution
from weft.graphs.json_text import parse_json
from weft.graphs.limits import DEFAULT_LIMITS
from weft.users.types import LOCAL_OWNER


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
        return await in_transaction(platform, lambda tx: _answer(platform, tx))

    async def _answer(platform: Platform, tx: Transaction) -> Execution:
        found = await platform.executions.get(tx, LOCAL_OWNER, execution_id)
        _check(found, key, parsed)
        await platform.executions.answer(tx, LOCAL_OWNER, execution_id, wait_key=key, data=parsed)
        return await platform.executions.get(tx, LOCAL_OWNER, execution_id)

    answered = with_platform(work)
    if as_json:
        write_json(execution_shape(answered))
    else:
        stdout().print(Text(f"answered; go on with: weft resume {answered.id}"), soft_wrap=True)
    return ExitCode.DONE


def _check(execution: Execution, key: str, data: Any) -> None:
    """Refuse an answer to a wait that is not there.

    Raises:
        InvalidInput: The execution waits, and not under this key; or an answer's outputs are no pairs.
    """
    keys = [wait.key for wait in execution.waiting]
    if keys and key not in keys:
        raise InvalidInput(f"execution {execution.id} does not wait for {key!r}; it waits for: {', '.join(keys)}")
    if isinstance(data, dict) and data.get("decision") == "output":
        outputs = data.get("outputs")
        if not isinstance(outputs, list) or not all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in outputs
        ):
            raise InvalidInput('the decision "output" needs "outputs": a list of [pin, value]', place="--data")
