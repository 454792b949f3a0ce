"""What a graph must do, computed stream by stream: no events, no state, nothing of the planner's code.

Nodes are visited once, sources first. The whole sequence of values on each slot is known when a node is
visited, so its firings follow from the definitions: take each value, pair by item, pair by position, take
everything.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.simulation.cases import ERROR, PURE, Act, Case, Spec, Wire, behave, input_value


class Value(NamedTuple):
    """A value, the items it stems from (stream `(node, pin)` to `(firing, j)`), and its `(firing, k)`."""

    value: int
    items: dict[tuple[int, int], tuple[int, int]]
    place: tuple[int, int]


@dataclass
class Verdict:
    """What must come out.

    Attributes:
        fired: Per node, hashes of its firings' inputs, in order where `certain`.
        certain: Per node, whether the order of firings is fixed.
        closes: Whether some firing fails without a taker, or stops the execution.
        checked: Whether nothing depends on timing, by the oracle's own reading.
        left: Values left per node and slot, where a node never fired or has some.
        causes: First cause per such node: `(node, index or None, reason)`; index None also where not certain.
        stems: Per node and slot, the streams that all its values stem from.
    """

    fired: list[list[int]]
    certain: list[bool]
    closes: bool = False
    checked: bool = True
    left: dict[int, dict[str, int]] = field(default_factory=dict)
    missing: dict[int, list[str]] = field(default_factory=dict)
    causes: dict[int, tuple[int, int | None, str]] = field(default_factory=dict)
    stems: list[dict[str, set[tuple[int, int]]]] = field(default_factory=list)


def judge(case: Case, most: int = 400) -> Verdict | None:
    """Return the verdict, or `None` if the graph has more than `most` firings."""
    oracle = _Oracle(case, most)
    for node in case.order:
        oracle.visit(node)
        if oracle.total > most:
            return None
    verdict = oracle.verdict
    for node in case.order:
        oracle.explain(node)
    return verdict


class _Oracle:
    def __init__(self, case: Case, most: int) -> None:
        self.case = case
        self.total = 0
        count = len(case.specs)
        self.verdict = Verdict([[] for _ in range(count)], [True] * count, stems=[{} for _ in range(count)])
        self.sent: dict[tuple[int, int], list[Value]] = {}
        self.from_streams: list[set[tuple[int, int]]] = [set() for _ in range(count)]
        self.begun = [False] * count
        self.blame: dict[int, tuple[int, str]] = {}
        self.slots: list[dict[str, list[Wire]]] = [{} for _ in range(count)]
        for wire in case.wires:
            self.slots[wire.sink].setdefault(wire.slot, []).append(wire)

    # -- what reaches a node

    def _brought(self, wire: Wire) -> list[Value]:
        """Values that a link delivers."""
        return [one for one in self.sent.get((wire.source, wire.pin), ()) if not wire.skips(one.value)]

    def _values(self, node: int, slot: str) -> list[Value]:
        wires = self.slots[node][slot]
        found = [one for wire in wires for one in self._brought(wire)]
        sending = {wire.source for wire in wires if self._brought(wire)}
        merged = slot not in self.case.specs[node].collecting and len(sending) == 1
        return sorted(found, key=lambda one: one.place) if merged else found

    def _is_static(self, node: int, slot: str) -> bool:
        collecting = slot in self.case.specs[node].collecting
        return not collecting and all(wire.static for wire in self.slots[node][slot])

    def _slot_certain(self, node: int, slot: str) -> bool:
        """Whether the order of a slot's values is fixed."""
        sending = [wire for wire in self.slots[node][slot] if self._brought(wire)]
        if sum(len(self._brought(wire)) for wire in sending) < 2:
            return True
        return len({wire.source for wire in sending}) == 1 and self._link_certain(sending[0])

    def _link_certain(self, wire: Wire) -> bool:
        ordered = self.case.specs[wire.source].ordered or len(self.verdict.fired[wire.source]) < 2
        return ordered and self.verdict.certain[wire.source]

    def _slot_stems(self, node: int, slot: str) -> set[tuple[int, int]]:
        found = []
        for wire in self.slots[node][slot]:
            mine = set(self.from_streams[wire.source])
            if wire.pin in self.case.specs[wire.source].many:
                mine.add((wire.source, wire.pin))
            found.append(mine)
        return set.intersection(*found)

    # -- firings

    def visit(self, node: int) -> None:
        spec = self.case.specs[node]
        if spec.role == "input":
            if node in self.case.given:
                self.sent[node, 0] = [Value(input_value(self.case.seed, node), {}, (0, 0))]
            return
        rows = self._rows(node, spec)
        names = sorted(self.slots[node])
        for index, row in enumerate(rows):
            hashed = hash((node, *(one if isinstance(one, int) else one.value for one in row)))
            self.verdict.fired[node].append(hashed)
            items: dict[tuple[int, int], tuple[int, int]] = {}
            for slot, one in zip(names, row, strict=True):
                if isinstance(one, Value) and not self._is_static(node, slot) and not spec.collecting:
                    items |= one.items
            self._fire(node, index, spec, hashed, items)
        self.total += len(rows)

    def _fire(
        self, node: int, index: int, spec: Spec, hashed: int, items: dict[tuple[int, int], tuple[int, int]]
    ) -> None:
        act = behave(spec, hashed, 0)
        opened: Counter[int] = Counter()
        for k, (pin, value) in enumerate(self._standing(spec, act)):
            mine = items
            if pin in spec.many:
                mine = {**items, (node, pin): (index, opened[pin])}
                opened[pin] += 1
            self.sent.setdefault((node, pin), []).append(Value(value, mine, (index, k)))
        if act.failed:
            self.blame.setdefault(node, (index, "error"))
            if self.case.error_linked[node]:
                self.sent.setdefault((node, ERROR), []).append(Value(act.error, items, (index, len(act.emissions))))
            else:
                self.verdict.closes = True
        self.verdict.closes |= act.stops

    def _standing(self, spec: Spec, act: Act) -> list[tuple[int, int]]:
        """Emissions that count: all, or of a failed block those it could not take back."""
        if not act.failed or spec.effect == PURE:
            return act.emissions
        return act.emissions[: max(act.wait_at, 0)]

    def _rows(self, node: int, spec: Spec) -> list[tuple[Any, ...]]:
        names = sorted(self.slots[node])
        if not names:
            return [()]
        values = {slot: self._values(node, slot) for slot in names}
        for slot in names:
            if not self._is_static(node, slot) and not spec.collecting:
                stems = self._slot_stems(node, slot)
                self.verdict.stems[node][slot] = stems
                self.from_streams[node] |= stems
        self.begun[node] = self._is_begun(node, names, values)
        certain = {slot: self._slot_certain(node, slot) for slot in names}
        self.verdict.certain[node] = all(certain.values())
        if spec.collecting:
            return self._collected(node, names, values, certain)
        static = [slot for slot in names if self._is_static(node, slot)]
        if len(static) == len(names):
            rows = self._kth(names, values)
            if sum(len(one) > 1 for one in values.values()) > 1 and not all(certain.values()):
                self.verdict.checked = False
            return rows
        return self._zipped(node, names, static, values, certain)

    def _kth(self, names: list[str], values: dict[str, list[Value]]) -> list[tuple[Any, ...]]:
        """Only static slots: the k-th of each, the last where there are no more."""
        if not all(values.values()):
            return []
        longest = max(len(one) for one in values.values())
        return [tuple(values[s][min(k, len(values[s]) - 1)] for s in names) for k in range(longest)]

    def _collected(
        self, node: int, names: list[str], values: dict[str, list[Value]], certain: dict[str, bool]
    ) -> list[tuple[Any, ...]]:
        row: list[Any] = []
        for slot in names:
            if slot in self.case.specs[node].collecting:
                if not values[slot] and not any(self._link_begun(w) for w in self.slots[node][slot]):
                    return []
                wires = self.slots[node][slot]
                if not all(self._link_certain(w) for w in wires if len(self._brought(w)) > 1):
                    self.verdict.checked = False
                row.append(hash(tuple(one.value for one in values[slot])))
            elif not values[slot]:
                return []
            else:
                if not certain[slot]:
                    self.verdict.checked = False
                row.append(values[slot][-1 if self._is_static(node, slot) else 0])
        self.verdict.certain[node] = True
        return [tuple(row)]

    def _zipped(
        self,
        node: int,
        names: list[str],
        static: list[str],
        values: dict[str, list[Value]],
        certain: dict[str, bool],
    ) -> list[tuple[Any, ...]]:
        if any(not values[slot] for slot in static):
            return []
        if any(len(values[slot]) > 1 for slot in static):
            self.verdict.checked = False
        taking = [slot for slot in names if slot not in static]
        groups = self._groups(node, taking)
        if len(groups) > 1 and not all(certain[slot] for slot in taking):
            self.verdict.checked = False
        parts = [self._paired(node, group, values, certain) for group in groups]
        rows = []
        for combined in zip(*parts, strict=False):
            row = {slot: one for part in combined for slot, one in part.items()}
            row |= {slot: values[slot][-1] for slot in static}
            rows.append(tuple(row[slot] for slot in names))
        return rows

    def _groups(self, node: int, taking: list[str]) -> list[list[str]]:
        """Slots connected by common streams."""
        stems = self.verdict.stems[node]
        groups: list[list[str]] = []
        for slot in taking:
            touching = [group for group in groups if any(stems[slot] & stems[other] for other in group)]
            groups = [group for group in groups if group not in touching]
            groups.append([one for group in touching for one in group] + [slot])
        return [sorted(group) for group in groups]

    def _paired(
        self, node: int, group: list[str], values: dict[str, list[Value]], certain: dict[str, bool]
    ) -> list[dict[str, Value]]:
        if len(group) == 1:
            return [{group[0]: one} for one in values[group[0]]]
        stems = self.verdict.stems[node]
        commons = [stems[a] & stems[b] for a in group for b in group if a < b]
        if any(common != commons[0] for common in commons):
            self.verdict.checked = False
        shared = sorted(set.union(*commons))
        queues: dict[str, dict[tuple[Any, ...], list[Value]]] = {slot: {} for slot in group}
        for slot in group:
            for one in values[slot]:
                key = tuple(one.items.get(stream) for stream in shared)
                queues[slot].setdefault(key, []).append(one)
            if not certain[slot] and any(len(found) > 1 for found in queues[slot].values()):
                self.verdict.checked = False
        pairs = []
        taken: Counter[tuple[Any, ...]] = Counter()
        for one in values[group[0]]:
            key = tuple(one.items.get(stream) for stream in shared)
            place = taken[key]
            taken[key] += 1
            if all(len(queues[slot].get(key, ())) > place for slot in group):
                pairs.append({slot: queues[slot][key][place] for slot in group})
        return pairs

    # -- streams that were begun and brought nothing

    def _link_begun(self, wire: Wire) -> bool:
        fired = bool(self.verdict.fired[wire.source])
        return self.begun[wire.source] or (wire.pin in self.case.specs[wire.source].many and fired)

    def _is_begun(self, node: int, names: list[str], values: dict[str, list[Value]]) -> bool:
        if self.case.specs[node].collecting:
            return False
        lending = [slot for slot in names if self._is_static(node, slot)]
        if len(lending) == len(names):
            lending = []
        some = False
        for slot in names:
            if slot not in lending and any(self._link_begun(wire) for wire in self.slots[node][slot]):
                some = True
            elif not values[slot]:
                return False
        return some

    # -- why not

    def explain(self, node: int) -> None:
        names = sorted(self.slots[node])
        firings = len(self.verdict.fired[node])
        if not names:
            return
        left = self._left(node, names, firings)
        if firings and not left:
            return
        if firings:
            missing = [s for s in names if s not in left and self._counts_down(node, s, names)]
        else:
            missing = [slot for slot in names if not self._values(node, slot)]
        self.verdict.left[node] = left
        self.verdict.missing[node] = missing
        self.verdict.causes[node] = self._cause(node, missing)

    def _counts_down(self, node: int, slot: str, names: list[str]) -> bool:
        alone = all(self._is_static(node, other) for other in names)
        return alone or not self._is_static(node, slot)

    def _left(self, node: int, names: list[str], firings: int) -> dict[str, int]:
        found = {}
        only_static = all(self._is_static(node, slot) for slot in names)
        for slot in names:
            count = len(self._values(node, slot))
            if only_static or slot in self.case.specs[node].collecting:
                count = 0 if firings else count
            elif self._is_static(node, slot):
                count = 0
            else:
                count -= firings
            if count:
                found[slot] = count
        return found

    def _cause(self, node: int, missing: list[str]) -> tuple[int, int | None, str]:
        if not missing:
            return node, None, "no_emission"
        source = self.slots[node][missing[0]][0].source
        if self.case.specs[source].role == "input":
            return source, None, "no_emission" if source in self.case.given else "no_value"
        if not self.verdict.fired[source]:
            return self.verdict.causes[source]
        if source in self.blame:
            index, reason = self.blame[source]
            return source, index if self.verdict.certain[source] else None, reason
        return source, None, "no_emission"
