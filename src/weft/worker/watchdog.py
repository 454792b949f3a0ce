"""Keeps blocks from holding up a worker: interrupts the one in which the event loop stands still.

A thread sees that the loop does not turn, and sends the main thread a signal; its handler looks at what runs there. It raises
only inside of a block's own code, and only if the same run of it stood there almost a second ago, so a busy loop costs no
innocent block its run. Blocks need no marks for this: the frames say which one it is.
"""

import asyncio
import faulthandler
import os
import signal
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

import structlog

from weft.executions.inline import InlineRunner
from weft.executions.interruption import ATTEMPT, Attempt, Interrupted

_LOOK_S = 0.2
_LONG_S = 0.8
_SIGNAL = signal.SIGURG
_INLINE = {InlineRunner.run.__code__: "firing", InlineRunner.burst.__code__: "stream"}
_NOT_THE_ENGINE = ("weft.sdk", "weft.blocks")
_BELOW_A_TASK = ("weft.executions.firing", "weft.cli", "weft.local", "asyncio.")
_OF_THE_LEASE = 0.8
_LEASES_DEAF = 4
_EXIT_CODE = 75

_log = structlog.get_logger()


@asynccontextmanager
async def watched(*, lease_s: float | None = None) -> AsyncIterator[None]:
    """Watch the present event loop for the length of the block; outside of the main thread nothing can be interrupted.

    Args:
        lease_s: End the process when a block that cannot be interrupted has held it up for almost so long: all that runs here
            would soon belong to others anyway. What does not even let another thread run is ended after four times as long.
            None: never.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    watchdog = _Watchdog(asyncio.get_running_loop(), lease_s)
    before = signal.signal(_SIGNAL, watchdog.interrupt)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()
        if signal.getsignal(_SIGNAL) == watchdog.interrupt:
            signal.signal(_SIGNAL, before)


class _Watchdog:
    """Looks at one loop from a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lease_s: float | None) -> None:
        self._loop = loop
        self._lease_s = lease_s
        self._armed_at = 0.0
        self._turned = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._seen: tuple[Any, float] | None = None
        self._in_block = False

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()
        if self._lease_s is not None:
            faulthandler.cancel_dump_traceback_later()

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self._arm()
            self._turned.clear()
            try:
                self._loop.call_soon_threadsafe(self._turned.set)
            except RuntimeError:
                return  # the loop is closed
            looks = 0
            while not self._turned.wait(_LOOK_S) and not self._stopped.is_set():
                looks += 1  # counted, not timed: while the process is stopped nothing is known of the loop
                if self._lease_s is not None and self._in_block and looks * _LOOK_S > self._lease_s * _OF_THE_LEASE:
                    _log.error("a block holds up the event loop and cannot be interrupted: the process ends")
                    os._exit(_EXIT_CODE)
                self._in_block = True  # until the handler says otherwise: code that lets no signal through is a block's
                signal.pthread_kill(_main_thread(), _SIGNAL)
            self._seen, self._in_block = None, False
            self._stopped.wait(_LOOK_S)

    def _arm(self) -> None:
        """Set the alarm that ends the process anew; it needs neither the loop nor the interpreter's lock to go off."""
        now = time.monotonic()
        if self._lease_s is not None and now - self._armed_at > 1:
            self._armed_at = now
            faulthandler.dump_traceback_later(self._lease_s * _LEASES_DEAF, exit=True)

    def interrupt(self, _number: int, frame: FrameType | None) -> None:
        """Interrupt the block that runs, if it has run since an earlier signal; runs in the main thread."""
        if self._turned.is_set() or self._stopped.is_set():
            return
        found = _run_of_a_block(frame)
        self._in_block = found is not None
        now = time.monotonic()
        if found is None:
            self._seen = None
        elif self._seen is None or self._seen[0] is not found:
            self._seen = found, now
        elif now - self._seen[1] >= _LONG_S:
            self._seen = None
            if isinstance(found, Attempt):
                found.interrupted = True
            _log.warning("a block holds up the event loop and is interrupted")
            raise Interrupted


def _main_thread() -> int:
    number = threading.main_thread().ident
    assert number is not None, "the main thread runs"
    return number


def _run_of_a_block(frame: FrameType | None) -> Any:
    """Return what stands for the run of a block, if its own code, or what it calls outside of this program, runs now."""
    inside = False
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if frame.f_code in _INLINE:
            return frame.f_locals.get(_INLINE[frame.f_code]) if inside else None
        if name.startswith(_BELOW_A_TASK):
            break
        if name.startswith("weft.") and not name.startswith(_NOT_THE_ENGINE):
            return None
        inside = True
        frame = frame.f_back
    return ATTEMPT.get() if inside and asyncio.current_task() is not None else None
