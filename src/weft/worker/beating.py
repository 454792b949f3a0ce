"""A worker's signs of life, and what it does when somebody took it for dead."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from weft.executions.dispatch import Dispatch
from weft.executions.leases import LeaseClock

_log = structlog.get_logger()


class Beating:
    """Renews the lease on all that one worker holds.

    Args:
        dispatch: Where the worker is known.
        clock: Is told until when the lease surely holds.
        ttl_s: After so long without a beat the worker counts as dead; it beats three times as often.
        stop_all: Ends at once all that runs; called when it was taken away.
        on_birth: Called when the worker is known under a new number, at first and again after each death.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        clock: LeaseClock,
        *,
        ttl_s: float,
        stop_all: Callable[[], Awaitable[None]],
        on_birth: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._dispatch = dispatch
        self._clock = clock
        self._pause_s = ttl_s / 3
        self._stop_all = stop_all
        self._on_birth = on_birth
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """Become known as a worker."""
        await self.beat()
        await self._born()

    async def ensure(self) -> None:
        """Return once this worker surely counts as alive: whoever stood still for long may have been taken for dead."""
        if not self._clock.sure():
            await self.beat()

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            await asyncio.sleep(self._pause_s)
            await self.beat()

    async def beat(self) -> None:
        """Beat once. A worker that was declared dead stops everything, and starts anew under another number."""
        async with self._turn:  # else two that find themselves dead would be born again twice
            sent = self._clock.now()
            if await self._dispatch.working():
                self._clock.renewed(sent)
                return
            self._clock.expire()
            _log.warning("this worker was taken for dead; what it ran belongs to others now")
            await self._stop_all()
            sent = self._clock.now()
            await self._dispatch.reborn()
            self._clock.renewed(sent)
            await self._born()

    async def _born(self) -> None:
        if self._on_birth is not None:
            await self._on_birth()
