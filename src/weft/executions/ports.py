"""What the engine asks of storage: coarse calls, one transaction each.

The engine knows no SQL. `repository` implements these ports on PostgreSQL; a worker without database credentials gets an
implementation that speaks to a service.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from weft.executions.types import LogLevel
from weft.graphs.types import GraphContent

PIN_BITS = 10
"""In the journal an emission's pin is its number; a bit above these for each route that delivered nothing."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a run was asked: the values that INPUT nodes hold, by node id, as JSON texts; and its user context."""

    values: dict[str, list[Any]]
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """An execution that this worker owns now, under `token`.

    Attributes:
        seconds_left: The time to the run's deadline by the database's clock; None is no limit.
        parent_id: The execution that called it and gets its end as an answer.
        root_id: The outermost of its callers; None for one that nobody called.
        depth: How many callers it has.
        start: What it was asked, if nothing is recorded of it yet and that is small; else None, and `load` returns it.
    """

    execution_id: UUID
    token: int
    user_id: UUID
    graph_id: UUID
    version_id: UUID
    seq: int
    semantics: int
    claims_without_progress: int
    cancel_requested: bool
    seconds_left: float | None
    parent_id: UUID | None = None
    root_id: UUID | None = None
    depth: int = 0
    start: Start | None = None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One firing as recorded; `outputs` is None where its emissions stand in chunks."""

    node: int
    index: int
    seq_end: int
    outcome: str
    attempt: int
    inputs: Any
    outputs: list[list[Any]] | None
    error: Any
    wait: Any


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """What one firing emitted in one flush."""

    node: int
    index: int
    k_first: int
    attempt: int
    items: list[list[Any]]


@dataclass(frozen=True, slots=True)
class EventRow:
    """Any other record of the journal."""

    seq: int
    kind: str
    node: int | None
    index: int | None
    key: str | None
    data: Any


SEQ_BYTES = 8
"""With so many bytes, big-endian, a snapshot begins: the number of the last record in it."""


@dataclass(frozen=True, slots=True)
class History:
    """All that was recorded of an execution; empty lists for one that never ran.

    With a snapshot, the lists hold only what was recorded after it. `lines` is how many lines its log has.
    """

    nodes: Sequence[NodeRow] = ()
    chunks: Sequence[ChunkRow] = ()
    events: Sequence[EventRow] = ()
    snapshot: bytes | None = None
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a wait got; `wait_key` names the wait."""

    wait_key: str
    data: Any


@dataclass(frozen=True, slots=True)
class Child:
    """An execution that a firing calls, to be queued in the flush that records the wait for it.

    Attributes:
        inputs: What it was given, by name, as JSON.
        given: What its INPUT nodes hold, by node id, as JSON.
        context: The user context, as JSON.
    """

    id: UUID
    graph_id: UUID
    version_id: UUID
    graph_version: int
    node: int
    index: int
    depth: int
    root_id: UUID
    semantics: int
    run_limit_s: float | None
    inputs: str
    given: str
    context: str

    @property
    def size(self) -> int:
        """Return how many characters of JSON it brings into the flush."""
        return len(self.inputs) + len(self.given)


@dataclass(frozen=True, slots=True)
class Callee:
    """A saved version that a firing may call."""

    version_id: UUID
    version: int


Stored: TypeAlias = tuple[int, str, bytes]
"""An emission that stands in `payloads`: its packed reference, its digest in hexadecimal, its value as JSON."""


class LogLine(NamedTuple):
    """A line of the log, fit to be stored: bounded, without secrets; `at` is seconds since the epoch.

    `metadata` is JSON. Node, index and attempt are None for a line about the whole execution.
    """

    level: LogLevel
    message: str
    at: float
    node: int | None = None
    index: int | None = None  # type: ignore[assignment]  # hides tuple.index
    attempt: int | None = None
    metadata: str | None = None


@dataclass(slots=True)
class Batch:
    """One journal's part of a flush: a prefix of what is not durable yet.

    `nodes`, `chunks` and `events` hold plain tuples in the column order of the repository's statement, without the
    execution's id; JSON stands in them as text. `large` names, for this side only, which emissions stand in `payloads`.

    Attributes:
        parent_id: Whom an execution that ends here answers.
        orphans: It ends while children of it may not have ended; they are cancelled.
        lines: What blocks wrote into the log: columns of `execution_logs`.
        metrics: Measured numbers as (node, name, value, unit), to be added to what is there; node -1 is the execution.
    """

    execution_id: UUID
    token: int
    seq: int
    nodes: list[tuple[Any, ...]]
    chunks: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    payloads: list[tuple[bytes, bytes]]
    timers: list[tuple[datetime, str]]
    cost_micro: int = 0
    status: str | None = None
    error: str | None = None
    report: str | None = None
    snapshot: bytes | None = None
    children: list[Child] = field(default_factory=list)
    parent_id: UUID | None = None
    orphans: bool = False
    large: list[Stored] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    metrics: list[tuple[int, str, float, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parking:
    """How an attempt to park went: parked, or kept for the answers and the cancel that came meanwhile."""

    parked: bool
    answers: Sequence[Answer] = ()
    cancelled: bool = False


class EngineStore(Protocol):
    """Storage as the engine sees it."""

    async def version(self, version_id: UUID) -> GraphContent:
        """Return the content of a saved version."""
        ...

    async def load(self, claim: Claim, *, from_snapshot: bool = True) -> tuple[Start, History]:
        """Return what was asked of an execution and all that was recorded of it, large values by name only.

        Args:
            claim: The execution.
            from_snapshot: Begin at its snapshot, if it has one.
        """
        ...

    async def values(self, claim: Claim, digests: Sequence[str]) -> dict[str, bytes]:
        """Return large values by their digests (hexadecimal), as JSON; those that are not there are left out."""
        ...

    async def flush(self, batches: Sequence[Batch]) -> set[UUID]:
        """Write all batches in one transaction; return the executions that were written.

        An execution that is missing from the answer belongs to somebody else now. A lost connection is tried again until
        the database answers; the same batch never counts twice.

        Raises:
            DatabaseError: The data of some batch was refused; nothing of any batch was written.
        """
        ...

    async def callee(self, claim: Claim, graph_id: UUID, version: int | None) -> Callee | None:
        """Return a version of a graph of the execution's user, the active one for None; None if there is no such one."""
        ...

    async def outputs(self, claim: Claim, child_id: UUID, nodes: Sequence[int]) -> list[tuple[int, int, bytes]]:
        """Return what nodes of an ended child emitted, in order, as (node, pin, value as JSON)."""
        ...

    async def park(self, claim: Claim, *, run_left_s: float | None, snapshot: bytes | None = None) -> Parking:
        """Put the execution into `waiting` and release it; or keep it, if an answer or a cancel came meanwhile.

        Args:
            claim: The execution; all its records are durable.
            run_left_s: How much of its run limit is left.
            snapshot: Its state, to replace an earlier one.

        Raises:
            Fenced: It belongs to somebody else now.
        """
        ...

    async def answers(self, execution_ids: Sequence[UUID]) -> dict[UUID, list[Answer]]:
        """Return the answers not taken yet of running executions."""
        ...

    async def cancel_requests(self) -> set[UUID]:
        """Return which executions of this worker somebody asked to cancel."""
        ...
