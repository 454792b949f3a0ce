"""What the commands that run until they are told to stop have in common: signals, one line for each thing that happens."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
import typer

from weft.cli.exits import ExitCode
from weft.cli.interrupts import Interrupts
from weft.cli.terminal import one_line

AsJsonLines = Annotated[
    bool, typer.Option("--json", help="Print a JSON object for each thing that happens, on stdout.")
]
Lifeline = Annotated[
    int | None, typer.Option("--lifeline", hidden=True, help="A file descriptor; stop when it closes.")
]

Concurrency = Annotated[
    int | None, typer.Option("--concurrency", min=1, max=1000, help="Executions at once; else as the settings say.")
]
Drain = Annotated[
    float | None,
    typer.Option("--drain", min=0, metavar="SECONDS", help="How long executions may still run once told to stop."),
]

T = TypeVar("T")

LEAVE_S = 15.0
"""How long a process may take to leave once nothing runs any more."""
_LONGEST_LINE = 1_000


class Teller:
    """Says what happens in one process: a line to stderr, or with `as_json` an object to stdout.

    Nobody has to listen: a reader that went away changes nothing.

    Args:
        role: What kind of process this is.
        as_json: For programs.
        lifeline: A descriptor that is written to when the process has started; whoever started it waits for that.
    """

    def __init__(self, role: str, *, as_json: bool, lifeline: int | None = None) -> None:
        self._role = role
        self._as_json = as_json
        self.lifeline = lifeline

    def __call__(self, event: str, sentence: str, **facts: Any) -> None:
        """Say one thing; `event` is its name for programs."""
        now = datetime.now(UTC)
        if self._as_json:
            line = {"at": now.isoformat(), "role": self._role, "pid": os.getpid(), "event": event}
            _write(1, orjson.dumps({**line, "message": sentence, **facts}, option=orjson.OPT_APPEND_NEWLINE))
        else:
            words = f"{now.astimezone():%H:%M:%S} {self._role} {os.getpid()}: {one_line(sentence, _LONGEST_LINE)}\n"
            _write(2, words.encode(errors="backslashreplace"))
        if event == "started" and self.lifeline is not None:
            _write(self.lifeline, b"\n")


def _write(descriptor: int, line: bytes) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    with suppress(OSError):
        os.write(descriptor, line)  # in one piece: other processes write to the same place


class Stopping:
    """Tells when a process is to stop, whoever says so: a signal, or the end of the process that started it.

    Args:
        tell: Is told when it is not by a signal, and when the process leaves otherwise than in good order.
            Its lifeline closes when whoever started this process is gone.
        within_s: So long leaving may take, and a little longer; then the process ends as it stands.
    """

    def __init__(self, tell: Teller, *, within_s: float) -> None:
        self._tell = tell
        self._within_s = within_s + LEAVE_S
        self._lifeline = tell.lifeline
        self._interrupts = Interrupts(_stop_signals())
        self._interrupts.before_leaving = self._leaves_at_once
        self.before_leaving: Callable[[], None] = lambda: None
        self.asked = self._interrupts.asked

    @contextmanager
    def watched(self) -> Iterator["Stopping"]:
        """Listen for the length of the block; from an event loop's thread."""
        loop = asyncio.get_running_loop()
        limit = asyncio.create_task(self._limit(), name="limit of leaving")
        with self._interrupts.watched():
            if self._lifeline is not None:
                loop.add_reader(self._lifeline, self._orphaned)
            try:
                yield self
            finally:
                limit.cancel()
                if self._lifeline is not None:
                    loop.remove_reader(self._lifeline)

    async def run(self, opening: AbstractAsyncContextManager[T], work: Callable[[T], Awaitable[None]]) -> None:
        """Open something and work with it until asked to stop, as the work sees by itself; opening is given up then."""
        with self.watched():
            async with AsyncExitStack() as stack:
                entering = asyncio.create_task(stack.enter_async_context(opening))
                asked = asyncio.create_task(self.asked.wait())
                await asyncio.wait([entering, asked], return_when=asyncio.FIRST_COMPLETED)
                asked.cancel()
                if entering.done():
                    await work(entering.result())
                else:
                    entering.cancel()
                    await asyncio.wait([entering])

    def _orphaned(self) -> None:
        assert self._lifeline is not None, "only what has a lifeline can lose it"
        asyncio.get_running_loop().remove_reader(self._lifeline)
        if not self.asked.is_set():
            self._tell("orphaned", "whoever started this process is gone; it leaves in good order")
            self.asked.set()

    def _leaves_at_once(self) -> None:
        self._tell("left", "told twice to stop: leaves at once; what ran here is taken over when its lease ends")
        self.before_leaving()

    async def _limit(self) -> NoReturn:
        await self.asked.wait()
        await asyncio.sleep(self._within_s)
        self._tell("left", "could not leave in good order in time; what ran here is taken over when its lease ends")
        self.before_leaving()
        os._exit(ExitCode.FAILED)


def _stop_signals() -> list[signal.Signals]:
    # nohup has a process ignore SIGHUP, and so it stays.
    hung_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGTERM, signal.SIGINT, *hung_up]
