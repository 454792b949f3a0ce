"""Why a node never fired, or has values left: what is missing, and the first cause upstream."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import NamedTuple

from weft.executions.planning.delivery import Delivery
from weft.executions.planning.model import Kind, Mode
from weft.executions.planning.refs import INDEX_BITS


class WhyNotKind(StrEnum):
    """What is unusual about a node at the end."""

    NEVER_FIRED = "never_fired"
    VALUES_LEFT = "values_left"


class Cause(NamedTuple):
    """Where the lack began: a node, one of its firings if one is to blame, and why.

    Reasons: `no_value` (an INPUT without value), `error`, `timeout`, `failed`, `skipped` (outcome of that
    firing), `waiting`, `open` (not ended), `closed` (the execution closed before), `no_emission` (it fired
    and sent nothing, or less, on that pin: a branch not taken).
    """

    node: int
    index: int | None  # type: ignore[assignment]  # hides tuple.index
    reason: str


class WhyNot(NamedTuple):
    """One node that never fired or has values left.

    Attributes:
        node: The node's number.
        kind: Which of the two.
        missing: Numbers of the slots that lack a value.
        pins: Names of those slots.
        left: Values that wait for the missing ones, as `(slot, count)`.
        first_cause: Where it began.
    """

    node: int
    kind: WhyNotKind
    missing: tuple[int, ...]
    pins: tuple[str, ...]
    left: tuple[tuple[int, int], ...]
    first_cause: Cause


def explain(
    state: Delivery, mishaps: Mapping[int, tuple[int, str]], waiting: Collection[int], *, closed: bool
) -> list[WhyNot]:
    """Return the nodes to explain, by position; one walk over the nodes, sources first."""
    plan = state.plan
    lowest_open: dict[int, tuple[int, str]] = {}
    for key in state.firings:
        reason = "waiting" if key in waiting else "open"
        at = (key & (1 << INDEX_BITS) - 1, reason)
        lowest_open[key >> INDEX_BITS] = min(lowest_open.get(key >> INDEX_BITS, at), at)
    blamed = {**lowest_open, **mishaps}
    causes: dict[int, Cause] = {}
    found: list[WhyNot] = []
    for node in plan.topological:
        fired = state.formed[node] > 0
        if plan.kinds[node] in (Kind.INPUT, Kind.NOTE) or plan.modes[node] == Mode.NONE:
            continue
        pool = state.pools.get(node)
        left = pool.left() if pool is not None else {}
        if fired and not left:
            continue
        missing = _missing(state, node, left, fired=fired)
        cause = _cause(state, node, missing, causes, blamed, closed=closed)
        if not fired:
            causes[node] = cause
        kind = WhyNotKind.VALUES_LEFT if fired else WhyNotKind.NEVER_FIRED
        names = tuple(str(plan.slots[node][slot]) for slot in missing)
        found.append(WhyNot(node, kind, missing, names, tuple(left.items()), cause))
    return sorted(found)


def _missing(state: Delivery, node: int, left: Mapping[int, int], *, fired: bool) -> tuple[int, ...]:
    slots = range(len(state.plan.slots[node]))
    pool = state.pools.get(node)
    if fired:
        return tuple(slot for slot in slots if slot not in left and slot not in state.plan.lends[node])
    return tuple(slot for slot in slots if pool is None or not pool.holds(slot))


def _cause(
    state: Delivery,
    node: int,
    missing: tuple[int, ...],
    causes: Mapping[int, Cause],
    blamed: Mapping[int, tuple[int, str]],
    *,
    closed: bool,
) -> Cause:
    plan = state.plan
    if not missing:
        return Cause(node, None, "closed" if closed else "no_emission")
    source, _ = plan.link_sources[plan.slots[node][missing[0]].links[0]]
    if source in causes:
        return causes[source]
    if plan.kinds[source] == Kind.INPUT and source not in state.given:
        return Cause(source, None, "no_value")
    if source in blamed:
        return Cause(source, *blamed[source])
    return Cause(source, None, "closed" if closed else "no_emission")
