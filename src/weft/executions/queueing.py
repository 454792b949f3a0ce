"""What executions wait for that nobody runs yet: a free worker, or a place that their user's limits leave them."""

from collections.abc import Sequence
from uuid import UUID

from weft.db.transaction import Transaction
from weft.executions.repository import turns
from weft.executions.repository.turns import ConcurrencyLimit, Place
from weft.executions.types import Waiting

_COUNTED = 1000


async def queued_waits(tx: Transaction, execution_ids: Sequence[UUID]) -> dict[UUID, tuple[Waiting, ...]]:
    """Return what each of these executions waits for; those that somebody runs by now are left out."""
    if not execution_ids:
        return {}
    places, is_anybody_there = await turns.places(tx, execution_ids)
    return {id: (_waiting(place, is_anybody_there=is_anybody_there),) for id, place in places.items()}


def limit_sentence(limit: ConcurrencyLimit) -> str:
    """Return what a limit says, without a verb: "at most 2 executions of this graph at once"."""
    executions = "execution" if limit.most == 1 else "executions"
    of = "of yours" if limit.graph_id is None else "of this graph"
    return f"at most {limit.most:,} {executions} {of}{' with one key' if limit.per_key else ''} at once"


def _waiting(place: Place, *, is_anybody_there: bool) -> Waiting:
    if place.ahead is None:
        reason = "" if place.limit is None else f": {limit_sentence(place.limit)}"
        return Waiting(node_id="", label="", kind="limit", title=f"a place{reason}")
    if not is_anybody_there:
        return Waiting(node_id="", label="", kind="worker", title="a worker: none is there, weft worker starts one")
    return Waiting(node_id="", label="", kind="worker", title=f"a free worker: {_ahead(place.ahead)}")


def _ahead(count: int) -> str:
    if count == 0:
        return "it is the next in line"
    number = f"{_COUNTED:,} or more" if count >= _COUNTED else str(count)
    return f"{number} {'stands' if count == 1 else 'stand'} before it in line"
