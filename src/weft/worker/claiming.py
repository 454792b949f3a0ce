"""How a worker comes by executions: never more than it has free slots for, and as many at a time as there are."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from weft.executions.dispatch import Dispatch
from weft.executions.ports import Claim
from weft.worker.held import Held
from weft.worker.loops import POLL_S, about, set_within

_BATCH = 20


class Claiming:
    """Claims executions for one worker until told to stop.

    Args:
        dispatch: Where they come from.
        slots: How many may be held at once.
        only: Take none but these and whom they call; None is any.
        held: What the worker holds; this reads it and writes nothing.
        ensure: Returns once the worker surely counts as alive: what a dead one claims is taken from it again.
        start: Called with each claim.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        *,
        slots: int,
        only: Sequence[UUID] | None,
        held: Mapping[UUID, Held],
        ensure: Callable[[], Awaitable[None]],
        start: Callable[[Claim], None],
    ) -> None:
        self._dispatch = dispatch
        self._slots = slots
        self._only = only
        self._held = held
        self._ensure = ensure
        self._start = start
        self._abandoned: list[Claim] = []
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look into the queue now."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; `run` ends."""
        self._stopping.set()
        self._wake.set()

    def abandon(self, claim: Claim) -> None:
        """Requeue what a long loss of the database ended here: this worker lives, so no sweep would ever take it."""
        self._abandoned.append(claim)

    async def run(self) -> None:
        """Claim, again at once after a full batch, else when woken or after about a second."""
        while not self._stopping.is_set():
            self._wake.clear()
            await self._ensure()
            await self._give_back()
            wanted = min(self._slots - len(self._held), _BATCH)
            claims = await self._dispatch.take(wanted, only=self._only, held=list(self._held)) if wanted > 0 else []
            if self._stopping.is_set():
                self._abandoned.extend(claims)
                await self._give_back()
                return
            for claim in claims:
                self._start(claim)
            if not claims or len(claims) < wanted:
                await set_within(self._wake, about(POLL_S))

    async def _give_back(self) -> None:
        while self._abandoned:
            claim = self._abandoned[-1]
            await self._dispatch.back(claim.execution_id, claim.token)
            self._abandoned.pop()
