"""Room in the queue: how much may wait for workers before starts are refused."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from weft.db.transaction import Transaction
from weft.executions.errors import QueueFull
from weft.executions.limits import Limits
from weft.executions.repository import turns

_FRESH_S = 1.0
_NEAR = 0.9
_USERS = 1000


@dataclass(slots=True)
class _Line:
    """How long a user's line was when somebody looked, and what this process has put into it since."""

    looked_at: float
    length: int


@dataclass(slots=True)
class Room:
    """Says whether there is room for one more; asks the database at most once a second, unless a bound is near."""

    _lines: dict[UUID, _Line] = field(default_factory=dict)
    _full: bool = False
    _looked_at: float = float("-inf")

    async def require(self, tx: Transaction, user_id: UUID, limits: Limits) -> None:
        """Return if one more execution of this user may be queued, and count it.

        Raises:
            QueueFull: There are too many, of the user or of all; nothing was written.
        """
        now = asyncio.get_running_loop().time()
        line = self._lines.get(user_id)
        if line is None or now - line.looked_at >= _FRESH_S or line.length >= _NEAR * limits.queued_per_user:
            line = _Line(now, await turns.count_in_line(tx, user_id, limits.queued_per_user))
            if len(self._lines) >= _USERS:
                self._lines.clear()
            self._lines[user_id] = line
        if line.length >= limits.queued_per_user:
            raise QueueFull.of_user(limits.queued_per_user)
        if now - self._looked_at >= _FRESH_S:
            self._full = await turns.is_queue_full(tx, limits.queued)
            self._looked_at = now
        if self._full:
            raise QueueFull.of_all(limits.queued)
        line.length += 1
