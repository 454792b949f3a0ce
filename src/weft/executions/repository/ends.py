"""How executions stand, many at a time."""

from collections.abc import Sequence
from uuid import UUID

from weft.db.transaction import Transaction
from weft.executions.types import ExecutionStatus

_STATUSES = "SELECT id, status FROM executions WHERE id = ANY ($1::uuid[])"


async def statuses(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, ExecutionStatus]:
    """Return the status of each execution; those that `tx` cannot see are missing."""
    rows = await tx.raw.fetch(_STATUSES, list(ids))
    return {row["id"]: ExecutionStatus(row["status"]) for row in rows}
