"""Tables of the engine; what each is for stands in `docs/design/journal.md`.

No index and no index predicate holds a status: a status moves several times in each run, and each move would then write
every index of the row again. `listing` stays the same from the queue to a good end.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    Interval,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    desc,
    false,
    nulls_last,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import conv

from weft.db.base import Base
from weft.executions.types import ExecutionStatus, LogLevel

IS_LOST = """starts_with(error::text, '{"code":"WORKER_LOST"')"""
"""Finds the errors of what ended its workers. By its text: taken apart, one whose message holds a NUL would be refused."""

# The names are documented ones, so the naming convention leaves them as they are (`conv`).
_NOW = text("now()")
_STATUSES = ", ".join(f"'{status}'" for status in ExecutionStatus)
_ENDED = ", ".join(f"'{status}'" for status in ExecutionStatus if status.is_terminal())
_LEVELS = ", ".join(f"'{level}'" for level in LogLevel)
_CHURN = {
    "postgresql_with": {
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_threshold": "2000",
        "autovacuum_vacuum_cost_delay": "0",
    }
}
_Time = DateTime(timezone=True)
_LISTING = (
    "CASE WHEN parent_id IS NULL THEN '' ELSE 'called ' END"
    " || CASE WHEN status IN ('waiting', 'failed', 'cancelled', 'timeout') THEN status ELSE 'common' END"
)


class ExecutionRow(Base):
    """One run. Narrow on purpose: it is rewritten by each flush, so inputs stand in `execution_data`."""

    __tablename__ = "executions"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name=conv("chk_execution_status")),
        CheckConstraint(
            "(started_at IS NULL OR started_at >= created_at)"
            " AND (ended_at IS NULL OR ended_at >= coalesce(started_at, created_at))"
            f" AND ((status IN ({_ENDED})) = (ended_at IS NOT NULL))"
            " AND (status <> 'running' OR started_at IS NOT NULL)",
            name=conv("chk_execution_times"),
        ),
        CheckConstraint("budget_held >= 0 AND cost_micro >= 0", name=conv("chk_execution_money")),
        # No other index gives this order of nulls, so none is read to its end in search of what nobody has.
        Index("idx_executions_listed", "user_id", "listing", nulls_last(desc("created_at")), nulls_last(desc("id"))),
        Index("idx_executions_lost", "user_id", "id", postgresql_where=text(IS_LOST)),
        Index("idx_graph_executions_graph_id", "graph_id"),
        Index("idx_graph_executions_created_at", "created_at"),
        Index("idx_executions_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("idx_executions_root", "root_id", postgresql_where=text("root_id IS NOT NULL")),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE", name="fk_execution_user"))
    graph_id: Mapped[UUID] = mapped_column(ForeignKey("graphs.id", name="fk_execution_graph"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("graph_versions.id"))
    graph_version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text, server_default="queued")
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    started_at: Mapped[datetime | None] = mapped_column(_Time)
    ended_at: Mapped[datetime | None] = mapped_column(_Time)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    worker: Mapped[int | None] = mapped_column(BigInteger)
    token: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    claims_without_progress: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    semantics: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cancel_requested_at: Mapped[datetime | None] = mapped_column(_Time)
    deadline_at: Mapped[datetime | None] = mapped_column(_Time)
    run_left_s: Mapped[float | None] = mapped_column(Float)
    cost_micro: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    budget_held: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    parent_id: Mapped[UUID | None] = mapped_column()
    parent_node: Mapped[int | None] = mapped_column(SmallInteger)
    parent_index: Mapped[int | None] = mapped_column(Integer)
    root_id: Mapped[UUID | None] = mapped_column()
    depth: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    forked_from: Mapped[UUID | None] = mapped_column()
    fork_node: Mapped[str | None] = mapped_column(Text)
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_shared: Mapped[bool] = mapped_column(server_default=false())
    share_token: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    key: Mapped[str | None] = mapped_column(Text)
    listing: Mapped[str] = mapped_column(Text(collation="C"), Computed(_LISTING, persisted=True))


class ExecutionDataRow(Base):
    """What was asked of a run, and at its end the report of what did not run."""

    __tablename__ = "execution_data"

    execution_id: Mapped[UUID] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    inputs: Mapped[Any] = mapped_column(JSON)
    given: Mapped[Any] = mapped_column(JSON)
    context: Mapped[Any] = mapped_column(JSON)
    report: Mapped[Any] = mapped_column(JSON, nullable=True)


class NodeExecutionRow(Base):
    """One firing that ended or waits. `node` is the node's position in the version."""

    __tablename__ = "node_executions"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name=conv("chk_node_execution_status")),
        Index("idx_node_executions_seq", "execution_id", "seq_end"),
        Index("idx_node_executions_failed", "execution_id", "seq_end", postgresql_where=text("error IS NOT NULL")),
        Index(
            "idx_node_executions_lost",
            "user_id",
            "execution_id",
            postgresql_where=text(IS_LOST),
        ),
    )

    execution_id: Mapped[UUID] = mapped_column(
        ForeignKey("executions.id", ondelete="CASCADE", name="fk_node_exec_graph_exec"), primary_key=True
    )
    node: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    index: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    seq_end: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(SmallInteger)
    started_at: Mapped[datetime] = mapped_column(_Time)
    ended_at: Mapped[datetime | None] = mapped_column(_Time)
    inputs: Mapped[Any] = mapped_column(JSON)
    outputs: Mapped[Any] = mapped_column(JSON, nullable=True)
    error: Mapped[Any] = mapped_column(JSON, nullable=True)
    cost: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    wait: Mapped[Any] = mapped_column(JSON, nullable=True)


