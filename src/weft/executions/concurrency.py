"""Use cases of limits: how many executions of a user, of a graph, with one key run at once."""

from uuid import UUID

from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.errors import LimitNotFound
from weft.executions.repository import turns
from weft.executions.repository.turns import ConcurrencyLimit
from weft.graphs.service import get_graph

MOST = 1_000_000


async def list_limits(tx: Transaction, user_id: UUID) -> list[ConcurrencyLimit]:
    """Return the user's limits with what they count now: those for all graphs first, then by name of the graph."""
    return await turns.limits_of(tx, user_id)


async def set_limit(
    tx: Transaction, user_id: UUID, *, most: int, graph_id: UUID | None = None, per_key: bool = False
) -> ConcurrencyLimit:
    """Let at most so many executions run at once, in place of an earlier limit for the same.

    It holds at once: what runs goes on and counts, what stands in the queue without a place is held back.

    Args:
        tx: An open transaction.
        user_id: Whose executions.
        most: How many, 1 to a million.
        graph_id: Only those of this graph; None is those of all graphs together.
        per_key: So many for each key that starts are given; executions without a key are not counted.

    Raises:
        InvalidInput: The number is wrong; nothing was changed.
        GraphNotFound: The user has no such graph; nothing was changed.
    """
    if not 1 <= most <= MOST:
        raise InvalidInput(f"a limit is 1 to {MOST:,} executions, not {most}", place="--most")
    if graph_id is not None:
        await get_graph(tx, graph_id, user_id)
    await turns.set_limit(tx, user_id, graph_id=graph_id, per_key=per_key, most=most)
    return await _find(tx, user_id, graph_id, per_key=per_key)


async def remove_limit(
    tx: Transaction, user_id: UUID, *, graph_id: UUID | None = None, per_key: bool = False
) -> ConcurrencyLimit:
    """Take a limit away and return it as it was; what it held back goes into the queue.

    Raises:
        LimitNotFound: There is none for this.
    """
    found = await _find(tx, user_id, graph_id, per_key=per_key)
    await turns.remove_limit(tx, user_id, graph_id=graph_id, per_key=per_key)
    return found


async def _find(tx: Transaction, user_id: UUID, graph_id: UUID | None, *, per_key: bool) -> ConcurrencyLimit:
    for limit in await turns.limits_of(tx, user_id):
        if (limit.graph_id, limit.per_key) == (graph_id, per_key):
            return limit
    raise LimitNotFound(graph_id, per_key=per_key)
