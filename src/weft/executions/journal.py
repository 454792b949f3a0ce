"""One execution's journal in memory: it numbers records and gathers their rows until the recorder takes them.

The invariant: `take` hands out a prefix. Everything appended before it is in the batch or in an earlier one, in order.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from weft.executions.errors import Fenced
from weft.executions.notes import EMISSIONS, FIRINGS, RETRIES, WHOLE, Notes
from weft.executions.planning.refs import pack
from weft.executions.ports import Batch, Child, Claim, Stored
from weft.executions.values import INLINE_LIMIT, digest_of

Item = tuple[int, int, bytes]
"""An emission on record: its number, its pin, its value as JSON."""


class OpenFiring:
    """The emissions of a firing that has not ended: those durable by count, those pending by value."""

    __slots__ = ("attempt", "emitted", "flushed", "index", "node", "pending", "size")

    def __init__(self, node: int, index: int, *, attempt: int = 1, flushed: int = 0) -> None:
        self.node = node
        self.index = index
        self.attempt = attempt
        self.emitted = flushed
        self.flushed = flushed
        self.pending: list[Item] = []
        self.size = 0


class Journal:
    """Appends records of one execution and keeps their rows until they are durable.

    Args:
        claim: The execution.
        listener: Set when nothing more will become durable.
        announce: Called when a durable flush queued other executions, or may have.

    Attributes:
        seq: Number of the last record.
        notes: Lines of the log, and what was measured.
        stored: Large values that became durable; whoever keeps the values takes them from here.
    """

    def __init__(
        self,
        claim: Claim,
        listener: "asyncio.Event | None" = None,
        *,
        announce: Callable[[], None] | None = None,
    ) -> None:
        self.execution_id: UUID = claim.execution_id
        self.token = claim.token
        self.seq = claim.seq
        self.durable_seq = claim.seq
        self.taken_seq = claim.seq
        self.lost = False
        self.failure: BaseException | None = None
        self.pending_bytes = 0
        self._wake = listener
        self._announce = announce
        self._nodes: list[tuple[Any, ...]] = []
        self._chunks: list[tuple[Any, ...]] = []
        self._events: list[tuple[Any, ...]] = []
        self._payloads: dict[bytes, bytes] = {}
        self._large: list[Stored] = []
        self._snapshot: bytes | None = None
        self._children: list[Child] = []
        self._parent_id = claim.parent_id
        self._orphans = False
        self.stored: list[Stored] = []
        self._timers: list[tuple[datetime, str]] = []
        self._open: dict[OpenFiring, None] = {}
        self._cost = 0
        self.notes = Notes(self._number_line)
        self._end: tuple[str, str | None, str | None] | None = None
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._ended: asyncio.Future[None] | None = None

    # Appending: each record takes the next number and is pending until a flush.

    def emitted(self, firing: OpenFiring, pin: int, value: bytes) -> int:
        """Record one emission of an open firing; return its number."""
        self.seq += 1
        firing.pending.append((self.seq, pin, value))
        firing.emitted += 1
        firing.size += len(value)
        self.pending_bytes += len(value)
        self._open[firing] = None
        return self.seq

    def completed(
        self,
        node: int,
        index: int,
        items: list[tuple[int, bytes]],
        inputs: str,
        times: tuple[float, float],
    ) -> int:
        """Record a firing that began and ended at once, in its first attempt; return the number of its end.

        Args:
            node: The node's position in the version.
            index: Which firing of the node.
            items: Its emissions as (pin, value as JSON).
            inputs: What it consumed, as JSON.
            times: When it began and ended, in seconds since the epoch.
        """
        seq = self.seq
        size = 0
        for _, value in items:
            size += len(value)
        if size > INLINE_LIMIT:
            return self._completed_large(node, index, items, inputs, times)
        parts = []
        for pin, value in items:
            seq += 1
            parts.append(f"[{seq},{pin},{value.decode()}]")
        seq += 1
        self.seq = seq
        self.pending_bytes += size + 64
        self._nodes.append(
            (node, index, seq, "ok", 1, times[0], times[1], inputs, f"[{','.join(parts)}]", None, 0, None)
        )
        return seq

    def _completed_large(
        self, node: int, index: int, items: list[tuple[int, bytes]], inputs: str, times: tuple[float, float]
    ) -> int:
        firing = OpenFiring(node, index)
        for pin, value in items:
            self.emitted(firing, pin, value)
        return self.ended(firing, "ok", inputs=inputs, times=times)

    def ended(
        self,
        firing: OpenFiring,
        outcome: str,
        *,
        inputs: str,
        times: tuple[float, float],
        error: dict[str, Any] | None = None,
        cost: int = 0,
    ) -> int:
        """Record the end of a firing; its emissions so far come before, in this record's flush or earlier."""
        self.seq += 1
        outputs: str | None = None
        self._open.pop(firing, None)
        if firing.flushed == 0 and firing.size <= INLINE_LIMIT:
            outputs = self._items(firing)
        else:
            self._settle(firing)
        self._cost += cost
        self.pending_bytes += 64
        row = (firing.node, firing.index, self.seq, outcome, firing.attempt, times[0], times[1], inputs, outputs)
        self._nodes.append((*row, _json(error), cost, None))
        return self.seq

    def waits(
        self,
        firing: OpenFiring,
        outcome: str,
        *,
        inputs: str,
        started: float,
        wait: dict[str, Any],
        due: datetime | None = None,
        child: Child | None = None,
    ) -> int:
        """Record that a firing waits; what it emitted so far stands in a chunk, for its row is written again at its end.

        Args:
            firing: Which one.
            outcome: `wait`, or `unknown`.
            inputs: What it consumed, as JSON.
            started: When it began, in seconds since the epoch.
            wait: What it waits for; its `key` names the wait.
            due: When the wait is answered by the clock, even if this worker is gone by then.
            child: The execution that it called, queued in the same flush.
        """
        if due is not None:
            self._timers.append((due, wait["key"]))
        if child is not None:
            self._children.append(child)
            self.pending_bytes += child.size
        self._settle(firing)
        self._open.pop(firing, None)
        seq = self.event("wait", firing.node, firing.index, key=wait["key"], data=wait)
        row = (firing.node, firing.index, seq, outcome, firing.attempt, started, None, inputs, None)
        self._nodes.append((*row, None, 0, _json(wait)))
        return seq

    def rewind(self, firing: OpenFiring, first: int) -> int:
        """Record that a firing begins anew: what it emitted after the first `first` values counts no more."""
        self._settle(firing)
        seq = self.event("reset", firing.node, firing.index)
        firing.emitted = firing.flushed = first
        return seq

    def event(
        self, kind: str, node: int | None = None, index: int | None = None, *, key: str | None = None, data: Any = None
    ) -> int:
        """Record anything that is neither an emission nor the end of a firing; return its number."""
        self.seq += 1
        self.pending_bytes += 64
        self._events.append((self.seq, kind, node, index, key, _json(data)))
        if kind == "attempt_failed":
            self.notes.measure(WHOLE, RETRIES, 1, "retry")
        return self.seq

    def finish(
        self,
        status: str,
        *,
        error: dict[str, Any] | None = None,
        report: Any = None,
        orphans: bool = False,
        counts: tuple[int, int] | None = None,
    ) -> asyncio.Future[None]:
        """Have the next flush end the execution; the future is done when that is durable. No record may follow.

        Args:
            status: How it ended.
            error: The failure that ended it.
            report: What did not run.
            orphans: Children of it that have not ended are cancelled.
            counts: How many firings and emissions it had; None where nobody knows.
        """
        if counts is not None:
            self.notes.measure(WHOLE, FIRINGS, counts[0], "firing")
            self.notes.measure(WHOLE, EMISSIONS, counts[1], "emission")
        self._orphans = orphans
        self._end = (status, _json(error), _json(report))
        self._ended = asyncio.get_running_loop().create_future()
        return self._ended

    def snapshot(self, state: bytes) -> None:
        """Have the state after the last record written with the next flush; a replay then begins there."""
        self._cut()
        self._snapshot = state

    # Flushing: the recorder takes, writes, and tells.

    def dirty(self) -> bool:
        """Return whether something waits for a flush."""
        return self.seq > self.taken_seq or self._end is not None

    def take(self) -> Batch:
        """Return everything not taken yet; it is the recorder's to make durable now."""
        self._cut()
        status, error, report = self._end or (None, None, None)
        batch = Batch(
            self.execution_id,
            self.token,
            self.seq,
            self._nodes,
            self._chunks,
            self._events,
            list(self._payloads.items()),
            self._timers,
            self._cost,
            status,
            error,
            report,
            self._snapshot,
            self._children,
            None if status is None else self._parent_id,
            self._orphans,
            self._large,
            *self.notes.take(),
        )
        self._nodes, self._chunks, self._events, self._payloads, self._timers = [], [], [], {}, []
        self._large, self._snapshot, self._children = [], None, []
        self._cost = 0
        self._end = None
        self.taken_seq = self.seq
        self.pending_bytes = 0
        return batch

    def written(self, batch: Batch) -> None:
        """Note that a batch is durable and let go who waited for it."""
        self.durable_seq = batch.seq
        self.stored += batch.large
        if self._announce is not None and (batch.children or batch.orphans or batch.parent_id is not None):
            self._announce()
        waiting = []
        for seq, waiter in self._waiters:
            if seq > batch.seq:
                waiting.append((seq, waiter))
            elif not waiter.done():
                waiter.set_result(None)
        self._waiters = waiting
        if batch.status is not None and self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def fail(self, error: BaseException) -> None:
        """Note that nothing more of this journal will become durable."""
        self.lost = True
        self.failure = error
        waiters, self._waiters = self._waiters, []
        for waiter in [*(waiter for _, waiter in waiters), *([self._ended] if self._ended else [])]:
            if not waiter.done():
                waiter.set_exception(error)
        if self._wake is not None:
            self._wake.set()

    def check(self) -> None:
        """Do nothing unless the journal is lost; then nothing that happens after may be taken for a result.

        Raises:
            Fenced: Another worker owns the execution.
            DatabaseUnreachable: The database was gone for too long.
        """
        if self.lost:
            raise self.failure or Fenced(self.execution_id)

    @property
    def awaited(self) -> bool:
        """Whether somebody can go on only once what is pending is durable."""
        return bool(self._waiters)

    async def durable(self, seq: int) -> None:
        """Return once the record `seq` is durable.

        Raises:
            Fenced: Another worker owns the execution; the record will never be.
        """
        self.check()
        if seq <= self.durable_seq:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append((seq, waiter))
        await waiter

    # Rows.

    def _number_line(self, size: int) -> int | None:
        """Return the number of a line of the log, whose flush the drive sees to; None when no record may follow any more."""
        if self.lost or self._ended is not None:
            return None
        self.seq += 1
        self.pending_bytes += size
        if self._wake is not None:
            self._wake.set()
        return self.seq

    def _cut(self) -> None:
        """Let a chunk end here for each open firing: no row reaches over a flush or a snapshot."""
        for firing in self._open:
            self._settle(firing)
        self._open.clear()

    def _settle(self, firing: OpenFiring) -> None:
        """Turn what is pending of a firing into a chunk."""
        self._chunk(firing)
        firing.pending = []
        firing.size = 0
        firing.flushed = firing.emitted

    def _chunk(self, firing: OpenFiring) -> None:
        if not firing.pending:
            return
        first = firing.pending[0][0]
        k_first = firing.emitted - len(firing.pending)
        items = self._items(firing)
        self._chunks.append((first, firing.node, firing.index, k_first, firing.attempt, items))

    def _items(self, firing: OpenFiring) -> str:
        """Return what is pending of a firing as JSON; large values stand in it by name."""
        parts = []
        first = firing.emitted - len(firing.pending)
        for k, (seq, pin, value) in enumerate(firing.pending, start=first):
            if len(value) > INLINE_LIMIT:
                digest = digest_of(value)
                name = digest.hex()
                self._payloads[digest] = value
                self._large.append((pack(firing.node, firing.index, k), name, value))
                parts.append(f'[{seq},{pin},null,"{name}",{len(value)}]')
            else:
                parts.append(f"[{seq},{pin},{value.decode()}]")
        return f"[{','.join(parts)}]"


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
