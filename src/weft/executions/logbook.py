"""The log and the numbers of an execution, for its owner.

Blocks write lines. What the engine did (began, tried again, failed, waited, ended) is not written a second time: it stands
in the journal, and is put into words here, between the lines, in the order in which it happened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.executions.entities import ExecutionLog, ExecutionMetrics
from weft.executions.errors import ExecutionNotFound
from weft.executions.notes import WHOLE
from weft.executions.repository import logbook as repository
from weft.executions.repository.logbook import Entry, Head
from weft.executions.types import ExecutionStatus, LogLevel

MOST_LINES = 1_000

_DEBUG, _INFO, _WARNING, _ERROR, _ = LogLevel


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines, newest first, and where older ones begin; None at the beginning of the log."""

    items: list[ExecutionLog]
    next: str | None = None


async def logs(
    tx: Transaction,
    user_id: UUID,
    execution_id: UUID,
    *,
    after: str | None = None,
    limit: int = 100,
    level: LogLevel = LogLevel.DEBUG,
) -> LogPage:
    """Return a page of the log of the user's execution, newest first.

    Args:
        tx: An open transaction.
        user_id: Who asks.
        execution_id: Which execution.
        after: `next` of the page before.
        limit: 1 to 1,000.
        level: Only lines that matter as much as this, or more.

    Raises:
        ExecutionNotFound: The user has no such execution.
        InvalidInput: The limit or the cursor is wrong.
    """
    if not 1 <= limit <= MOST_LINES:
        raise InvalidInput(f"a page holds 1 to {MOST_LINES} lines, not {limit}")
    before = _cursor(after)
    head = await repository.find_head(tx, execution_id, user_id)
    if head is None:
        raise ExecutionNotFound(execution_id)
    found = await repository.find_entries(
        tx,
        execution_id,
        user_id,
        before=before,
        limit=limit + 1,
        levels=level.and_above(),
        kinds=[kind for kind, (matters, _) in _EVENTS.items() if matters in level.and_above()],
        outcomes=[outcome for outcome, (matters, _) in _FAILURES.items() if matters in level.and_above()],
    )
    nodes = await repository.find_nodes(tx, head.version_id) if any(one.node is not None for one in found) else []
    lines = [_line(execution_id, user_id, one, nodes) for one in found]
    whole = [one for one in _whole(execution_id, user_id, head) if one.seq < before and one.level in level.and_above()]
    lines = sorted([*lines, *whole], key=_by_number, reverse=True)
    return LogPage(lines[:limit], str(lines[limit - 1].seq) if len(lines) > limit else None)


async def metrics(tx: Transaction, user_id: UUID, execution_id: UUID) -> list[ExecutionMetrics]:
    """Return what was measured of the user's execution: of all of it, then of its nodes.

    Time and cost are told by the execution itself, so they are there while it runs.

    Raises:
        ExecutionNotFound: The user has no such execution.
    """
    head = await repository.find_head(tx, execution_id, user_id)
    if head is None:
        raise ExecutionNotFound(execution_id)
    if head.started_at is None:
        return []
    numbers = await repository.find_numbers(tx, execution_id, user_id)
    nodes = await repository.find_nodes(tx, head.version_id) if any(one.node != WHOLE for one in numbers) else []
    at = head.ended_at or head.now
    told = [
        ("duration_seconds", (at - head.started_at).total_seconds(), "second"),
        ("cost_micro", float(head.cost_micro), "micro-credit"),
    ]
    ids = {"execution_id": str(execution_id), "user_id": str(user_id)}
    whole = [
        ExecutionMetrics(
            id=f"{execution_id}:{name}", metric_name=name, metric_value=value, metric_unit=unit, timestamp=at, **ids
        )
        for name, value, unit in told
    ]
    return whole + [
        ExecutionMetrics(
            id=f"{execution_id}:{one.name}" if one.node == WHOLE else f"{execution_id}:{nodes[one.node][0]}:{one.name}",
            node_id=None if one.node == WHOLE else nodes[one.node][0],
            metric_name=one.name,
            metric_value=one.value,
            metric_unit=one.unit,
            timestamp=one.at,
            tags=one.tags or {},
            **ids,
        )
        for one in numbers
    ]


def _cursor(text: str | None) -> int:
    if text is None:
        return _AFTER_ALL
    if not (text.isascii() and text.isdigit() and int(text) <= _AFTER_ALL):
        raise InvalidInput("the cursor is none that a page of a log returned")
    return int(text)


