"""Delivery of recorded emissions: what reaches which slot, what is formed, and who becomes quiet.

Emissions are recorded as they come and delivered in the order of firings: the lowest open firing of a node
delivers at once, later ones hold theirs until it has ended. A node without order delivers as it comes.
Blocks that are not replayable deliver when they end or wait. A node is quiet when its sources are quiet and
all its firings are delivered.
"""

from collections.abc import Mapping
from typing import NamedTuple

from weft.errors import LimitExceeded
from weft.executions.planning.holders import Holders
from weft.executions.planning.model import Kind, Mode, Plan
from weft.executions.planning.pools import (
    CollectPool,
    Items,
    JoinPool,
    Ready,
    StaticPool,
    ZipPool,
    make_pool,
)
from weft.executions.planning.refs import EMISSION_BITS, INDEX_BITS, MAX_FIRINGS, Inputs, pack

PIN_BITS = 16
PIN_MASK = (1 << PIN_BITS) - 1
_INDEX_MASK = (1 << INDEX_BITS) - 1
# Plain numbers: comparing with a member of an enumeration costs as much as the rest of the line.
_DIRECT, _ALL_STATIC, _COLLECT = int(Mode.DIRECT), int(Mode.ALL_STATIC), int(Mode.COLLECT)


class Firing(NamedTuple):
    """One run of a node: its place in order of formation, and its inputs by position of the node's slots."""

    node: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    inputs: Inputs


class Progress:
    """What is on record of a firing that is not delivered to the end.

    Attributes:
        pending: Emissions recorded and not delivered: pin, with the skip mask above it.
        count: Emissions recorded, in the present attempt and before it.
        sent: Emissions delivered.
        safe: Emissions that may be delivered: no later attempt takes them back.
        base: Emissions made before the last wait; a new attempt goes on from there.
        ended: Whether the outcome is on record.
        error: Number of the error value as an emission, -1 without one.
        opened: Items opened so far, by pin.
    """

    __slots__ = ("base", "count", "ended", "error", "opened", "pending", "safe", "sent")

    def __init__(self) -> None:
        self.pending: list[int] = []
        self.count = 0
        self.sent = 0
        self.safe = 0
        self.base = 0
        self.ended = False
        self.error = -1
        self.opened: dict[int, int] = {}


