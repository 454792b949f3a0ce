"""What a reader sees of an execution's stream, and how tests look at it."""

from contextlib import aclosing
from typing import Any
from uuid import UUID

from weft.assembly import Platform
from weft.executions.stream import EventStream
from weft.executions.stream_events import Event, Standing
from weft.users.types import LOCAL_OWNER


async def read(platform: Platform, execution_id: UUID, *, after: int = -1, page: int = 7) -> list[Event]:
    """Return the numbered events of an ended execution behind a number."""
    events: list[Event] = []
    stream = EventStream(platform.database, platform.catalog, platform.bus, page)
    async with aclosing(stream.follow(LOCAL_OWNER, execution_id, after=after)) as followed:
        async for event in followed:
            if not isinstance(event, Standing):
                events.append(event)
    return events


async def read_on(platform: Platform, execution_id: UUID, seen: list[Event], *, upto: int, page: int = 7) -> None:
    """Add to what was seen, by a reader that comes anew, until a number is reached."""
    stream = EventStream(platform.database, platform.catalog, platform.bus, page)
    after = seen[-1].seq if seen else -1
    if after >= upto:
        return
    async with aclosing(stream.follow(LOCAL_OWNER, execution_id, after=after)) as followed:
        async for event in followed:
            if not isinstance(event, Standing):
                seen.append(event)
            if event.seq >= upto:
                return


def gist(event: Event) -> tuple[Any, ...]:
    """Return what makes an event this one: number, kind, firing, and value."""
    data = event.as_dict()
    return tuple(data.get(name) for name in ("seq", "kind", "node_id", "firing", "pin", "value", "message", "record"))
