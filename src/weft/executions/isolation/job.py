"""What a block host is told of a firing."""

from dataclasses import asdict
from typing import Any

from weft.executions.identity import identity_of
from weft.executions.isolation.wire import pack
from weft.executions.state import OpenState, State


def job_of(state: State, open_: OpenState, data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the firing as plain data: which block, its input, its answer if it waited, and which firing it is.

    Args:
        state: The execution.
        open_: The firing.
        data: Its input as plain data that the block's `Input` takes.
        key: Its idempotency key.
    """
    program, firing = open_.program, open_.firing
    answered = state.answers.get((firing.node, firing.index))
    kind = type(program.block)
    identity = identity_of(state, program, firing, attempt=open_.record.attempt, key=key)
    return {
        "block": f"{kind.__module__}:{kind.__qualname__}",
        "input": data,
        "answered": answered is not None,
        "state": None if answered is None else answered[0].state,
        "answer": open_.answer,
        "value_bytes": program.value_bytes,
        "identity": pack(asdict(identity)),
    }
