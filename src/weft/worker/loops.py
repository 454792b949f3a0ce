"""What all loops of a process have in common: they go on when the database comes back, and not all at the same moment."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from weft.errors import DatabaseError

POLL_S = 1.0
"""How often the queue is looked at when nobody says that there is something."""

_log = structlog.get_logger()


def about(seconds: float) -> float:
    """Return the time or up to 30 % more or less, so that many processes do not ask the database in step."""
    return seconds * random.uniform(0.7, 1.3)


async def set_within(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or so many seconds have passed; the event is left as it is."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def again_and_again(loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop to its end; a database that cannot be reached does not end it."""
    while True:
        try:
            await loop()
        except DatabaseError as error:
            _log.warning("the database does not answer, trying again", error=str(error))
            await asyncio.sleep(about(POLL_S))
        else:
            return
