"""Which firing it is, as its context tells it."""

from weft.executions.lent_base import Identity
from weft.executions.planner import Firing
from weft.executions.program import NodeProgram
from weft.executions.state import State
from weft.sdk import UserContext


def identity_of(state: State, program: NodeProgram, firing: Firing, *, attempt: int, key: str) -> Identity:
    """Return the identity of one attempt of a firing; `key` is that of its effect."""
    claim, context = state.claim, state.context
    return Identity(
        idempotency_key=key,
        execution_id=claim.execution_id,
        graph_id=claim.graph_id,
        node_id=program.node.id,
        node_label=program.node.label,
        index=firing.index,
        attempt=attempt,
        user=UserContext(
            id=claim.user_id,
            timezone=context.get("timezone", "UTC"),
            locale=context.get("locale", "en-US"),
            preferences=context.get("preferences", {}),
        ),
    )