_AFTER_ALL = 2**63 - 1


def _by_number(line: ExecutionLog) -> int:
    return line.seq


def _line(execution_id: UUID, user_id: UUID, entry: Entry, nodes: list[tuple[str, str]]) -> ExecutionLog:
    """Return an entry in words; `nodes` has id and label by position."""
    data = entry.data if isinstance(entry.data, dict) else {}
    attempt = entry.attempt
    match entry.kind:
        case repository.LINE:
            level, message, metadata = LogLevel(entry.level or _INFO), entry.message or "", data
        case repository.FAILURE:
            level, tell = _FAILURES[entry.message or ""]
            message, metadata = tell(data), {"code": data.get("code")}
        case kind:
            level, tell = _EVENTS[kind]
            message, attempt = tell(data), data.get("attempt")
            metadata = {name: data[name] for name in ("code", "key") if data.get(name)}
    node_id, label = (None, None) if entry.node is None else nodes[entry.node]
    return ExecutionLog(
        id=f"{execution_id}:{entry.seq}",
        execution_id=str(execution_id),
        user_id=str(user_id),
        seq=entry.seq,
        node_id=node_id,
        node_label=label,
        firing=entry.index,
        attempt=attempt,
        level=level,
        message=message,
        timestamp=entry.at,
        metadata=metadata,
    )


def _whole(execution_id: UUID, user_id: UUID, head: Head) -> list[ExecutionLog]:
    """Return the lines about the beginning and the end of a run: before its first record, and after its last."""
    ids = {"execution_id": str(execution_id), "user_id": str(user_id)}
    told = []
    if head.started_at is not None:
        words = f"started, version {head.graph_version} of the graph"
        told.append(
            ExecutionLog(id=f"{execution_id}:0", seq=0, message=words, timestamp=head.started_at, level=_INFO, **ids)
        )
    if head.ended_at is not None:
        status = ExecutionStatus(head.status)
        words = str(status)
        if head.started_at is not None:
            words += f" after {(head.ended_at - head.started_at).total_seconds():.2f} s"
        if head.error is not None:
            words += f": {head.error['message']}"
        seq = head.seq + 1
        told.append(
            ExecutionLog(
                id=f"{execution_id}:{seq}",
                seq=seq,
                message=words,
                timestamp=head.ended_at,
                level=_LEVEL_OF_END[status],
                metadata={} if head.error is None else {"code": head.error["code"]},
                **ids,
            )
        )
    return told


def _of_wait(data: Mapping[str, Any]) -> str:
    title = f": {data['title']}" if data.get("title") else ""
    until = f" until {data['until']}" if data.get("until") else ""
    return f"waits for a {data['kind']}{until}{title}"


def _of_failure(data: Mapping[str, Any]) -> str:
    return f"failed: {data.get('message', 'nobody knows why')}"


Tell = Callable[[Mapping[str, Any]], str]

_EVENTS: Mapping[str, tuple[LogLevel, Tell]] = {
    "attempt_failed": (_WARNING, lambda data: f"attempt {data['attempt']} failed and is made again: {data['message']}"),
    "wait": (_INFO, _of_wait),
    "answer": (_DEBUG, lambda _: "was answered"),
    "reset": (_DEBUG, lambda _: "begins anew"),
    "outcome_unknown": (_WARNING, lambda _: "was cut off, and nobody knows whether its effect happened"),
    "worker_lost": (_WARNING, lambda _: "its worker was lost; another one goes on"),
    "stop": (_INFO, lambda data: f"ends the run: {data.get('reason', '')}"),
    "cancel": (_WARNING, lambda _: "is cancelled"),
    "timeout": (_ERROR, lambda _: "took longer than it may"),
    "engine_failed": (_ERROR, lambda data: f"could not be driven any further: {data.get('code', '')}"),
}
_FAILURES: Mapping[str, tuple[LogLevel, Tell]] = {
    "failed": (_ERROR, _of_failure),
    "timeout": (_ERROR, _of_failure),
    "error": (_WARNING, lambda data: f"{_of_failure(data)}; its error pin takes it"),
}
_LEVEL_OF_END = {
    ExecutionStatus.COMPLETED: _INFO,
    ExecutionStatus.CANCELLED: _WARNING,
    ExecutionStatus.FAILED: _ERROR,
    ExecutionStatus.TIMEOUT: _ERROR,
}
