"""What a person says to a step that waits."""

from typing import Any
from uuid import UUID

from weft.assembly import Platform
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.types import Execution
from weft.users.types import LOCAL_OWNER


async def give_answer(
    platform: Platform, tx: Transaction, execution_id: UUID, data: Any, *, key: str | None
) -> Execution:
    """Answer a wait and return the execution as it stands then; a worker goes on with it once `tx` is committed.

    Args:
        platform: Where it runs.
        tx: An open transaction.
        execution_id: Which execution.
        data: The answer, as plain data.
        key: Which wait; None: the only one that a person or a call from outside can answer.

    Raises:
        ExecutionNotFound: There is none.
        AlreadyEnded: It waits no more.
        InvalidInput: It does not wait so, waits for several answers, or a decision is wrong; nothing was written.
    """
    found = await platform.executions.get(tx, LOCAL_OWNER, execution_id)
    chosen = _only_key(found) if key is None else key
    _check(found, chosen, data)
    await platform.executions.answer(tx, LOCAL_OWNER, execution_id, wait_key=chosen, data=data)
    return await platform.executions.get(tx, LOCAL_OWNER, execution_id)


def _only_key(execution: Execution) -> str:
    keys = [wait.key for wait in execution.waiting if wait.kind in ("person", "webhook")]
    if len(keys) == 1:
        return keys[0]
    reason = f"waits for several; name one by its key: {', '.join(keys)}" if keys else "waits for no answer"
    raise InvalidInput(f"execution {execution.id} {reason}")


def _check(execution: Execution, key: str, data: Any) -> None:
    keys = [wait.key for wait in execution.waiting if wait.key]
    if keys and key not in keys:
        raise InvalidInput(f"execution {execution.id} does not wait for {key!r}; it waits for: {', '.join(keys)}")
    if isinstance(data, dict) and data.get("decision") == "output":
        outputs = data.get("outputs")
        if not isinstance(outputs, list) or not all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in outputs
        ):
            raise InvalidInput('the decision "output" needs "outputs": a list of [pin, value]', place="data")