class NodeEmissionRow(Base):
    """What one firing emitted in one flush: `items` is `[[seq, pin, value], …]`."""

    __tablename__ = "node_emissions"

    execution_id: Mapped[UUID] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    seq_first: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    node: Mapped[int] = mapped_column(SmallInteger)
    index: Mapped[int] = mapped_column(Integer)
    k_first: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(SmallInteger)
    items: Mapped[Any] = mapped_column(JSON)


class ExecutionEventRow(Base):
    """Any record of the journal that is neither an emission nor the end of a firing."""

    __tablename__ = "execution_events"

    execution_id: Mapped[UUID] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    node: Mapped[int | None] = mapped_column(SmallInteger)
    index: Mapped[int | None] = mapped_column(Integer)
    key: Mapped[str | None] = mapped_column(Text)
    data: Mapped[Any] = mapped_column(JSON, nullable=True)
    at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class ExecutionLogRow(Base):
    """A line that a run wrote. It has a number of the journal, so it stands among the records in order; replay skips it.

    `number` counts the lines of the execution from 1. Node, index and attempt are null where a line is about the whole run.
    """

    __tablename__ = "execution_logs"
    __table_args__ = (CheckConstraint(f"level IN ({_LEVELS})", name=conv("chk_execution_log_level")),)

    execution_id: Mapped[UUID] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column(Integer)
    node: Mapped[int | None] = mapped_column(SmallInteger)
    index: Mapped[int | None] = mapped_column(Integer)
    attempt: Mapped[int | None] = mapped_column(SmallInteger)
    level: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    # Python's tables keep the name `metadata` for themselves.
    fields: Mapped[Any] = mapped_column("metadata", JSON, nullable=True)
    at: Mapped[datetime] = mapped_column(_Time)


class ExecutionMetricRow(Base):
    """A number measured of one node, or of the whole run where `node` is -1; it may add up over several flushes."""

    __tablename__ = "execution_metrics"

    execution_id: Mapped[UUID] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    node: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    value: Mapped[float] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(Text)
    tags: Mapped[Any] = mapped_column(JSON, nullable=True)
    at: Mapped[datetime] = mapped_column(_Time, server_default=text("clock_timestamp()"))


