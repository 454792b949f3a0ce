"""A process that has loaded the program and forks itself for each command: `weft worker` begins in a tenth of the time.

What it forks runs `weft` with the arguments and the environment asked for, as if it had been started afresh; only loading
the program's modules is shared. Requests and reports are lines of JSON on stdin and stdout.
"""

# ruff: noqa: T201 - what a stuck program waits for is printed for a person
import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(eq=False)
class Child:
    """A program that was forked.

    Attributes:
        ended: Its exit code once it has ended; a signal counts negative.
    """

    pid: int
    ended: "asyncio.Future[int]"

    @property
    def returncode(self) -> int | None:
        """Return its exit code; None while it runs."""
        return self.ended.result() if self.ended.done() else None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if not self.ended.done():
            os.kill(self.pid, number)

    async def wait(self) -> int:
        """Return its exit code when it ends."""
        return await asyncio.shield(self.ended)


@dataclass
class Nursery:
    """The near end of the process that forks."""

    process: asyncio.subprocess.Process
    _children: dict[int, Child] = field(default_factory=dict)
    _asked: "list[asyncio.Future[int]]" = field(default_factory=list)

    async def start(self, arguments: Sequence[str], *, env: Mapping[str, str], folder: Path, words: Path) -> Child:
        """Run `weft` with these arguments in a folder; everything it says goes into a file."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()
        self._asked.append(answer)
        request = {"arguments": list(arguments), "env": dict(env), "folder": str(folder), "words": str(words)}
        assert self.process.stdin is not None, "it was made with pipes"
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        await self.process.stdin.drain()
        pid = await answer
        return self._children.setdefault(pid, Child(pid, loop.create_future()))

    async def listen(self) -> None:
        """Take reports until the process ends."""
        assert self.process.stdout is not None, "it was made with pipes"
        loop = asyncio.get_running_loop()
        while line := await self.process.stdout.readline():
            report = json.loads(line)
            if "started" in report:
                self._children.setdefault(report["started"], Child(report["started"], loop.create_future()))
                self._asked.pop(0).set_result(report["started"])
            else:
                self._children[report["ended"]].ended.set_result(report["code"])


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Lend a nursery; what it forked and still runs then is killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.nursery"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # a Ctrl-C in the terminal would end it before it could tell of the ends of the others
    )
    lent = Nursery(process)
    listening = asyncio.create_task(lent.listen())
    try:
        yield lent
    finally:
        assert process.stdin is not None, "it was made with pipes"
        process.stdin.close()
        await process.wait()
        await listening


class _Far:
    """The far end: forks for each request, and reports every end."""

    def __init__(self) -> None:
        self._alive: set[int] = set()

    def serve(self) -> None:
        """Serve until stdin ends; then kill what is left."""
        signal.signal(signal.SIGCHLD, self._reap)
        for line in sys.stdin:
            request = json.loads(line)
            with _without_reaping():
                pid = os.fork()
                if not pid:
                    _become(request)
                self._alive.add(pid)
                _report(started=pid)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self._alive:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _reap(self, *_: Any) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._alive.discard(pid)
            _report(ended=pid, code=os.waitstatus_to_exitcode(status))


class _without_reaping:  # noqa: N801 - used as a statement
    """Hold back the reports of ends while a start is reported."""

    def __enter__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})

    def __exit__(self, *_: object) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _report(**report: int) -> None:
    os.write(1, json.dumps(report).encode() + b"\n")


def _become(request: Mapping[str, Any]) -> None:
    """Turn into `weft`; never returns."""
    from weft.cli.main import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    words = os.open(request["words"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, end in ((0, nothing), (1, words), (2, words)):
        os.dup2(end, number)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["folder"])
    sys.argv = ["weft", *request["arguments"]]
    random.seed()
    signal.signal(signal.SIGUSR1, _tell_tasks)
    code = 1
    try:
        code = main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _tell_tasks(*_: Any) -> None:
    """Write what every task waits for among the words of the program: for one that seems stuck."""
    for task in asyncio.all_tasks(asyncio.get_running_loop()):
        print(task.get_name(), *_places(task.get_coro()), sep="\n    ", file=sys.stderr)
    sys.stderr.flush()


def _places(awaited: Any) -> Iterator[str]:
    """Yield where a coroutine stands, and whatever it waits for, down to the last one."""
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        yield f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}"
        awaited = awaited.cr_await


def _load() -> None:
    """Load what every command needs, so that nobody has to again."""
    import weft.assembly
    import weft.cli.cancel
    import weft.cli.run
    import weft.cli.worker
    import weft.worker.worker  # noqa: F401
    from weft.sdk import Catalog

    Catalog.load(testing=True)


if __name__ == "__main__":
    _load()
    _Far().serve()
