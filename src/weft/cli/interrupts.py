"""Ctrl-C and other signals: the first asks to cancel, the second ends the program at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from weft.cli.exits import ExitCode


class Interrupts:
    """Tells whether somebody pressed Ctrl-C; `asked` is set by the first time.

    Args:
        signals: Which signals count; Ctrl-C alone by default.
    """

    def __init__(self, signals: Sequence[signal.Signals] = (signal.SIGINT,)) -> None:
        self._signals = signals
        self.asked = asyncio.Event()
        self.before_leaving: Callable[[], None] = lambda: None

    @contextmanager
    def watched(self) -> Iterator["Interrupts"]:
        """Take the signals for the length of the block; from an event loop's thread."""
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.add_signal_handler(number, self._interrupted)
        try:
            yield self
        finally:
            for number in self._signals:
                loop.remove_signal_handler(number)

    def _interrupted(self) -> None:
        if self.asked.is_set():
            # Nothing is tidied up: what is durable stays as it is, and `weft resume` goes on from there.
            self.before_leaving()
            os._exit(ExitCode.INTERRUPTED)
        self.asked.set()
