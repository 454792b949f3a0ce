"""The block hosts of one worker: a few processes, started when first needed, used again, ended with the worker."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from weft.executions.isolation.host import Host
from weft.sdk import Block

_WARM = 2
_IDLE_S = 60.0


@dataclass(frozen=True, slots=True)
class HostLimits:
    """How many hosts a worker may have at once, and the address space of each in bytes."""

    hosts: int = 4
    memory_bytes: int = 2**30


class Hosts:
    """Lends block hosts, each to one firing; whoever finds none free waits in order.

    Attributes:
        caught: Ids of blocks that were seen to hold up the event loop; they run in hosts from then on.
    """

    def __init__(self, limits: HostLimits | None = None) -> None:
        self.caught: set[str] = set()
        self._limits = limits or HostLimits()
        self._free = asyncio.Semaphore(self._limits.hosts)
        self._idle: list[Host] = []
        self._living: set[Host] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False
        self._clear: asyncio.TimerHandle | None = None

    @staticmethod
    def can_run(block: Block) -> bool:
        """Return whether a host finds the block: its class stands in a module, under its name."""
        found: Any = sys.modules.get(type(block).__module__)
        for name in type(block).__qualname__.split("."):
            found = getattr(found, name, None)
        return found is type(block) and type(block).__module__ != "__main__"

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Host]:
        """Lend a host that runs nothing; what it still runs when the block ends is ended behind the caller's back.

        Raises:
            HostUnavailable: None could be started.
        """
        await self._free.acquire()
        host: Host | None = None
        try:
            host = await self._take()
            yield host
        finally:
            if host is None or (host.is_usable and not self._closed):
                self._give_back(host)
            else:
                task = asyncio.create_task(self._stop(host))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End all hosts, also those that run something."""
        self._closed = True
        if self._clear is not None:
            self._clear.cancel()
        for host in [*self._living]:
            await host.end()
        if self._ending:
            await asyncio.wait([*self._ending])

    async def _take(self) -> Host:
        while self._idle:
            host = self._idle.pop()
            if host.is_usable:
                return host
            await self._end(host)
        host = await Host.start(self._limits.memory_bytes)
        self._living.add(host)
        return host

    def _give_back(self, host: Host | None) -> None:
        if host is not None:
            self._idle.append(host)
            if self._clear is not None:
                self._clear.cancel()
            self._clear = asyncio.get_running_loop().call_later(_IDLE_S, self._clear_idle)
            while len(self._idle) > _WARM:
                self._end_soon(self._idle.pop(0))
        self._free.release()

    def _clear_idle(self) -> None:
        idle, self._idle = self._idle, []
        for host in idle:
            self._end_soon(host)

    def _end_soon(self, host: Host) -> None:
        task = asyncio.create_task(self._end(host))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _stop(self, host: Host) -> None:
        await host.stop()
        if host.is_usable and not self._closed:
            self._give_back(host)
            return
        await self._end(host)
        self._free.release()

    async def _end(self, host: Host) -> None:
        await host.end()
        self._living.discard(host)
