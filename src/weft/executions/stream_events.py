"""What happens in an execution, as its stream tells it: one event for each record of the journal, with its number.

Number 0 is that it was queued; 1, 2, 3 … are the records; the number after the last record is how it ended. `Standing` has no
number of its own: it says how the execution stands now, which is no part of its history.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from weft.executions.types import ExecutionStatus, LogLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that a stream tells.

    Attributes:
        seq: Its number; numbers only grow, and one that was told never tells anything else.
    """

    kind: ClassVar[str]
    seq: int

    def as_dict(self) -> dict[str, Any]:
        """Return `seq`, `kind`, and what this kind has; all is JSON but for times, which stay what they are."""
        fields = asdict(self)
        return {"seq": fields.pop("seq"), "kind": self.kind, **fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(Event):
    """The execution was asked for; always number 0."""

    kind: ClassVar[str] = "execution_queued"
    at: datetime
    graph_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLost(Event):
    """Whoever ran the execution died or was cut off; it stands in the queue again, before what was not begun."""

    kind: ClassVar[str] = "worker_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(Event):
    """From here on nothing new begins; effects under way may still end.

    Attributes:
        reason: `cancel`, `timeout`, `stop` by a block, or `engine_failed`.
        detail: What the block said, or the code of the engine's failure.
    """

    kind: ClassVar[str] = "execution_closing"
    reason: str
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Event):
    """The execution has ended; nothing follows."""

    kind: ClassVar[str] = "execution_ended"
    at: datetime
    status: ExecutionStatus
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Event):
    """How the execution stands now. Its number is that of the event before it: resuming there loses nothing."""

    kind: ClassVar[str] = "status"
    status: ExecutionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringEvent(Event):
    """Something of one firing of one node.

    Attributes:
        node_id: The node in the graph.
        label: What people call it.
        firing: Which firing of the node, from 0.
    """

    node_id: str
    label: str
    firing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A value that is too large for a stream; `size` is in bytes, None where it was not recorded."""

    sha256: str
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission(FiringEvent):
    """A node emitted a value.

    What a firing emitted and a later `firing_restarted` takes back was never delivered, unless it was repeated.

    Attributes:
        pin: The output's name.
        value: What it emitted; None where `large` stands for it.
    """

    kind: ClassVar[str] = "emission"
    pin: str
    value: Any = None
    large: Large | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringBegins(FiringEvent):
    """An attempt begins; recorded only in an execution that lost several workers, to find out which firing ends them."""

    kind: ClassVar[str] = "firing_begins"
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectBegins(FiringEvent):
    """What the node is about to do cannot be undone; recorded before it does it."""

    kind: ClassVar[str] = "effect_begins"
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringRetries(FiringEvent):
    """An attempt failed, and there will be another one."""

    kind: ClassVar[str] = "firing_retries"
    attempt: int
    error: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringRestarted(FiringEvent):
    """The firing begins anew: what it emitted since it began, or since it last waited, counts no more."""

    kind: ClassVar[str] = "firing_restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringWaits(FiringEvent):
    """The firing waits, and holds nothing meanwhile.

    Attributes:
        wait: For what: `person`, `time`, `webhook` or `child`.
        key: What `weft answer` wants.
    """

    kind: ClassVar[str] = "firing_waits"
    wait: str
    key: str
    until: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringAnswered(FiringEvent):
    """What the firing waited for is there; it goes on. `answer` is None where it is too large for a stream."""

    kind: ClassVar[str] = "firing_answered"
    key: str
    answer: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringEnded(FiringEvent):
    """The firing ended well.

    Attributes:
        skipped: A person decided to go on without it.
        cost_micro: What it used, in millionths of a credit.
    """

    kind: ClassVar[str] = "firing_ended"
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    cost_micro: int
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringFailed(FiringEvent):
    """The firing failed for good.

    Attributes:
        caught: Its error pin took the error, so the execution goes on.
    """

    kind: ClassVar[str] = "firing_failed"
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    cost_micro: int
    error: dict[str, Any]
    caught: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeUnknown(FiringEvent):
    """The firing was cut off while the execution closed; whether it did anything outside is not known."""

    kind: ClassVar[str] = "outcome_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged(Event):
    """A line of the execution's log; node, label, firing and attempt are None for one about the whole run."""

    kind: ClassVar[str] = "log"
    at: datetime
    level: LogLevel
    message: str
    metadata: Any
    node_id: str | None
    label: str | None
    firing: int | None
    attempt: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Event):
    """A record that changes nothing one could see, or that a newer version of Weft wrote.

    Attributes:
        record: What the journal calls it.
    """

    kind: ClassVar[str] = "recorded"
    record: str
