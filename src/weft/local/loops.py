"""Event loops, and what it takes to wait in them without losing anything."""

import asyncio
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

if sys.platform == "win32":
    new_event_loop = asyncio.new_event_loop
else:
    import uvloop

    new_event_loop = uvloop.new_event_loop


async def any_of(events: Iterable[asyncio.Event], *, timeout_s: float) -> None:
    """Return when one of the events is set, or so many seconds have passed."""
    waiters = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiters, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()


async def in_good_order(work: "asyncio.Future[T]", *, ask: Callable[[], object]) -> T:
    """Return what the work gives; when the caller is cancelled, the work ends by itself first.

    Args:
        work: What is waited for.
        ask: Called when the caller is cancelled; has the work come to its end. A second cancel waits no longer.
    """
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        if not work.done():
            ask()
            await asyncio.wait([work])
        if not work.cancelled():
            work.exception()  # looked at: the cancel is what the caller is told
        raise
