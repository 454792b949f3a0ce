"""Which slots depend on timing: where the order of arrival decides what meets what.

The order in which values reach a slot is *shuffled* if several nodes feed it, or if the source is shuffled
or delivers out of order. That alone changes no result. It does where order decides: between slots that pair
first in, first out, in a static slot that is replaced while values pass, in the list of a collecting slot.
The analysis counts how often a node can fire as 0, 1 or many; it may name a slot that is harmless (two
branches of which only one is ever taken), never the reverse.
"""

from collections.abc import Sequence

from weft.executions.planning.model import Kind, Mode, PinName
from weft.executions.planning.streams import Streams, bits, join_class
from weft.executions.planning.wiring import Wiring

MANY = 2


class OrderAnalysis:
    """One pass over the nodes, sources first; `found` holds the order-dependent slots in that order."""

    def __init__(self, wiring: Wiring, streams: Streams) -> None:
        self.wiring = wiring
        self.streams = streams
        count = len(wiring.slots)
        self.bounds = [0] * count
        self.shuffled = [False] * count
        self.found: list[PinName] = []
        self._by_key: dict[int, list[int]] = {}
        for node in wiring.topological:
            self._visit(node)

    def _visit(self, node: int) -> None:
        mode = self.wiring.modes[node]
        totals = [self._total(node, slot) for slot in range(len(self.wiring.slots[node]))]
        shuffled = [self._arrives_shuffled(node, slot, total) for slot, total in enumerate(totals)]
        self.bounds[node] = self._bound(node, mode, totals)
        many = self.bounds[node] >= MANY
        reordered = False
        if mode is Mode.COLLECT:
            self._visit_collect(node, shuffled)
        elif mode is Mode.ALL_STATIC:
            if sum(total >= MANY for total in totals) > 1:
                self._name_all(node, shuffled, "takes values in order of arrival")
        elif mode is Mode.ZIP:
            reordered = self._visit_zip(node, totals, shuffled)
        unordered = not self.wiring.facts[node].ordered
        self.shuffled[node] = many and (unordered or reordered or any(shuffled))

    def _visit_collect(self, node: int, shuffled: Sequence[bool]) -> None:
        for slot, plan in enumerate(self.wiring.slots[node]):
            if plan.collecting:
                if any(self._link_shuffled(link) for link in self.wiring.slot_sources(node, slot)):
                    self._name(node, slot, "collects values in order of arrival")
            elif shuffled[slot]:
                self._name(node, slot, "takes one of several values by order of arrival")

    def _visit_zip(self, node: int, totals: Sequence[int], shuffled: Sequence[bool]) -> bool:
        """Name what depends on timing; return whether pairs may come in another order than their items."""
        for slot, plan in enumerate(self.wiring.slots[node]):
            if plan.static and totals[slot] >= MANY:
                self._name(node, slot, "lends a value that is replaced while others pass")
        components = self.streams.components[node]
        reordered = False
        if len(components) > 1:
            for members, _ in components:
                if len(members) > 1 and max(totals[slot] for slot in members) >= MANY:
                    self._name(node, members[0], "pairs by item beside a slot that does not")
                for slot in members:
                    if shuffled[slot]:
                        self._name(node, slot, "merges into a pairing by order of arrival")
        for members, _ in components:
            if len(members) > 1:
                reordered |= self._visit_pairs(node, members, shuffled)
        return reordered

    def _visit_pairs(self, node: int, members: list[int], shuffled: Sequence[bool]) -> bool:
        layouts = self.streams.slot_layouts[node]
        _, _, uniform = join_class(members, layouts)
        if not uniform:
            self._name(node, members[0], "pairs slots by different streams")
            return True
        shared = 0
        for first, slot in enumerate(members):
            for other in members[first + 1 :]:
                shared |= layouts[slot] & layouts[other]
        for stream in bits(shared):
            shared |= self.streams.implied[stream]
        for slot in members:
            if shuffled[slot] and self._per_item(node, slot, shared) >= MANY:
                self._name(node, slot, "merges several values of one item")
        return False

    def _bound(self, node: int, mode: Mode, totals: Sequence[int]) -> int:
        if mode is Mode.NONE:
            return 0 if self.wiring.facts[node].kind is Kind.NOTE else 1
        if mode is Mode.COLLECT:
            return 1
        if mode is Mode.ALL_STATIC:
            return max(totals) if min(totals) else 0
        return min(totals[slot] for slot in self.wiring.consuming[node] or (0,))

    def _total(self, node: int, slot: int) -> int:
        total = 0
        for source, pin in self.wiring.slot_sources(node, slot):
            total += self._pin_bound(source, pin)
            if total >= MANY:
                return MANY
        return total

    def _pin_bound(self, source: int, pin: int) -> int:
        facts = self.wiring.facts[source]
        return MANY if self.bounds[source] and facts.pins()[pin] in facts.many else self.bounds[source]

    def _link_shuffled(self, link: tuple[int, int]) -> bool:
        return self.shuffled[link[0]]

    def _arrives_shuffled(self, node: int, slot: int, total: int) -> bool:
        if total < MANY:
            return False
        sources = self.wiring.slot_sources(node, slot)
        return len({source for source, _ in sources}) > 1 or any(self._link_shuffled(link) for link in sources)

    def _per_item(self, node: int, slot: int, shared: int) -> int:
        """How many values of the slot can have the same items of the streams in `shared`."""
        firings = self._by_key.get(shared)
        if firings is None:
            firings = self._by_key[shared] = self._firings_per_item(shared)
        return self._count(node, slot, firings, shared)

    def _firings_per_item(self, shared: int) -> list[int]:
        firings = [0] * len(self.wiring.slots)
        for node in self.wiring.topological:
            totals = [self._count(node, slot, firings, shared) for slot in range(len(self.wiring.slots[node]))]
            firings[node] = self._bound(node, self.wiring.modes[node], totals)
        return firings

    def _count(self, node: int, slot: int, firings: Sequence[int], shared: int) -> int:
        total = 0
        for source, pin in self.wiring.slot_sources(node, slot):
            number = self.streams.numbers.get((source, pin))
            if number is not None and shared >> number & 1:
                total += 1
            elif number is not None and firings[source]:
                return MANY
            else:
                total += firings[source]
        return min(total, MANY)

    def _name(self, node: int, slot: int, reason: str) -> None:
        self.found.append(PinName(node, slot, str(self.wiring.slots[node][slot]), reason))

    def _name_all(self, node: int, slots: Sequence[bool], reason: str) -> None:
        for slot, named in enumerate(slots):
            if named:
                self._name(node, slot, reason)
