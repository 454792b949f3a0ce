"""The report at an execution's end: which nodes never ran, what was left over, and why."""

from typing import Any

from weft.executions.state import State


def not_fired(state: State) -> list[dict[str, Any]] | None:
    """Return an entry per node that never fired or was left with values; None when there is none."""
    nodes = state.program.content.nodes
    entries = []
    for why in state.planner.why_not():
        node = nodes[why.node]
        slots = state.plan.slots[why.node]
        cause, index, reason = why.first_cause
        entries.append(
            {
                "node_id": node.id,
                "label": node.label,
                "kind": str(why.kind),
                "missing": list(why.pins),
                "left": {str(slots[slot]): count for slot, count in why.left},
                "cause": {
                    "node_id": nodes[cause].id,
                    "label": nodes[cause].label,
                    "index": index,
                    "reason": str(reason),
                },
            }
        )
    return entries or None
