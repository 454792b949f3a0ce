"""How one engine is measured: the same loop, clock and checks for Weft and for every peer.

Each engine runs in a process of its own and prints one JSON line. This file needs the standard library only,
for it is imported by the interpreters of all of them.
"""

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from typing import Any, Protocol

NODES = 100
"""No-op nodes of a chain, and arms of a fan."""

SHAPES = {"chain": NODES, "fan": NODES + 2, "chain_effects": NODES}
"""The graphs, and how many nodes one execution of each runs; a fan is 1 -> 100 -> 1."""


@dataclass(frozen=True)
class Recorded:
    """What the database holds of the executions that have ended well."""

    executions: int
    nodes: int


@dataclass(frozen=True)
class Options:
    """What is asked of one process.

    Attributes:
        url: A database of its own, empty.
        at_once: Executions at any moment.
        seconds: No execution is started later than this; those under way are waited for.
        singles: Executions of the idle measurement, one after the other.
        shapes: Only these, of those that the engine knows.
    """

    url: str = ""
    at_once: int = 64
    seconds: float = 4.0
    singles: int = 30
    shapes: tuple[str, ...] = tuple(SHAPES)


class Engine(Protocol):
    """An engine, opened on its database."""

    @property
    def version(self) -> str:
        """Return what its makers call it."""
        ...

    @property
    def does(self) -> str:
        """Return what is durable when `run` returns, in a few words."""
        ...

    @property
    def shapes(self) -> Sequence[str]:
        """Return which of `SHAPES` it knows."""
        ...

    @property
    def modes(self) -> Sequence[str]:
        """Return its durable modes, each of which is measured."""
        ...

    async def run(self, shape: str, mode: str) -> None:
        """Run one execution; return once its end, and all that it promises to keep, is durable."""
        ...

    async def look(self) -> None:
        """See that the last execution has ended well, as a client would who was told so; part of the idle figure."""
        ...

    async def recorded(self) -> Recorded | None:
        """Count in the database what was kept so far; None for an engine that keeps nothing."""
        ...


class NotKept(Exception):
    """The database holds something else than what was run, so the figures would mean nothing."""


async def closed_loop(run: Callable[[], Awaitable[object]], *, at_once: int, seconds: float) -> tuple[int, float]:
    """Keep `at_once` executions going for `seconds`; return how many were run and the seconds until the last ended.

    Each of `at_once` clients starts its next execution when its last one is durable. At least one round of
    them is run, however long that takes.
    """
    began = time.perf_counter()
    done = 0

    async def client() -> None:
        nonlocal done
        while True:
            await run()
            done += 1
            if time.perf_counter() - began >= seconds:
                return

    async with asyncio.TaskGroup() as clients:
        for _ in range(at_once):
            clients.create_task(client())
    return done, time.perf_counter() - began


async def one_by_one(run: Callable[[], Awaitable[None]], times: int) -> float:
    """Run alone, `times` times; return the median in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await run()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


class Bookkeeper:
    """Counts what was run, to be compared with what the database holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.executions = 0
        self.nodes = 0

    def runner(self, shape: str, mode: str) -> Callable[[], Awaitable[None]]:
        """Return a function that runs one execution and counts it."""

        async def run() -> None:
            await self._engine.run(shape, mode)
            self.executions += 1
            self.nodes += SHAPES[shape]

        return run

    def single(self, mode: str) -> Callable[[], Awaitable[None]]:
        """Return a function that runs one chain and looks at its end."""
        run_chain = self.runner("chain", mode)

        async def run() -> None:
            await run_chain()
            await self._engine.look()

        return run

    async def check(self) -> None:
        """Compare with the database.

        Raises:
            NotKept: Something is missing there, or was counted twice.
        """
        found = await self._engine.recorded()
        ran = Recorded(self.executions, self.nodes)
        if found is not None and found != ran:
            raise NotKept(f"ran {ran}, but the database holds {found}")


async def measure(engine: Engine, options: Options) -> dict[str, Any]:
    """Measure all shapes in all modes; return what `main` prints."""
    book = Bookkeeper(engine)
    rates: dict[str, dict[str, Any]] = {}
    singles: dict[str, float] = {}
    for mode in engine.modes:
        for shape in in_both(engine.shapes, options.shapes):
            run = book.runner(shape, mode)
            await closed_loop(run, at_once=8, seconds=0.2)  # warm: connections, plans, caches
            done, seconds = await closed_loop(run, at_once=options.at_once, seconds=options.seconds)
            await book.check()
            rates.setdefault(shape, {})[mode] = {
                "nodes_per_s": round(done * SHAPES[shape] / seconds, 1),
                "executions": done,
                "seconds": round(seconds, 3),
            }
        singles[mode] = round(await one_by_one(book.single(mode), options.singles), 3)
    await book.check()
    kept = await engine.recorded()
    return {
        "version": engine.version,
        "does": engine.does,
        "rates": rates,
        "chain100_ms": singles,
        "recorded": None if kept is None else asdict(kept),
    }


def in_both(known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return what is in both, in the order of the first."""
    return [name for name in known if name in wanted]


def main(open_engine: Callable[[Options], AbstractAsyncContextManager[Engine]]) -> None:
    """Read the options, measure on the fastest event loop there is, print one JSON line."""
    parser = argparse.ArgumentParser(description=open_engine.__doc__)
    parser.add_argument("--url", default=Options.url)
    parser.add_argument("--at-once", type=int, default=Options.at_once)
    parser.add_argument("--seconds", type=float, default=Options.seconds)
    parser.add_argument("--singles", type=int, default=Options.singles)
    parser.add_argument("--shapes", type=lambda text: tuple(text.split(",")), default=Options.shapes)
    options = Options(**vars(parser.parse_args()))

    async def run() -> dict[str, Any]:
        async with open_engine(options) as engine:
            return await measure(engine, options)

    try:
        print(json.dumps(run_fast(run)))
    except NotKept as error:
        sys.exit(str(error))
    except BaseExceptionGroup as group:
        raise _first(group) from None  # one client's failure says it all, and ends with a sentence


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def run_fast(run: Callable[[], Any]) -> Any:
    """Return what `run` returns, run on the fastest event loop there is, and with a collector that looks seldom.

    Weft's program sets its collector so; here every engine has it, for nothing that was measured leaves garbage in cycles.
    """
    gc.set_threshold(200_000, 50, 1_000)
    try:
        import uvloop  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return asyncio.run(run())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())
