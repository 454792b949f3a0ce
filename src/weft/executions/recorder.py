"""The one writer of a worker: group commit for all its executions.

While a flush is under way the next one gathers; there is no timer. A single idle execution is durable as soon as the
database can make it so, and sixty-four busy ones share each commit.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

import structlog

from weft.errors import DatabaseError, DatabaseUnreachable
from weft.executions.errors import Fenced
from weft.executions.journal import Journal
from weft.executions.ports import Batch, EngineStore

_FLUSH_BYTES = 8 * 2**20
_SMALL_FLUSH = 8
_BACKLOG_BYTES = 32 * 2**20

_log = structlog.get_logger()


class Recorder:
    """Makes journals durable, in prefixes, many in one transaction."""

    def __init__(self, store: EngineStore) -> None:
        self._store = store
        self._dirty: dict[Journal, int] = {}
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._backlog = 0
        self._stopping = False
        self._last: list[Journal] = []
        self.flushes = 0

    def touch(self, journal: Journal) -> None:
        """Have the journal's pending records written by the next flush."""
        pending = journal.pending_bytes
        self._backlog += pending - self._dirty.get(journal, 0)
        self._dirty[journal] = pending
        self._wake.set()

    def busy(self) -> bool:
        """Return whether so much is pending that producers should wait for `room`."""
        return self._backlog > _BACKLOG_BYTES

    async def room(self) -> None:
        """Return when the flush under way has ended."""
        self._drained.clear()
        await self._drained.wait()

    async def run(self) -> None:
        """Flush until `stop`; whatever is pending then is still written."""
        while True:
            if not self._dirty:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._flush(self._gather())
            self._drained.set()

    def stop(self) -> None:
        """Let `run` end once nothing is pending."""
        self._stopping = True
        self._wake.set()

    def _gather(self) -> list[tuple[Journal, Batch]]:
        """Take pending records up to the byte bound of a flush; at least one journal."""
        taken: list[tuple[Journal, Batch]] = []
        size = 0
        share = self._share()
        awaited: list[Journal] = []
        for journal in list(self._dirty):
            if taken and size + journal.pending_bytes > _FLUSH_BYTES:
                break
            if journal.awaited:
                if len(awaited) >= share:
                    continue
                awaited.append(journal)
            self._backlog -= self._dirty.pop(journal)
            size += journal.pending_bytes
            if not journal.lost and journal.dirty():
                taken.append((journal, journal.take()))
        self._last = awaited
        return taken

    def _share(self) -> int:
        """Return how many awaited journals a flush should take so that, while it is under way, as many others can work.

        Executions that wait for the same commit would go on together and come back together: the database would idle
        while they work, and they while it writes. Half of them at a time, each waits for the other half's commit only.
        """
        in_play = sum(1 for journal in self._dirty if journal.awaited)
        in_play += sum(1 for journal in self._last if journal not in self._dirty)
        return max((in_play + 1) // 2, _SMALL_FLUSH)

    async def _flush(self, taken: list[tuple[Journal, Batch]]) -> None:
        if not taken:
            return
        try:
            written = await self._store.flush([batch for _, batch in taken])
        except DatabaseUnreachable as error:
            _fail((journal for journal, _ in taken), error)
            return
        except DatabaseError as error:
            await self._flush_apart(taken, error)
            return
        self.flushes += 1
        _settle(taken, written)

    async def _flush_apart(self, taken: list[tuple[Journal, Batch]], error: DatabaseError) -> None:
        """Write each batch by itself, so that bad data fails only its own execution."""
        if len(taken) == 1:
            journal = taken[0][0]
            _log.error(
                "the records of an execution were refused", execution_id=str(journal.execution_id), error=str(error)
            )
            _fail([journal], error)
            return
        for one in taken:
            await self._flush([one])


def _settle(taken: Sequence[tuple[Journal, Batch]], written: set[UUID]) -> None:
    for journal, batch in taken:
        if batch.execution_id in written:
            journal.written(batch)
        else:
            _log.warning("records refused, another worker owns the execution", execution_id=str(batch.execution_id))
            journal.fail(Fenced(journal.execution_id))


def _fail(journals: Iterable[Journal], error: BaseException) -> None:
    for journal in journals:
        journal.fail(error)


@contextlib.asynccontextmanager
async def recording(store: EngineStore) -> AsyncIterator[Recorder]:
    """Run a recorder for the length of the block; pending records are written before it returns."""
    recorder = Recorder(store)
    task = asyncio.create_task(recorder.run(), name="recorder")
    try:
        yield recorder
    finally:
        recorder.stop()
        await task
