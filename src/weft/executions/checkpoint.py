"""A snapshot of one execution, from which a replay may begin: a cache, never the truth (engine rule 39).

It holds what the journal up to one record leaves in memory. Values are in it as far as somebody will still ask for them,
large ones by name.
"""

import zlib
from array import array
from dataclasses import asdict
from typing import Any

import orjson

from weft.executions.planner import Planner
from weft.executions.ports import SEQ_BYTES
from weft.executions.records import CloseReason
from weft.executions.state import Calls, Intention, State, WaitState
from weft.executions.values import INLINE_LIMIT, digest_of
from weft.failpoints import failpoint

_LARGEST = 8 * 2**20
_FORMAT = 1

_PLACED = ("attempts", "waited", "decisions")


def due(state: State, records: int) -> bool:
    """Return whether `records` were appended since the last snapshot, or since the beginning."""
    return state.journal.seq - state.snapshot_seq >= records


def dump(state: State) -> bytes | None:
    """Return the state after the journal's last record; None when it is too large to be worth it.

    An execution under way is left as it is; one that is closing needs no snapshot, for nothing will be formed again.
    """
    state.release()
    state.snapshot_seq = state.journal.seq  # also if none is made: the next try comes as much later
    if state.closing is not None or _size(state) > _LARGEST:
        return None
    planner = state.planner.snapshot()
    if len(planner) > _LARGEST:
        return None
    data: dict[str, Any] = {
        "format": _FORMAT,
        "planner": planner.decode(),
        "values": [[key, *_value(state, key)] for key in _held(state)],
        "pins": [[key, pin] for key, pin in state.pins.items()],
        "intentions": [[*place, one.key, one.attempt] for place, one in state.intentions.items()],
        "waits": [[*place, asdict(wait)] for place, wait in state.waits.items()],
        "answers": [[*place, asdict(wait), answer] for place, (wait, answer) in state.answers.items()],
        "recorded": [[*place, list(marks)] for place, marks in state.recorded.items()],
        "emissions": state.emissions,
        "firings": state.firings,
        "bytes": state.bytes,
        "calls": state.calls.count,
        "lost_nodes": sorted(state.care.lost_nodes),
        "spent": [[*place, cost] for place, cost in state.calls.spent.items()],
    }
    for name in _PLACED:
        data[name] = [[*place, one] for place, one in getattr(state, name).items()]
    failpoint("snapshot.made")
    return state.journal.seq.to_bytes(SEQ_BYTES) + zlib.compress(orjson.dumps(data), 1)


def _size(state: State) -> int:
    """Return about how many bytes the values and marks of a snapshot would have."""
    return sum(map(len, state.values.values())) + 20 * sum(map(len, state.recorded.values()))


def _held(state: State) -> set[int]:
    return state.values.keys() | state.large.digests.keys()


def _value(state: State, key: int) -> tuple[str | None, str | None]:
    """Return a value as (JSON, None), or as (None, digest) when it stands, or is about to, in the store."""
    value = state.values.get(key)
    if value is None:
        return None, state.large.digests[key]
    return (value.decode(), None) if len(value) <= INLINE_LIMIT else (None, digest_of(value).hex())


def restore(state: State, snapshot: bytes) -> bool:
    """Fill a fresh state from a snapshot; False, and nothing changed, when it was made by other rules."""
    data = orjson.loads(zlib.decompress(snapshot[SEQ_BYTES:]))
    if data["format"] != _FORMAT:
        return False
    try:
        state.planner = Planner(state.plan, data["planner"].encode())
    except ValueError:
        return False
    state.snapshot_seq = int.from_bytes(snapshot[:SEQ_BYTES])
    for key, text, digest in data["values"]:
        if text is None:
            state.large.absent(key, digest)
        else:
            state.values[key] = text.encode()
    state.pins = dict(data["pins"])
    state.intentions = {(node, index): Intention(key, attempt) for node, index, key, attempt in data["intentions"]}
    state.waits = {(node, index): WaitState(**wait) for node, index, wait in data["waits"]}
    state.answers = {(node, index): (WaitState(**wait), answer) for node, index, wait, answer in data["answers"]}
    for name in _PLACED:
        setattr(state, name, {(node, index): one for node, index, one in data[name]})
    state.recorded = {(node, index): array("Q", marks) for node, index, marks in data["recorded"]}
    state.emissions, state.firings, state.bytes = data["emissions"], data["firings"], data["bytes"]
    state.calls = Calls(data["calls"], {(node, index): cost for node, index, cost in data["spent"]})
    state.care.lost_nodes.update(data.get("lost_nodes", ()))
    if state.planner.closing is not None:
        state.closing = CloseReason(state.planner.closing.reason)
    return True