class Delivery:
    """The state of an execution as far as values and firings go; `Planner` adds the records' meaning.

    A firing's key is `node << INDEX_BITS | index`. The attributes are for this package; callers use
    `Planner`.

    Attributes:
        plan: The compiled graph.
        formed: Per node, how many firings were formed.
        settled: Per node, how many are ended and delivered: for an ordered node, the index of the lowest
            that is not.
        unquiet: Per node, how many of its links may still bring values.
        firings: Those formed and not ended, by key, in order of formation.
        progress: What is on record of firings that are not delivered to the end, by key.
        items: Items that firings carry, by key, until they are delivered.
        pools: Values that wait at nodes of several slots.
        opened: Quiet nodes that stand in for a stream which was begun.
        given: INPUT nodes that hold a value.
        holders: Who still needs which value.
    """

    __slots__ = (
        "firings",
        "formed",
        "given",
        "holders",
        "items",
        "opened",
        "plan",
        "pools",
        "progress",
        "settled",
        "unquiet",
    )

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        count = len(plan.kinds)
        self.formed = [0] * count
        self.settled = [0] * count
        self.unquiet = list(plan.sources)
        self.firings: dict[int, Firing] = {}
        self.progress: dict[int, Progress] = {}
        self.items: dict[int, Items] = {}
        self.pools: dict[int, ZipPool | JoinPool | StaticPool | CollectPool] = {}
        self.opened: set[int] = set()
        self.given: frozenset[int] = frozenset()
        self.holders = Holders()

    @staticmethod
    def key(node: int, index: int) -> int:
        """Return the key of a firing."""
        return node << INDEX_BITS | index

    def _begin(self, given: frozenset[int], skips: Mapping[int, int], out: list[Firing]) -> None:
        """Deliver the inputs, form what has no slots, and let what can send nothing be quiet."""
        self.given = given & frozenset(self.plan.inputs)
        for node in sorted((*self.plan.inputs, *self.plan.entries)):
            if node in self.given:
                entry = self.plan.input_pins[node] | skips.get(node, 0) << PIN_BITS
                self._deliver(node << INDEX_BITS, 0, entry, {}, out)
            elif self.plan.kinds[node] != Kind.INPUT:
                self._form(node, (), None, out)
        for node in self.plan.inputs:
            if self.plan.watched[node]:
                self._quieten(node, out)

    def _form(self, node: int, inputs: Inputs, items: Items | None, out: list[Firing]) -> None:
        index = self.formed[node]
        if index >= MAX_FIRINGS:
            raise LimitExceeded(f"node {node} would fire more than {MAX_FIRINGS} times")
        self.formed[node] = index + 1
        key = node << INDEX_BITS | index
        firing = Firing(node, index, inputs)
        self.firings[key] = firing
        if items:
            self.items[key] = items
        out.append(firing)

    def _deliver(self, key: int, k: int, entry: int, opened: dict[int, int], out: list[Firing]) -> None:
        """Bring emission `k` of a firing to every slot its pin is linked to, in file order of the links."""
        node, pin, plan = key >> INDEX_BITS, entry & PIN_MASK, self.plan
        own = 0
        if plan.opens[node][pin]:
            own = opened.get(pin, 0)
            opened[pin] = own + 1
            own |= (key & _INDEX_MASK) << EMISSION_BITS
        routes = plan.routes[node][pin]
        if entry > PIN_MASK:
            skip = entry >> PIN_BITS
            routes = tuple(route for route in routes if not skip >> route.order & 1)
        ref = key << EMISSION_BITS | k
        if len(routes) != 1:
            self.holders.share(ref, len(routes))
        for sink, slot, _, _, lane, via, carry in routes:
            if carry is not None:
                carried = self.items.get(key, ())
                items = tuple([own if at < 0 else carried[at] for at in carry])
            else:
                items = None
            value = ref if not via else ref | pack(0, 0, 0, via)
            if plan.modes[sink] == _DIRECT:
                self._form(sink, (value,), items, out)
                continue
            ready: Ready = []
            (self.pools.get(sink) or self.pool(sink)).add(slot, lane, value, items, ready)
            for inputs, inherited in ready:
                self._form(sink, inputs, inherited, out)

    def pool(self, node: int) -> ZipPool | JoinPool | StaticPool | CollectPool:
        """Return the values that wait at a node of several slots; made when first asked for."""
        pool = self.pools.get(node)
        if pool is None:
            pool = self.pools[node] = make_pool(self.plan, node, self.holders)
        return pool

    def _flush(self, key: int, progress: Progress, out: list[Firing]) -> None:
        """Deliver what may be delivered of one firing."""
        count = progress.safe - progress.sent
        if count <= 0:
            return
        batch = progress.pending[:count]
        del progress.pending[:count]
        first = progress.sent
        progress.sent = progress.safe
        for k, entry in enumerate(batch, first):
            self._deliver(key, k, entry, progress.opened, out)

    def _settle(self, key: int, progress: Progress, out: list[Firing]) -> None:
        """Deliver the rest of an ended firing: it is over."""
        self._flush(key, progress, out)
        node = key >> INDEX_BITS
        if progress.error >= 0:
            self._deliver(key, progress.error, self.plan.error_pins[node], progress.opened, out)
        del self.progress[key]
        self.items.pop(key, None)
        self.settled[node] += 1

    def _advance(self, node: int, out: list[Firing]) -> None:
        """Deliver what an ordered node's firings hold, from the lowest up to the first that has not ended."""
        while True:
            key = node << INDEX_BITS | self.settled[node]
            progress = self.progress.get(key)
            if progress is None:
                return
            if not progress.ended:
                self._flush(key, progress, out)
                return
            self._settle(key, progress, out)

    def _check_quiet(self, node: int, out: list[Firing]) -> None:
        if not self.unquiet[node] and self.settled[node] == self.formed[node] and self.plan.watched[node]:
            self._quieten(node, out)

    def _quieten(self, node: int, out: list[Firing]) -> None:
        """Tell the sinks that `node` is quiet, and theirs; a collecting node fires with its last source."""
        plan, unquiet = self.plan, self.unquiet
        pending = [node]
        for quiet in pending:  # grows on the way
            if plan.begins[quiet] and self._is_opened(quiet):
                self.opened.add(quiet)
            for sink, slot in plan.quiet_sinks[quiet]:
                unquiet[sink] -= 1
                if plan.modes[sink] == _ALL_STATIC:
                    self._static_quiet(sink, slot, out)
                if unquiet[sink]:
                    continue
                if plan.modes[sink] == _COLLECT:
                    self._collect(sink, out)
                if self.settled[sink] == self.formed[sink]:
                    pending.append(sink)

    def _static_quiet(self, node: int, slot: int, out: list[Firing]) -> None:
        pool = self.pool(node)
        assert isinstance(pool, StaticPool), "only nodes of static slots are told of each quiet link"
        ready: Ready = []
        pool.source_quiet(slot, ready)
        for inputs, items in ready:
            self._form(node, inputs, items, out)

    def _collect(self, node: int, out: list[Firing]) -> None:
        """Form a collecting node's one firing, if every slot has a value or stems from an empty stream."""
        pool = self.pool(node)
        assert isinstance(pool, CollectPool), "only collecting nodes wait for quiet sources"
        for slot, plan in enumerate(self.plan.slots[node]):
            if not pool.holds(slot) and not (plan.collecting and self._slot_opened(node, slot)):
                return
        self._form(node, pool.collect(), None, out)

    def _slot_opened(self, node: int, slot: int) -> bool:
        """Whether a link of the slot stems from a stream that was begun, even if nothing came."""
        for link in self.plan.slots[node][slot].links:
            source, pin = self.plan.link_sources[link]
            if source in self.opened or (self.plan.many[source][pin] and self.formed[source]):
                return True
        return False

    def _is_opened(self, node: int) -> bool:
        """Whether a quiet node stands in for a stream: it would have fired, had the stream brought one."""
        lends = self.plan.lends[node]
        begun = False
        for slot in range(len(self.plan.slots[node])):
            if slot not in lends and self._slot_opened(node, slot):
                begun = True
            elif not self._received(node, slot):
                return False
        return begun

    def _received(self, node: int, slot: int) -> bool:
        if self.formed[node]:
            return True
        pool = self.pools.get(node)
        return pool is not None and pool.holds(slot)
