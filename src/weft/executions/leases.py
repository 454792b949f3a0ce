"""The worker's own view of its lease: a clock that counts suspension."""

import time
from typing import Protocol


class Lease(Protocol):
    """Whether this worker surely still owns what it runs."""

    def sure(self) -> bool:
        """Return whether the lease holds, on a clock that counts suspension."""
        ...


class LeaseClock:
    """Knows until when this worker surely owns what it runs.

    A renewal counts from when it was sent, not from when it was answered. The clock is CLOCK_BOOTTIME, which goes on while
    the machine sleeps; a process that was stopped and continues finds its lease gone.
    """

    def __init__(self, ttl_s: float, *, margin: float = 0.8) -> None:
        self._lasts_s = ttl_s * margin
        self._until = 0.0

    @staticmethod
    def now() -> float:
        """Return seconds on the clock that counts suspension."""
        return time.clock_gettime(_CLOCK)

    def renewed(self, sent_at: float) -> None:
        """Note a renewal that the database confirmed, sent at `sent_at` by `now`."""
        self._until = max(self._until, sent_at + self._lasts_s)

    def expire(self) -> None:
        """Note that the worker was declared dead."""
        self._until = 0.0

    def sure(self) -> bool:
        """Return whether the lease holds; False does not mean that it is lost."""
        return self.now() < self._until


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