class ExecutionAnswerRow(Base):
    """An answer to a wait; it may come before the wait does."""

    __tablename__ = "execution_answers"

    execution_id: Mapped[UUID] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    wait_key: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    data: Mapped[Any] = mapped_column(JSON, nullable=True)
    received_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    taken: Mapped[bool] = mapped_column(server_default=false())


class PayloadRow(Base):
    """A value over 8 kB, once per user and content; `codec` 0 is plain JSON."""

    __tablename__ = "payloads"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    codec: Mapped[int] = mapped_column(SmallInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class QueueRow(Base):
    """An execution that waits for a worker; `rank` is its fair place in the line."""

    __tablename__ = "queue"
    __table_args__ = (
        Index("idx_queue_user_rank", "user_id", "rank"),
        Index("idx_queue_execution", "execution_id"),
        Index("idx_queue_limited", "user_id", postgresql_where=text("limited")),
        _CHURN,
    )

    rank: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    execution_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    limited: Mapped[bool] = mapped_column(server_default=false())


class LeaseRow(Base):
    """The ownership of a running execution; whoever deletes this row takes it away."""

    __tablename__ = "leases"
    __table_args__ = (
        Index("idx_leases_worker", "worker"),
        Index("idx_leases_limited", "user_id", postgresql_where=text("limited")),
        _CHURN,
    )

    execution_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker: Mapped[int] = mapped_column(BigInteger)
    token: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[UUID] = mapped_column()
    limited: Mapped[bool] = mapped_column(server_default=false())


class WorkerRow(Base):
    """A worker process that lives: `id` is random per start and is also its advisory lock's key."""

    __tablename__ = "workers"
    __table_args__ = (
        CheckConstraint("role IN ('worker', 'scheduler', 'program')", name="role"),
        CheckConstraint("slots >= 0", name="slots"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    beat: Mapped[datetime] = mapped_column(_Time)
    ttl: Mapped[timedelta] = mapped_column(Interval)
    server_start: Mapped[datetime] = mapped_column(_Time)
    role: Mapped[str] = mapped_column(Text, server_default="program")
    name: Mapped[str | None] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(Text)
    pid: Mapped[int | None] = mapped_column(Integer)
    slots: Mapped[int | None] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    draining: Mapped[bool] = mapped_column(server_default=false())


class TimerRow(Base):
    """A waiting firing's due time; the sweep turns it into an answer."""

    __tablename__ = "timers"
    __table_args__ = (Index("idx_timers_execution", "execution_id"), _CHURN)

    run_at: Mapped[datetime] = mapped_column(_Time, primary_key=True)
    execution_id: Mapped[UUID] = mapped_column(primary_key=True)
    wait_key: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()


class ConcurrencyLimitRow(Base):
    """At most `most` executions at once of a user, of one graph for `graph_id`, with the same key for `per_key`."""

    __tablename__ = "concurrency_limits"
    __table_args__ = (
        CheckConstraint("most >= 1", name="most"),
        UniqueConstraint("user_id", "graph_id", "per_key", postgresql_nulls_not_distinct=True),
        Index("idx_concurrency_limits_graph_id", "graph_id", postgresql_where=text("graph_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    graph_id: Mapped[UUID | None] = mapped_column(ForeignKey("graphs.id", ondelete="CASCADE"))
    per_key: Mapped[bool] = mapped_column(server_default=false())
    most: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class HeldRow(Base):
    """An execution that a limit keeps out of the queue; `key` is empty for one without a key."""

    __tablename__ = "held"
    __table_args__ = (
        Index("idx_held_line", "user_id", desc("priority"), "place", "execution_id"),
        Index("idx_held_lane", "user_id", "graph_id", "key", desc("priority"), "place", "execution_id"),
        _CHURN,
    )

    execution_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    graph_id: Mapped[UUID] = mapped_column()
    key: Mapped[str] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[int] = mapped_column(BigInteger)


class StartKeyRow(Base):
    """A start that was asked for under a key of the client's: asked again, it gives the same execution."""

    __tablename__ = "start_keys"
    __table_args__ = (Index("idx_start_keys_created_at", "created_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    request_key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    execution_id: Mapped[UUID] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
