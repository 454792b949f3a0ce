"""One thread with an event loop, in which the platforms that `weft.run` uses stay open from call to call."""

import asyncio
import atexit
import concurrent.futures
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from functools import cache
from typing import Any, Generic, TypeVar

from weft.errors import InvalidInput, WeftError
from weft.local.app import App, open_app
from weft.local.loops import in_good_order, new_event_loop
from weft.settings import Settings

T = TypeVar("T")

_CLOSING_S = 10.0


class Call(Generic[T]):
    """Work that another thread's loop does; whoever waits for it and is interrupted lets it end in good order."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], *, abandon: Callable[[], object]
    ) -> None:
        self._loop = loop
        self._abandon = abandon
        self._task: asyncio.Task[T] | None = None
        self._done = asyncio.run_coroutine_threadsafe(self._follow(work), loop)

    def wait(self) -> T:
        """Return what the work gives; Ctrl-C cancels it and is raised once it has ended, a second one at once."""
        try:
            return self._done.result()
        except KeyboardInterrupt:
            self._ask()
            try:
                concurrent.futures.wait([self._done])
            except KeyboardInterrupt:
                self._abandon()
                raise
            raise
        except WeftError as error:
            raise error.with_traceback(None)  # noqa: B904 - its sentence says all; what the thread did would bury it

    async def arrive(self) -> T:
        """Return what the work gives, without holding up the caller's loop; a cancel of the caller cancels it first."""
        return await in_good_order(asyncio.wrap_future(self._done), ask=self._ask)

    async def _follow(self, work: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.create_task(work)
        await asyncio.wait([self._task])
        return self._task.result()

    def _ask(self) -> None:
        self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class Background:
    """A thread whose loop keeps a platform open for each installation that was asked for, until the program ends."""

    def __init__(self) -> None:
        self._loop = new_event_loop()
        self._apps: dict[object, asyncio.Task[App]] = {}
        self._opened = AsyncExitStack()
        self._thread = threading.Thread(target=self._loop.run_forever, name="weft", daemon=True)
        self._thread.start()
        atexit.register(self._close_at_exit)

    def call(self, settings: Settings, work: Callable[[App], Awaitable[T]]) -> Call[T]:
        """Have the work done with the platform that the settings describe, opened now if it is not open yet.

        Raises:
            InvalidInput: The caller is a block that runs here: waiting for the call, it would stop the loop.
        """
        if threading.get_ident() == self._thread.ident:
            raise InvalidInput("a block cannot call weft.run: use the block agent.run, or return to the graph")
        # Nothing is tidied up after a second Ctrl-C: what is durable stays as it is, and `weft resume` goes on from there.
        return Call(self._loop, self._do(settings, work), abandon=lambda: atexit.unregister(self._close_at_exit))

    async def _do(self, settings: Settings, work: Callable[[App], Awaitable[T]]) -> T:
        return await work(await self._app(settings))

    async def _app(self, settings: Settings) -> App:
        opening = self._apps.get(settings.areas)
        if opening is None or (opening.done() and opening.exception() is not None):
            opening = self._apps[settings.areas] = asyncio.create_task(
                self._opened.enter_async_context(open_app(settings))
            )
        return await asyncio.shield(opening)

    def close(self) -> None:
        """Give back what still runs, close everything and end the thread.

        Raises:
            TimeoutError: An effect is still under way; the thread is left to it.
        """
        atexit.unregister(self._close_at_exit)
        asyncio.run_coroutine_threadsafe(self._opened.aclose(), self._loop).result(_CLOSING_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _close_at_exit(self) -> None:
        # Python's own threads are gone by now, so that something may fail on the way; nobody could do anything about it,
        # and what is durable is not touched by it.
        with suppress(RuntimeError, TimeoutError, WeftError):
            self.close()


_changing = threading.Lock()


@cache
def _background() -> Background:
    return Background()


def background() -> Background:
    """Return the process's own; its thread starts with the first call."""
    with _changing:
        return _background()


def close() -> None:
    """Close what `weft.run` and `weft.arun` keep open, as the end of the program does; a later call opens it again.

    What still runs is given back: `weft resume` goes on with it.
    """
    with _changing:
        if _background.cache_info().currsize:
            _background().close()
            _background.cache_clear()


# A forked process has no such thread; it starts its own.
os.register_at_fork(after_in_child=_background.cache_clear)
