"""Attempts that do not end by themselves: those that hold up the loop are interrupted, those that ignore a cancel left alone."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, ContextVar

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
        due: When its time is over, by the event loop's clock; None while its time stands still.
        interrupted: It held up the event loop; a result that it still gives counts.
        left: Its firing went on without it.
    """

    __slots__ = ("_cancelling", "_deadlines", "_expired", "_leave", "_task", "block_id", "due", "interrupted", "left")

    def __init__(self, block_id: str) -> None:
        self.block_id = block_id
        self.due: float | None = None
        self.interrupted = False
        self.left = False
        self._expired = False

    def begin(self, deadlines: "Deadlines", seconds: float, leave: Callable[[], None]) -> None:
        """Cancel the present task when its time is over; call `leave` if it goes on `LATE_S` longer."""
        task = asyncio.current_task()
        assert task is not None, "a firing runs in a task"
        self._task, self._cancelling = task, task.cancelling()
        self._deadlines, self._leave = deadlines, leave
        self.due = deadlines.add(self, seconds)

    def pause(self) -> float:
        """Let its time stand still; return the seconds that are left."""
        assert self.due is not None, "its time runs"
        left_s = self.due - self._deadlines.now()
        self.due = None
        return left_s

    def resume(self, left_s: float) -> None:
        """Let its time go on."""
        self._deadlines.discard(self)
        self.due = self._deadlines.add(self, left_s)

    def ended(self) -> bool:
        """Stop watching; return whether nobody but the deadline had cancelled the task, which then is cancelled no more."""
        self._deadlines.discard(self)
        expired, self._expired = self._expired, False
        return expired and self._task.uncancel() <= self._cancelling

    def is_over(self) -> bool:
        """Return whether its time is over."""
        return self.due is not None and self._deadlines.now() > self.due

    def look(self, now: float) -> float | None:
        """Do what is due; return when to look again, None if that need not be."""
        if self.due is None:
            return None
        if now < self.due:
            return self.due
        if not self._expired:
            self._expired = True
            self._task.cancel()
        if now < self.due + LATE_S:
            return self.due + LATE_S
        self.left = True
        self._deadlines.discard(self)
        self._leave()
        return None


class Deadlines:
    """Ends the attempts of a worker whose time is over, with one timer for all.

    An attempt that ends in time leaves the timer as it is: most do, and to set and cancel one for each took as long as
    the planner does. What the timer finds when it comes sets it to the next deadline.
    """

    def __init__(self) -> None:
        self._open: set[Attempt] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._set_to = 0.0

    @staticmethod
    def now() -> float:
        """Return the event loop's time in seconds."""
        return asyncio.get_running_loop().time()

    def add(self, attempt: Attempt, seconds: float) -> float:
        """Watch an attempt that has so many seconds; return when they are over."""
        due = self.now() + seconds
        self._open.add(attempt)
        self._look_at(due)
        return due

    def discard(self, attempt: Attempt) -> None:
        """Watch an attempt no longer."""
        self._open.discard(attempt)

    def close(self) -> None:
        """Cancel the timer; nothing is watched any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look_at(self, time: float) -> None:
        if self._timer is None or time < self._set_to:
            self.close()
            # In a context of its own: that of the task which happens to set it would live as long as the timer.
            self._timer = asyncio.get_running_loop().call_at(time, self._look, context=Context())
            self._set_to = time

    def _look(self) -> None:
        self._timer = None
        now = self.now()
        for attempt in list(self._open):
            again = attempt.look(now)
            if again is not None:
                self._look_at(again)


ATTEMPT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)
"""The attempt in whose task, or in a task of whose, the present code runs."""


def end_for_good(task: asyncio.Task[None]) -> None:
    """End a task that goes on after it was cancelled, as far as that is possible: its coroutine is closed where it stands."""
    with suppress(RuntimeError):  # it goes on even then
        task.get_coro().close()
    task.cancel()
