"""Values of the execution domain: statuses, and what a run looks like from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NewType
from uuid import UUID

ExecutionId = NewType("ExecutionId", UUID)


class ExecutionStatus(StrEnum):
    """Where an execution, or one firing of it, stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"

    def is_terminal(self) -> bool:
        """Return whether nothing can happen any more."""
        return self in _TERMINAL

    def is_successful(self) -> bool:
        """Return whether it ran to its end."""
        return self is ExecutionStatus.COMPLETED

    def is_running(self) -> bool:
        """Return whether it runs or will as soon as a worker is free."""
        return self in {ExecutionStatus.QUEUED, ExecutionStatus.RUNNING}

    def can_be_cancelled(self) -> bool:
        """Return whether a cancel request still has something to end."""
        return not self.is_terminal()

    def may_become(self, status: "ExecutionStatus") -> bool:
        """Return whether the lifecycle allows the step from this status to `status`."""
        return status in _TRANSITIONS[self]


_S = ExecutionStatus
_TERMINAL = frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED, _S.TIMEOUT})
_TRANSITIONS: Mapping[ExecutionStatus, frozenset[ExecutionStatus]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.RUNNING, _S.CANCELLED}),
        _S.RUNNING: frozenset({_S.QUEUED, _S.WAITING}) | _TERMINAL,
        _S.WAITING: frozenset({_S.QUEUED, _S.CANCELLED, _S.TIMEOUT}),
    }
    | dict.fromkeys(_TERMINAL, frozenset())
)


class LogLevel(StrEnum):
    """How much a line in a log matters, from little to much."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    def and_above(self) -> "tuple[LogLevel, ...]":
        """Return this level and all that matter more."""
        levels = tuple(LogLevel)
        return levels[levels.index(self) :]


@dataclass(frozen=True, slots=True)
class RunError:
    """Why an execution failed: the first failure in its journal."""

    code: str
    message: str
    node_id: str | None = None
    node_label: str | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class NotFired:
    """A node that never ran, and the pins that never got a value."""

    node_id: str
    label: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A firing that waits, and for what; or, with an empty `node_id`, an execution that nobody runs yet.

    `kind` is time, person, webhook or child; of an execution it is worker or limit, and `title` says what is missing.
    """

    node_id: str
    label: str
    kind: str
    until: datetime | None = None
    title: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """All firings of one node, added up; `duration_ms` is time spent in the block."""

    node_id: str
    label: str
    block: str
    status: ExecutionStatus
    firings: int
    attempts: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of one version of a graph, as its owner sees it."""

    id: ExecutionId
    graph_id: UUID
    graph_version: int
    user_id: UUID
    status: ExecutionStatus
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, list[Any]] = field(default_factory=dict)
    error: RunError | None = None
    not_fired: tuple[NotFired, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    nodes: tuple[NodeSummary, ...] = ()
    attempts: int = 0

    @property
    def error_message(self) -> str | None:
        """Return the failure in one sentence, or None."""
        return self.error.message if self.error else None

    def get_duration(self) -> timedelta | None:
        """Return the time from its start to its end, or to now; None before it started."""
        if self.started_at is None:
            return None
        return (self.ended_at or datetime.now(UTC)) - self.started_at

    @property
    def duration(self) -> float | None:
        """Return the same in seconds."""
        spent = self.get_duration()
        return None if spent is None else spent.total_seconds()
