"""From rows of the journal to events with names that people know."""

from collections.abc import Callable
from typing import Any

import orjson

from weft.executions.ports import PIN_BITS, EventRow
from weft.executions.repository.stream import FiringRow, LineRow, Records
from weft.executions.stream_events import (
    Closing,
    EffectBegins,
    Emission,
    Event,
    FiringAnswered,
    FiringBegins,
    FiringEnded,
    FiringFailed,
    FiringRestarted,
    FiringRetries,
    FiringWaits,
    Large,
    Logged,
    OutcomeUnknown,
    Recorded,
    WorkerLost,
)
from weft.executions.types import LogLevel
from weft.executions.values import INLINE_LIMIT
from weft.graphs.types import GraphContent
from weft.sdk import Catalog

_CLOSING = frozenset({"cancel", "timeout", "stop", "engine_failed"})


class Teller:
    """Turns the rows of one execution into events.

    Args:
        content: What it runs.
        catalog: The blocks there are; pins of one that is not there any more are told by number.
    """

    def __init__(self, content: GraphContent, catalog: Catalog) -> None:
        self._nodes = content.nodes
        self._catalog = catalog
        self._pins: dict[int, list[str]] = {}

    def events(self, records: Records) -> list[Event]:
        """Return all events that the rows hold, in no order."""
        told: list[Event] = []
        for row in records.firings:
            told += [self._emission(row.node, row.index, item) for item in row.outputs or ()]
            told.append(self._end(row))
        for chunk in records.chunks:
            told += [self._emission(chunk.node, chunk.index, item) for item in chunk.items]
        told += [self._event(row) for row in records.events]
        told += [self._line(row) for row in records.lines]
        return told

    def _place(self, node: int, index: int | None) -> dict[str, Any]:
        found = self._nodes[node]
        return {"node_id": found.id, "label": found.label, "firing": index}

    def _pin(self, node: int, number: int) -> str:
        names = self._pins.get(node)
        if names is None:
            block = self._catalog.get(self._nodes[node].block_id)
            names = self._pins[node] = [] if block is None else list(block.spec.outputs)
        return names[number] if number < len(names) else str(number)

    def _emission(self, node: int, index: int, item: list[Any]) -> Emission:
        large = None
        if len(item) > 3:
            large = Large(sha256=item[3], size=item[4] if len(item) > 4 else None)
        pin = self._pin(node, item[1] & (1 << PIN_BITS) - 1)
        return Emission(seq=item[0], **self._place(node, index), pin=pin, value=item[2], large=large)

    def _end(self, row: FiringRow) -> Event:
        spent = {
            **self._place(row.node, row.index),
            "seq": row.seq_end,
            "attempts": row.attempt,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "cost_micro": row.cost,
        }
        if row.outcome in ("ok", "skipped"):
            return FiringEnded(**spent, skipped=row.outcome == "skipped")
        error = row.error or {"code": row.outcome.upper(), "message": row.outcome}
        return FiringFailed(**spent, error=_short(error), caught=row.outcome == "error")

    def _line(self, row: LineRow) -> Event:
        place: dict[str, Any] = {"node_id": None, "label": None, "firing": row.index}
        if row.node is not None:
            place = self._place(row.node, row.index)
        return Logged(
            seq=row.seq,
            at=row.at,
            level=LogLevel(row.level),
            message=row.message,
            metadata=row.metadata,
            attempt=row.attempt,
            **place,
        )

    def _event(self, row: EventRow) -> Event:
        if row.kind in _CLOSING:
            data = row.data or {}
            return Closing(seq=row.seq, reason=row.kind, detail=data.get("reason") or data.get("code"))
        if row.kind == "worker_lost":
            return WorkerLost(seq=row.seq)
        make = _OF_FIRINGS.get(row.kind)
        if make is None or row.node is None or row.index is None:
            return Recorded(seq=row.seq, record=row.kind)
        return make(row, {"seq": row.seq, **self._place(row.node, row.index)})


def _short(error: dict[str, Any]) -> dict[str, Any]:
    """Return code and sentence of an error; the node stands beside it."""
    return {"code": error["code"], "message": error["message"]}


def _retries(row: EventRow, place: dict[str, Any]) -> Event:
    return FiringRetries(**place, attempt=row.data["attempt"], error=_short(row.data))


def _waits(row: EventRow, place: dict[str, Any]) -> Event:
    data = row.data
    return FiringWaits(**place, wait=data["kind"], key=data["key"], until=data["until"], title=data["title"])


def _answered(row: EventRow, place: dict[str, Any]) -> Event:
    answer = row.data["answer"]
    fits = len(orjson.dumps(answer)) <= INLINE_LIMIT
    return FiringAnswered(**place, key=row.key or "", answer=answer if fits else None)


_OF_FIRINGS: dict[str, Callable[[EventRow, dict[str, Any]], Event]] = {
    "start": lambda row, place: FiringBegins(**place, attempt=row.data["attempt"]),
    "intent": lambda row, place: EffectBegins(**place, attempt=row.data["attempt"]),
    "attempt_failed": _retries,
    "reset": lambda _, place: FiringRestarted(**place),
    "wait": _waits,
    "answer": _answered,
    "outcome_unknown": lambda _, place: OutcomeUnknown(**place),
}
