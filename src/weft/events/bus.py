"""The bus by which processes wake each other, and who listens to it in this process.

A signal is a hint to look into the database: it may be lost, come twice or late, and nothing may depend on it but latency.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Literal, Protocol, TypeAlias
from uuid import UUID

Topic: TypeAlias = UUID | Literal["work"]
"""What a signal is about: an execution by its id, or work."""

WORK: Final[Literal["work"]] = "work"
"""Something was queued, answered or cancelled: whoever has a place free may look."""


NEWEST: Final = 2**63 - 1
"""What a topic has come to where nobody counts, or knows: whoever listens looks."""


class Subscription:
    """What one listener was told of one topic: the newest alone, for older signals say nothing more."""

    def __init__(self, *, own: bool) -> None:
        self.own = own
        self._upto = -1
        self._look = False
        self._told = asyncio.Event()

    def tell(self, seq: int) -> None:
        """Note that the topic has come to number `seq`."""
        self._upto = max(self._upto, seq)
        self._told.set()

    def look(self) -> None:
        """Note that signals may have been lost."""
        self._look = True
        self._told.set()

    async def wait(self, timeout_s: float | None = None, *, beyond: int = -1) -> bool:
        """Return True once there was a signal since the last time, False when so many seconds have passed.

        Args:
            timeout_s: None waits for ever.
            beyond: Signals up to this number are known already and count for nothing.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    await self._told.wait()
                    self._told.clear()
                    if self._look or self._upto > beyond:
                        self._look, self._upto = False, -1
                        return True
        except TimeoutError:
            return False

    async def __aiter__(self) -> AsyncIterator[None]:
        while await self.wait():
            yield


class EventBus(Protocol):
    """Carries signals to every process of an installation that listens."""

    @property
    def followed(self) -> bool:
        """Whether anybody, as far as is known here, listens to some execution; else telling of them can be spared."""
        ...

    def publish(self, topic: Topic, seq: int = NEWEST) -> None:
        """Tell listeners everywhere that a topic has come to number `seq`; returns at once, and never fails."""
        ...

    def subscribe(self, topic: Topic, *, own: bool = True) -> AbstractAsyncContextManager[Subscription]:
        """Listen to a topic for the length of the block.

        Args:
            topic: Which one.
            own: Also to what this very bus publishes.
        """
        ...


class Fanout:
    """The listeners of one process, by topic."""

    def __init__(self) -> None:
        self._subscriptions: dict[Topic, set[Subscription]] = {}

    def __bool__(self) -> bool:
        return bool(self._subscriptions)

    def topics(self) -> list[Topic]:
        """Return what is listened to."""
        return list(self._subscriptions)

    @property
    def hears_executions(self) -> bool:
        """Whether somebody listens to an execution."""
        return len(self._subscriptions) > (WORK in self._subscriptions)

    def tell(self, topic: Topic, seq: int, *, own: bool) -> None:
        """Tell the listeners of a topic; with `own`, only those who want to hear what their own process says."""
        for subscription in self._subscriptions.get(topic, ()):
            if subscription.own or not own:
                subscription.tell(seq)

    def look(self) -> None:
        """Tell every listener that signals may have been lost."""
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.look()

    @asynccontextmanager
    async def subscribed(self, topic: Topic, *, own: bool) -> AsyncIterator[Subscription]:
        """Lend a subscription for the length of the block."""
        subscription = Subscription(own=own)
        self._subscriptions.setdefault(topic, set()).add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]
