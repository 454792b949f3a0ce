"""A few worker processes, started when first needed, used again, replaced when they end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from weft.sandbox.errors import SandboxUnavailable
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.process import Worker, WorkerDiedError


class WorkerPool:
    """At most `limits.workers` processes; whoever comes later waits in order.

    Invariant: a worker is either idle or with exactly one request; one that failed in any way is ended,
    never reused.
    """

    def __init__(self, limits: SandboxLimits) -> None:
        self._limits = limits
        self._free = asyncio.Semaphore(limits.workers)
        self._idle: list[Worker] = []
        self._waiting = 0
        self._closed = False

    async def ask(self, request: bytes) -> dict[str, Any]:
        """Return a worker's answer: `{"ok": value}` or `{"error": {...}}`.

        Raises:
            WorkerDiedError: The request was stopped, or took its worker with it.
            SandboxUnavailable: No worker was free in time, or none could be started; nothing was run.
        """
        async with self._turn():
            for _ in range(2):
                try:
                    return await self._ask_one(request)
                except WorkerDiedError as died:
                    # Requests only compute: one whose worker was killed by others can simply run again.
                    if not died.killed:
                        raise
            raise SandboxUnavailable("sandbox workers are being killed, perhaps for want of memory")

    async def _ask_one(self, request: bytes) -> dict[str, Any]:
        worker = await self._take()
        reusable = False
        try:
            answer = await worker.ask(request)
            # What ran out of memory leaves a torn heap behind.
            out_of_memory = answer.get("error", {}).get("kind") == "memory"
            spent = worker.served >= self._limits.requests_per_worker
            reusable = not (out_of_memory or spent or self._closed)
            return answer
        finally:
            if reusable:
                self._idle.append(worker)
            else:
                await worker.stop()

    async def walls(self) -> dict[str, bool]:
        """Return which walls stand around a worker on this machine, starting one if none runs."""
        async with self._turn():
            worker = await self._take()
            self._idle.append(worker)
            return dict(worker.walls)

    async def close(self) -> None:
        """End all idle workers; those with a request end with it. Later requests are refused."""
        self._closed = True
        while self._idle:
            await self._idle.pop().stop()

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await worker.stop()
        return await Worker.start(self._limits)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= self._limits.max_waiting:
            raise SandboxUnavailable(f"{self._waiting} requests are waiting for the sandbox already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise SandboxUnavailable(f"no sandbox worker was free within {self._limits.wait_s:g} s") from None
        finally:
            self._waiting -= 1
        try:
            if self._closed:
                raise SandboxUnavailable("the sandbox is closed")
            yield
        finally:
            self._free.release()
