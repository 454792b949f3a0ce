"""What every worker does for all: requeue what the dead held, wake what is due."""

import asyncio
from collections.abc import Callable

from weft.executions.dispatch import Dispatch, Sweep
from weft.worker.loops import set_within

_SHORTEST_S = 0.005


class Sweeping:
    """Sweeps four times in each `ttl_s`, and when the next known timer is due.

    Args:
        dispatch: Sweeps.
        ttl_s: After so long without a beat a worker counts as dead.
        found: Called after each sweep that put something into the queue.
    """

    def __init__(self, dispatch: Dispatch, *, ttl_s: float, found: Callable[[Sweep], None]) -> None:
        self._dispatch = dispatch
        self.pause_s = ttl_s / 4
        self._found = found
        self._soon = asyncio.Event()

    def soon(self) -> None:
        """Look again now: there is a timer more."""
        self._soon.set()

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await self.turn()

    async def turn(self) -> None:
        """Sweep once, and return when it is time for the next."""
        self._soon.clear()
        swept = await self._dispatch.sweep()
        if swept.requeued or swept.woken:
            self._found(swept)
        pause = self.pause_s
        if swept.next_timer_s is not None:
            pause = min(pause, max(swept.next_timer_s, _SHORTEST_S))
        await set_within(self._soon, pause)
