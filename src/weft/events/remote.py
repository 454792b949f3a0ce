"""A bus over a wire to other processes: gathers, sends, listens, and comes back by itself after every loss.

How far an execution is recorded is sent only while somebody listens to it: whoever does says so every few seconds, and a
process that heard nothing of it, or does not listen itself, sends nothing. A lost word of that kind costs what every lost
signal costs, a little time.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

import structlog

from weft.events.bundle import Outbox, decode
from weft.events.bus import NEWEST, WORK, Fanout, Subscription, Topic

_GAP_S = 0.01
"""At most one bundle in this time, unless one alone would be too large."""
_RENEW_S = 5.0
_REMEMBERED_S = 3 * _RENEW_S
_STEP_S = 2.0
_LEAVE_S = 1.0
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0

_log = structlog.get_logger()


class WireLost(Exception):
    """The wire is gone; what was being sent may or may not have arrived."""


class Wire(Protocol):
    """One connection to the place that passes texts on; every method may raise `WireLost`."""

    def alive(self) -> bool:
        """Return whether the connection stands, as far as this side knows."""
        ...

    async def listen(self) -> None:
        """Have every text that anybody sends from now on handed to this process, its own as well."""
        ...

    async def send(self, text: str) -> None:
        """Hand a text to all who listen."""
        ...

    async def check(self) -> None:
        """Find out whether the other side still answers."""
        ...

    async def close(self) -> None:
        """Let go of the connection; never fails."""
        ...


Dial = Callable[[Callable[[str], None], Callable[[], None]], Awaitable[Wire]]
"""Makes a wire that calls the first function with each text it hears, the second when it is lost. May raise `WireLost`."""


class RemoteBus:
    """An `EventBus` over a wire; the connection is made when it is first needed.

    Args:
        dial: Makes the wire.
        name: What the wire is, for the log.
    """

    def __init__(self, dial: Dial, *, name: str) -> None:
        self._dial = dial
        self._name = name
        self._sender = secrets.token_hex(6)
        self._fanout = Fanout()
        self._outbox = Outbox(self._sender)
        self._followed: dict[UUID, float] = {}
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leaving = False
        self._resting = False
        self.sent = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Send what is to be sent, if that takes no time worth speaking of, and let go of the wire."""
        self._leaving = True
        if self._task is None:
            return
        self._stir.set()
        await asyncio.wait([self._task], timeout=0 if self._resting else _LEAVE_S)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @property
    def followed(self) -> bool:
        """Whether somebody, here or elsewhere, listens to an execution."""
        return bool(self._followed) or self._fanout.hears_executions

    def publish(self, topic: Topic, seq: int = NEWEST) -> None:
        """Tell listeners everywhere; see `EventBus.publish`."""
        self._fanout.tell(topic, seq, own=True)
        if topic == WORK or seq == NEWEST or topic in self._followed:
            self._outbox.put(topic, seq)
            self._begin()

    @asynccontextmanager
    async def subscribe(self, topic: Topic, *, own: bool = True) -> AsyncIterator[Subscription]:
        """Listen for the length of the block; see `EventBus.subscribe`."""
        async with self._fanout.subscribed(topic, own=own) as subscription:
            self._announce(topic)
            self._begin()
            yield subscription

    def _announce(self, topic: Topic) -> None:
        """Say to other processes that somebody listens to a topic here; to work they always listen."""
        if topic != WORK:
            self._outbox.follow(topic)

    def _announce_all(self) -> None:
        for topic in self._fanout.topics():
            self._announce(topic)
        self._stir.set()

    def _begin(self) -> None:
        self._stir.set()
        if self._task is None and not self._leaving:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"events over {self._name}")

    def _heard(self, text: str) -> None:
        bundle = decode(text)
        if bundle is None or bundle.sender == self._sender:
            return
        if bundle.look:
            self._fanout.look()
        if bundle.hello:
            self._announce_all()
        if bundle.work:
            self._fanout.tell(WORK, NEWEST, own=False)
        remembered = asyncio.get_running_loop().time() + _REMEMBERED_S
        self._followed |= dict.fromkeys(bundle.followed, remembered)
        for execution_id, seq in bundle.changed.items():
            self._fanout.tell(execution_id, seq, own=False)

    async def _run(self) -> None:
        """Keep a wire for as long as the bus is open."""
        pause = _FIRST_PAUSE_S
        is_lost = False
        while True:
            wire: Wire | None = None
            try:
                async with asyncio.timeout(2 * _STEP_S):
                    wire = await self._dial(self._heard, self._stir.set)
                if is_lost:
                    _log.info("signals between processes flow again", over=self._name)
                    is_lost = False
                pause = _FIRST_PAUSE_S
                await self._serve(wire)
            except (WireLost, TimeoutError) as error:
                if not is_lost:
                    _log.warning("no signals between processes, polling meanwhile", over=self._name, error=str(error))
                is_lost = True
            finally:
                if wire is not None:
                    self._outbox.look()  # what was on its way may be lost
                    await wire.close()
            if self._leaving:
                return
            self._resting = True
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            self._resting = False
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _serve(self, wire: Wire) -> None:
        """Send and listen until the wire is lost, or the bus closes."""
        clock = asyncio.get_running_loop().time
        listens = False
        renew_at = clock() + _RENEW_S
        while True:
            self._stir.clear()
            if not wire.alive():
                raise WireLost("the connection was closed")
            async with asyncio.timeout(_STEP_S):
                if self._fanout and not listens:
                    await wire.listen()
                    listens = True
                    self._fanout.look()  # what was said while nobody listened is lost
                    self._outbox.greet()
                if clock() >= renew_at:
                    renew_at = clock() + _RENEW_S
                    await wire.check()
                    self._renew()
            for text in self._outbox.take():
                async with asyncio.timeout(_STEP_S):
                    await wire.send(text)
                self.sent += 1
            if self._leaving:
                return
            await asyncio.sleep(_GAP_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(renew_at - clock(), 0)):
                    await self._stir.wait()

    def _renew(self) -> None:
        """Forget executions that nobody spoke of for a while, and speak of those that are listened to here."""
        now = asyncio.get_running_loop().time()
        self._followed = {id: until for id, until in self._followed.items() if until > now}
        self._announce_all()
