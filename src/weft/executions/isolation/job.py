"""What a block host is told of a firing."""

from typing import Any

from weft.executions.state import OpenState, State


def job_of(state: State, open_: OpenState, data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the firing as plain data: which block, its input, its answer if it waited, and what its context knows.

    Args:
        state: The execution.
        open_: The firing.
        data: Its input as plain data that the block's `Input` takes.
        key: Its idempotency key.
    """
    program, firing, claim = open_.program, open_.firing, state.claim
    answered = state.answers.get((firing.node, firing.index))
    kind = type(program.block)
    context = state.context
    return {
        "block": f"{kind.__module__}:{kind.__qualname__}",
        "input": data,
        "answered": answered is not None,
        "state": None if answered is None else answered[0].state,
        "answer": open_.answer,
        "value_bytes": program.value_bytes,
        "facts": {
            "key": key,
            "execution_id": str(claim.execution_id),
            "graph_id": str(claim.graph_id),
            "node_id": program.node.id,
            "node_label": program.node.label,
            "index": firing.index,
            "attempt": open_.record.attempt,
            "user": {
                "id": str(claim.user_id),
                "timezone": context.get("timezone", "UTC"),
                "locale": context.get("locale", "en-US"),
                "preferences": context.get("preferences", {}),
            },
        },
    }
