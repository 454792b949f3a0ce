"""Who runs what: the port behind which executions are handed to workers.

PostgreSQL implements it; an engine that owns delivery may, too. Messages are ids: the truth stays in the executions table,
and a claim stays a compare-and-set there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from weft.executions.ports import Claim


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did, and when the next known timer is due (seconds from now; None: none is known)."""

    requeued: int
    woken: int
    next_timer_s: float | None


class Dispatch(Protocol):
    """Offers executions to workers and takes them back from dead ones."""

    async def take(self, limit: int, *, only: Sequence[UUID] | None = None, held: Sequence[UUID] = ()) -> list[Claim]:
        """Claim up to `limit` queued executions, in fair order; with `only`, none but those and whom they call.

        Args:
            limit: How many at most.
            only: Which ones; None is any.
            held: What this worker runs already. When the answer to an earlier claim was lost on the way, what that one
                took is returned first: it is this worker's, and nobody else would ever run it.
        """
        ...

    async def working(self) -> bool:
        """Renew this worker's lease on all it runs; False when it was declared dead and must stop everything."""
        ...

    async def reborn(self) -> None:
        """Become a new worker after having been declared dead; nothing that was claimed before is owned any more."""
        ...

    async def back(self, execution_id: UUID, token: int) -> None:
        """Return an execution to the head of the queue, unharmed (an orderly hand-over)."""
        ...

    async def sweep(self) -> Sweep:
        """Requeue what dead workers held, wake what is due."""
        ...

    async def depth(self) -> int:
        """Return how many executions wait for a worker."""
        ...
