"""Redis publish and subscribe: for installations with so many processes that NOTIFY costs too much."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from redis.asyncio.client import PubSub

from weft.cache.connection import FAILURES, RedisConnection
from weft.events.remote import RemoteBus, WireLost

_CHANNEL = "weft:events"


class RedisWire:
    """A connection that publishes, and one that listens once it is asked to."""

    def __init__(self, redis: RedisConnection, heard: Callable[[str], None], lost: Callable[[], None]) -> None:
        self._redis = redis
        self._heard = heard
        self._lost = lost
        self._alive = True
        self._awaited = False
        self._pubsub: PubSub | None = None
        self._reader: asyncio.Task[None] | None = None

    def alive(self) -> bool:
        """Return whether the connection stands; see `Wire.alive`."""
        return self._alive

    async def listen(self) -> None:
        """Subscribe, and read for as long as the connection stands."""
        pubsub = self._redis.client.pubsub()
        self._pubsub = pubsub
        try:
            await pubsub.subscribe(_CHANNEL)
            confirmed = await pubsub.get_message(timeout=None)
        except FAILURES as error:
            raise WireLost(str(error)) from error
        if confirmed is None or confirmed["type"] != "subscribe":
            raise WireLost("the subscription was not confirmed")
        self._reader = asyncio.create_task(self._read(pubsub), name="events from Redis")

    async def _read(self, pubsub: PubSub) -> None:
        try:
            while True:
                message = await pubsub.get_message(timeout=None)
                if message is None:
                    continue
                if message["type"] == "pong":
                    self._awaited = False
                elif message["type"] == "message":
                    self._heard(message["data"].decode("ascii", "replace"))
        except FAILURES:
            self._alive = False
            self._lost()

    async def send(self, text: str) -> None:
        """Publish."""
        try:
            await self._redis.client.publish(_CHANNEL, text)
        except FAILURES as error:
            raise WireLost(str(error)) from error

    async def check(self) -> None:
        """Ask on the connection that listens; an answer that is missing the next time means that it is lost."""
        if self._pubsub is None:
            return
        if self._awaited:
            raise WireLost("no answer")
        self._awaited = True
        try:
            await self._pubsub.ping()
        except FAILURES as error:
            raise WireLost(str(error)) from error

    async def close(self) -> None:
        """Stop listening; the connection that publishes is not ours to close."""
        self._alive = False
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        if self._pubsub is not None:
            with suppress(*FAILURES):
                await self._pubsub.aclose()  # type: ignore[no-untyped-call]


def redis_bus(redis: RedisConnection) -> RemoteBus:
    """Return a bus over Redis; losing it costs time and nothing else."""

    async def dial(heard: Callable[[str], None], lost: Callable[[], None]) -> RedisWire:
        if not await redis.answers():
            raise WireLost("Redis does not answer")
        return RedisWire(redis, heard, lost)

    return RemoteBus(dial, name="Redis")
