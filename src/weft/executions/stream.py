"""One ordered, gapless, resumable stream of events for each execution, read from its journal.

Nothing is written for it. A flush writes a prefix of the journal in one transaction, so whoever first reads up to which number
it is durable, and then what stands under those numbers, misses nothing and sees nothing twice.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from weft.db.database import Database
from weft.db.transaction import Transaction
from weft.errors import DatabaseUnreachable, InvalidInput
from weft.events.bus import WORK, EventBus
from weft.executions.errors import ExecutionNotFound
from weft.executions.ports import Batch
from weft.executions.repository import views
from weft.executions.repository.stream import Head, read_chunks_across, read_head, read_records
from weft.executions.stream_events import Ended, Event, Queued, Standing
from weft.executions.stream_telling import Teller
from weft.executions.types import ExecutionStatus
from weft.graphs.types import GraphContent
from weft.sdk import Catalog

_PAGE = 1_000
_PAUSES_S = (0.1, 0.4, 1.0)
_WAITING_S = 5.0
_PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class EventStream:
    """The streams of all executions; each call names the one who asks, and sees only that user's.

    Attributes:
        page: How many numbers one look takes in.
    """

    database: Database
    catalog: Catalog
    bus: EventBus
    page: int = _PAGE

    async def follow(self, user_id: UUID, execution_id: UUID, *, after: int = -1) -> AsyncGenerator[Event, None]:
        """Yield what happened and what happens, in order, until the execution has ended.

        Each number comes once, however often the database is lost meanwhile; between two numbers none was left out. In
        between stands a `Standing` whenever the status has changed: it is as of now, and has no number of its own.

        Args:
            user_id: Who asks.
            execution_id: Which execution.
            after: The number of the last event that is known already; -1 begins at the beginning.

        Raises:
            ExecutionNotFound: The user has no such execution.
            InvalidInput: `after` is a number that the execution has not reached.
            DatabaseUnreachable: The database was lost and did not come back.
        """
        async with self.bus.subscribe(execution_id) as told:
            reader = _Reader(self, user_id, execution_id, after)
            looks = 0
            while True:
                head = await self._patiently(reader)
                for event in reader.take():
                    yield event
                if reader.read < head.seq:
                    continue
                if reader.told is not None and reader.told.is_terminal():
                    return
                pause = _WAITING_S if reader.told is ExecutionStatus.WAITING else _PAUSES_S[min(looks, 2)]
                looks += 1
                await told.wait(pause, beyond=reader.position)

    async def content(self, user_id: UUID, execution_id: UUID) -> GraphContent:
        """Return what an execution runs.

        Raises:
            ExecutionNotFound: The user has no such execution.
        """
        async with self.database.transaction(user_id) as tx:
            head = await read_head(tx, execution_id, user_id)
            if head is None:
                raise ExecutionNotFound(execution_id)
            return await views.version_content(tx, head.version_id)

    async def _patiently(self, reader: "_Reader") -> Head:
        """Read on, again when the database was lost on the way: nothing was given out yet, so nothing comes twice."""
        while True:
            try:
                async with self.database.transaction(reader.user_id) as tx:
                    return await reader.look(tx)
            except DatabaseUnreachable:
                await self.database.wait_until_reachable(_PATIENCE_S)


@dataclass(slots=True)
class _Reader:
    """Where one reader stands.

    Attributes:
        position: The number of the last event that was given out.
        read: All rows under numbers up to this one were read.
        told: The status that was last given out.
    """

    stream: EventStream
    user_id: UUID
    execution_id: UUID
    position: int
    read: int = field(init=False)
    told: ExecutionStatus | None = None
    _ready: list[Event] = field(default_factory=list)
    _ahead: dict[int, Event] = field(default_factory=dict)
    _teller: Teller | None = None
    _resumed_at: int = field(init=False)

    def __post_init__(self) -> None:
        self.read = self._resumed_at = max(self.position, 0)

    def take(self) -> list[Event]:
        """Return the events that come next, once."""
        ready, self._ready = self._ready, []
        return ready

    async def look(self, tx: Transaction) -> Head:
        """Read one page further, if there is one, and return how far the execution is; `tx` may be lost at any point."""
        head = await read_head(tx, self.execution_id, self.user_id)
        if head is None:
            raise ExecutionNotFound(self.execution_id)
        status = ExecutionStatus(head.status)
        last = head.seq + status.is_terminal()
        if self.position > last:
            raise InvalidInput(f"the last event is {last}, so nothing can follow {self.position}", place="after")
        if self._teller is None:
            content = await views.version_content(tx, head.version_id)
            self._teller = Teller(content, self.stream.catalog)
        upto, resumed_at = min(self.read + self.stream.page, head.seq), self._resumed_at
        ahead = dict(self._ahead)
        if upto > self.read:
            records = await read_records(tx, self.execution_id, self.user_id, after=self.read, upto=upto)
            ahead |= self._later(self._teller.events(records))
        if resumed_at and any(seq not in ahead for seq in range(self.position + 1, upto + 1)):
            # The reader went on in the middle of a flush: what is missing may stand in a chunk that begins before.
            across = await read_chunks_across(tx, self.execution_id, self.user_id, seq=resumed_at)
            ahead |= self._later(self._teller.events(across))
            resumed_at = 0
        self.read, self._ahead, self._resumed_at = upto, ahead, resumed_at
        self._arrange(head, status)
        return head

    def _later(self, events: Sequence[Event]) -> dict[int, Event]:
        return {event.seq: event for event in events if event.seq > self.position}

    def _arrange(self, head: Head, status: ExecutionStatus) -> None:
        """Put in order what can be given out: up to the first number whose row is still to be read."""
        if self.position < 0:
            self._give(Queued(seq=0, at=head.created_at, graph_id=str(head.graph_id), version=head.graph_version))
        while (event := self._ahead.pop(self.position + 1, None)) is not None:
            self._give(event)
        if self.read < head.seq:
            return
        # All is read. Numbers that are missing now were refused by the database, and the engine gave the execution up.
        for seq in sorted(self._ahead):
            self._give(self._ahead.pop(seq))
        self.position = max(self.position, head.seq)
        if status.is_terminal():
            if self.position == head.seq:
                assert head.ended_at is not None, "an ended execution has its time"
                self._give(Ended(seq=head.seq + 1, at=head.ended_at, status=status, error=head.error))
        elif status is not self.told:
            self._ready.append(Standing(seq=self.position, status=status))
        self.told = status

    def _give(self, event: Event) -> None:
        self._ready.append(event)
        self.position = event.seq


def announce(bus: EventBus, batches: Sequence[Batch], queued: bool) -> None:
    """Tell of flushed batches: how far their executions are, to whoever follows one.

    Args:
        bus: Who carries it.
        batches: What was flushed; of an execution that went to another worker meanwhile it tells too much, which hurts nobody.
        queued: Whether other executions may have been queued with it; then the workers are told as well.
    """
    if bus.followed:
        for batch in batches:
            bus.publish(batch.execution_id, batch.seq + (batch.status is not None))
    if queued:
        bus.publish(WORK)
