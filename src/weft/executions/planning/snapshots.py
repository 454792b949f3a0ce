"""A planner's state as bytes, and back: a cache, never the truth; without it a replay gives the same."""

import json
from collections import deque
from typing import Any

from weft.executions.planning.delivery import Delivery, Firing, Progress
from weft.executions.planning.model import SEMANTICS
from weft.executions.planning.pools import CollectPool, JoinPool, Partial, StaticPool, ZipPool
from weft.executions.planning.refs import inputs_from_json, inputs_to_json

_PROGRESS = ("count", "sent", "safe", "base", "ended", "error")


def dump(state: Delivery, extra: dict[str, Any]) -> bytes:
    """Return the state and what the caller adds, as JSON."""
    data = {
        "semantics": SEMANTICS,
        "formed": state.formed,
        "settled": state.settled,
        "unquiet": state.unquiet,
        "firings": [[f.node, f.index, inputs_to_json(f.inputs)] for f in state.firings.values()],
        "progress": [[key, _dump_progress(one)] for key, one in state.progress.items()],
        "items": list(state.items.items()),
        "pools": [[node, _dump_pool(pool)] for node, pool in state.pools.items()],
        "opened": sorted(state.opened),
        "given": sorted(state.given),
        "shared": list(state.holders.shared.items()),
        "extra": extra,
    }
    return json.dumps(data, separators=(",", ":")).encode()


def load(state: Delivery, snapshot: bytes) -> Any:
    """Fill a fresh state; return what the caller had added.

    Raises:
        ValueError: The snapshot is of other rules or another graph; drop it and replay from the start.
    """
    data = json.loads(snapshot)
    if data["semantics"] != SEMANTICS or len(data["formed"]) != len(state.formed):
        raise ValueError("the snapshot is of other rules or another graph")
    state.formed, state.settled, state.unquiet = data["formed"], data["settled"], data["unquiet"]
    for node, index, inputs in data["firings"]:
        state.firings[state.key(node, index)] = Firing(node, index, inputs_from_json(inputs))
    state.progress = {key: _load_progress(one) for key, one in data["progress"]}
    state.items = {key: tuple(items) for key, items in data["items"]}
    for node, pool in data["pools"]:
        _load_pool(state.pool(node), pool)
    state.opened = set(data["opened"])
    state.given = frozenset(data["given"])
    state.holders.shared = dict(data["shared"])
    return data["extra"]


def _dump_progress(progress: Progress) -> list[Any]:
    return [
        progress.pending,
        list(progress.opened.items()),
        *(getattr(progress, name) for name in _PROGRESS),
    ]


def _load_progress(data: list[Any]) -> Progress:
    progress = Progress()
    progress.pending = data[0]
    progress.opened = dict(data[1])
    for name, value in zip(_PROGRESS, data[2:], strict=True):
        setattr(progress, name, value)
    return progress


def _dump_pool(pool: ZipPool | JoinPool | StaticPool | CollectPool) -> list[Any]:
    match pool:
        case ZipPool():
            return [[None if q is None else list(q) for q in pool.queues], pool.latest, pool.lacking]
        case JoinPool():
            sides = [[[_dump_side(side) for side in stage] for stage in one] for one in pool.sides]
            return [[list(q) for q in pool.ready], sides, list(pool.latest.items()), pool.lacking]
        case StaticPool():
            return [[list(q) for q in pool.fresh], pool.last, pool.sources, pool.blocked]
        case CollectPool():
            queues = [[slot, list(queue)] for slot, queue in pool.queues.items()]
            return [list(pool.runs.items()), list(pool.latest.items()), queues]


def _load_pool(pool: ZipPool | JoinPool | StaticPool | CollectPool, data: list[Any]) -> None:
    match pool:
        case ZipPool():
            pool.queues = [None if q is None else deque(q) for q in data[0]]
            pool.latest, pool.lacking = data[1], data[2]
        case JoinPool():
            pool.ready = [deque(_partial(one) for one in q) for q in data[0]]
            pool.sides = [[(_load_side(left), _load_side(right)) for left, right in one] for one in data[1]]
            pool.latest, pool.lacking = dict(data[2]), data[3]
        case StaticPool():
            pool.fresh = [deque(q) for q in data[0]]
            pool.last, pool.sources, pool.blocked = data[1], data[2], data[3]
        case CollectPool():
            pool.runs, pool.latest = dict(data[0]), dict(data[1])
            pool.queues = {slot: deque(queue) for slot, queue in data[2]}


def _dump_side(side: dict[tuple[int, ...], deque[Partial]]) -> list[Any]:
    return [[key, list(values)] for key, values in side.items()]


def _load_side(data: list[Any]) -> dict[tuple[int, ...], deque[Partial]]:
    return {tuple(key): deque(_partial(one) for one in values) for key, values in data}


def _partial(data: list[Any]) -> Partial:
    return tuple(data[0]), tuple(data[1])
