"""The execution's other views: statistics, one firing, its log, and the messages that name work to be done.

Messages hold references to credentials, never the secrets themselves.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from weft.executions.types import ExecutionStatus, LogLevel


class _Entity(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExecutionStats(_Entity):
    """A run in numbers; `total_cost` is whole credits, `execution_time` seconds, `memory_usage` bytes."""

    total_nodes: int = Field(default=0, ge=0)
    completed_nodes: int = Field(default=0, ge=0)
    failed_nodes: int = Field(default=0, ge=0)
    total_cost: int = Field(default=0, ge=0)
    execution_time: float = Field(default=0.0, ge=0)
    memory_usage: int = Field(default=0, ge=0)

    def calculate_success_rate(self) -> float:
        """Return completed nodes by all nodes, 0 to 1; a graph without nodes has 0."""
        return self.completed_nodes / self.total_nodes if self.total_nodes else 0.0


class NodeExecutionStats(_Entity):
    """One firing in numbers; sizes are bytes of JSON, `execution_time` seconds."""

    node_id: str
    block_name: str
    execution_time: float = Field(default=0.0, ge=0)
    input_size: int = Field(default=0, ge=0)
    output_size: int = Field(default=0, ge=0)
    cost: int = Field(default=0, ge=0)
    memory_usage: int = Field(default=0, ge=0)
    cpu_usage: float = Field(default=0.0, ge=0)


class _Timed(_Entity):
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def get_duration(self) -> timedelta | None:
        """Return the time from start to end, or to now; None before the start."""
        if self.started_at is None:
            return None
        return (self.ended_at or datetime.now(UTC)) - self.started_at

    @property
    def duration(self) -> float | None:
        """Return the same in seconds."""
        spent = self.get_duration()
        return None if spent is None else spent.total_seconds()


class NodeExecution(_Timed):
    """One firing of one node, as stored."""

    id: str
    graph_execution_id: str
    node_id: str
    status: ExecutionStatus
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    error_message: str | None = None
    execution_stats: NodeExecutionStats | None = None

    def get_cost(self) -> int:
        """Return what the firing cost, in cents; 0 while nothing was counted."""
        return self.execution_stats.cost if self.execution_stats else 0


class NodeExecutionResult(_Timed):
    """One firing, as a caller of the engine sees it; `execution_cost` is cents."""

    id: str
    node_id: str
    status: ExecutionStatus
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    error_message: str | None = None
    execution_cost: int = Field(default=0, ge=0)


class GraphExecutionMeta(_Timed):
    """One run without its nodes."""

    id: str
    graph_id: str
    graph_version: int
    user_id: str
    status: ExecutionStatus
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime
    error_message: str | None = None

    def is_running(self) -> bool:
        """Return whether it runs, or will as soon as a worker is free."""
        return self.status.is_running()

    def can_be_cancelled(self) -> bool:
        """Return whether there is something left to cancel."""
        return self.status.can_be_cancelled()


class GraphExecutionEntry(_Entity):
    """A message that names a run to be done, with all that is needed to do it."""

    graph_exec_id: str
    graph_id: str
    graph_version: int
    user_id: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    credentials_inputs: dict[str, str] = Field(default_factory=dict, description="Credential ids by pin, no secrets")
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class NodeExecutionEntry(_Entity):
    """A message that names one firing to be done."""

    id: str
    node_id: str
    graph_exec_id: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    credentials_inputs: dict[str, str] | None = None


class ExecutionLog(_Entity):
    """A line in the log of a run: of one firing, or of the run as a whole, which has no node.

    `seq` is its number in the journal and orders the lines; `firing` and `attempt` say which run of the node wrote it.
    """

    id: str
    execution_id: str
    node_id: str | None = None
    level: LogLevel
    message: str
    timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC))
    metadata: dict[str, Any] = Field(default_factory=dict)
    user_id: str
    seq: int = 0
    node_label: str | None = None
    firing: int | None = None
    attempt: int | None = None

    def get_formatted_message(self) -> str:
        """Return the line for people: `[time] LEVEL [Node:id] message`, with `[Execution:id]` where it has no node."""
        place = f"Execution:{self.execution_id}" if self.node_id is None else f"Node:{self.node_id}"
        return f"[{self.timestamp:%Y-%m-%d %H:%M:%S}] {self.level.upper()} [{place}] {self.message}"

    def to_structured_log(self) -> dict[str, Any]:
        """Return the line as plain data, for programs."""
        return {
            "timestamp": self.timestamp.isoformat(),
            "level": self.level.value,
            "message": self.message,
            "execution_id": self.execution_id,
            "node_id": self.node_id,
            "user_id": self.user_id,
            "metadata": self.metadata,
        }


class ExecutionMetrics(_Entity):
    """A number that was measured of a run, or of one node of it."""

    id: str
    execution_id: str
    node_id: str | None = None
    metric_name: str
    metric_value: float
    metric_unit: str
    timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC))
    tags: dict[str, Any] = Field(default_factory=dict)
    user_id: str = ""

    def get_prometheus_format(self) -> str:
        """Return one line of Prometheus' text format: name, labels, value.

        Signs that a name may not have become `_`; ids win over tags of the same name.
        """
        ids = {"execution_id": self.execution_id, "node_id": self.node_id}
        labels = {_prometheus_name(name): value for name, value in self.tags.items()}
        labels |= {name: value for name, value in ids.items() if value is not None}
        shown = ",".join(f'{name}="{_escaped(str(value))}"' for name, value in labels.items())
        return f"{_prometheus_name(self.metric_name, also=':')}{{{shown}}} {_prometheus_number(self.metric_value)}"


def _prometheus_name(name: str, *, also: str = "") -> str:
    fit = re.sub(rf"[^a-zA-Z0-9_{also}]", "_", name)
    return fit if fit and not fit[0].isdigit() else f"_{fit}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _prometheus_number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  (NaN is all that differs from itself)
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
