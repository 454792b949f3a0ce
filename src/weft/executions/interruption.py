"""Attempts that do not end by themselves: those that hold up the loop are interrupted, those that ignore a cancel left alone."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar

LATE_S = 2.0
"""So much longer than it may a block that was cancelled can take; then nobody waits for it any more."""


class Interrupted(BaseException):
    """Raised inside a block that holds up the event loop; not for blocks to catch."""


class Left(Exception):
    """Nobody waits for this attempt any more, so nothing of it is recorded."""


class Attempt:
    """One run of a block in a task.

    Attributes:
        block_id: Whose.
        interrupted: It held up the event loop; a result that it still gives counts.
        left: Its firing went on without it.
    """

    __slots__ = ("_timer", "block_id", "interrupted", "left")

    def __init__(self, block_id: str) -> None:
        self.block_id = block_id
        self.interrupted = False
        self.left = False
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, limit: asyncio.Timeout, leave: Callable[[], None]) -> None:
        """Call `leave` once the attempt goes on `LATE_S` after its time; while its time stands still nothing happens."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            over = limit.when()
            left_s = LATE_S if over is None else over + LATE_S - loop.time()
            if left_s > 0:
                self._timer = loop.call_later(left_s, look)
            else:
                self.left = True
                leave()

        self._timer = loop.call_at((limit.when() or loop.time()) + LATE_S, look)

    def ended(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()


ATTEMPT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)
"""The attempt in whose task, or in a task of whose, the present code runs."""


def end_for_good(task: asyncio.Task[None]) -> None:
    """End a task that goes on after it was cancelled, as far as that is possible: its coroutine is closed where it stands."""
    with suppress(RuntimeError):  # it goes on even then
        task.get_coro().close()
    task.cancel()
