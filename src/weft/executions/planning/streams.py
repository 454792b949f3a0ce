"""Which values are paired by item: streams, items that travel with values, and join classes of each node.

A stream is an output pin that may emit many values per firing; its j-th emission opens item j. A value
inherits the items of what its firing consumed. Slots of one node whose values stem from a common stream are
joined by equal items. Sets of streams are bit masks. Only streams that some join asks for are carried, so a
graph without joins pays nothing.
"""

from dataclasses import dataclass

from weft.executions.planning.model import JoinClass, Mode, Stage
from weft.executions.planning.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Streams:
    """The result of the analysis.

    Attributes:
        numbers: Bit number of each `(node, pin)` that is a stream.
        implied: Per stream, mask of the streams whose items follow from its own: an item names the firing that
            opened it, and that firing has one item of each stream it stems from.
        layouts: Per node, mask of the streams whose items its firings carry.
        slot_layouts: Per node and slot, mask of the streams whose items arrive with its values.
        components: Per node, its consuming slots grouped by common streams, each with the mask of shared
            streams.
    """

    numbers: dict[tuple[int, int], int]
    implied: list[int]
    layouts: list[int]
    slot_layouts: list[list[int]]
    components: list[list[tuple[list[int], int]]]


def find_streams(wiring: Wiring) -> Streams:
    """Return what each node's firings and slots carry; O(links) set operations."""
    numbers = _number_streams(wiring)
    guaranteed, slot_masks = _inherited(wiring, numbers)
    implied = [guaranteed[node] for node, _ in numbers]
    components = [_components(wiring, node, slot_masks[node], implied) for node in range(len(wiring.slots))]
    layouts, slot_layouts = _needed(wiring, numbers, guaranteed, slot_masks, components)
    return Streams(numbers, implied, layouts, slot_layouts, components)


def _number_streams(wiring: Wiring) -> dict[tuple[int, int], int]:
    numbers: dict[tuple[int, int], int] = {}
    for source, pin in wiring.link_sources:
        facts = wiring.facts[source]
        if (source, pin) not in numbers and facts.pins()[pin] in facts.many:
            numbers[source, pin] = len(numbers)
    return numbers


def _inherited(wiring: Wiring, numbers: dict[tuple[int, int], int]) -> tuple[list[int], list[list[int]]]:
    """Per node the streams whose items every firing surely has; per node and slot, every value."""
    guaranteed = [0] * len(wiring.slots)
    slot_masks: list[list[int]] = [[] for _ in wiring.slots]
    for node in wiring.topological:
        masks = [0] * len(wiring.slots[node])
        if wiring.modes[node] is not Mode.COLLECT:
            for slot in wiring.consuming[node]:
                mask = -1
                for source, pin in wiring.slot_sources(node, slot):
                    opened = numbers.get((source, pin))
                    mask &= guaranteed[source] | (0 if opened is None else 1 << opened)
                masks[slot] = mask
                guaranteed[node] |= mask
        slot_masks[node] = masks
    return guaranteed, slot_masks


def _components(wiring: Wiring, node: int, masks: list[int], implied: list[int]) -> list[tuple[list[int], int]]:
    """Group the consuming slots of a node by common streams; with the streams that two or more share."""
    groups: list[tuple[list[int], int, int]] = []
    alone: list[tuple[list[int], int]] = []
    for slot in wiring.consuming[node]:
        if not masks[slot]:
            alone.append(([slot], 0))
            continue
        members, union, shared = [slot], masks[slot], 0
        rest: list[tuple[list[int], int, int]] = []
        for group in groups:
            if group[1] & masks[slot]:
                members = group[0] + members
                shared |= group[2] | (group[1] & union)
                union |= group[1]
            else:
                rest.append(group)
        groups = [*rest, (sorted(members), union, shared)]
    joined = ((members, _innermost(members, shared, masks, implied)) for members, _, shared in groups)
    return sorted([*alone, *joined])


def _innermost(members: list[int], shared: int, masks: list[int], implied: list[int]) -> int:
    """Leave out the streams that follow from others, where all members share the same ones.

    Without this, joins one after the other would carry the items of all streams upstream.
    """
    if any(masks[slot] & shared != shared for slot in members):
        return shared
    left = shared
    for stream in bits(shared):
        left &= ~implied[stream]
    return left


def _needed(
    wiring: Wiring,
    numbers: dict[tuple[int, int], int],
    guaranteed: list[int],
    slot_masks: list[list[int]],
    components: list[list[tuple[list[int], int]]],
) -> tuple[list[int], list[list[int]]]:
    """From the sinks backward: which items somebody asks for."""
    layouts = [0] * len(wiring.slots)
    slot_layouts: list[list[int]] = [[0] * len(slots) for slots in wiring.slots]
    for node in reversed(wiring.topological):
        layouts[node] &= guaranteed[node]
        for members, shared in components[node]:
            for slot in members:
                mask = slot_masks[node][slot] & (shared | layouts[node])
                slot_layouts[node][slot] = mask
                for source, pin in wiring.slot_sources(node, slot):
                    own = numbers.get((source, pin))
                    layouts[source] |= mask & ~(0 if own is None else 1 << own)
    return layouts, slot_layouts


def bits(mask: int) -> tuple[int, ...]:
    """Return the numbers of the set bits, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return tuple(found)


def join_class(members: list[int], slot_layouts: list[int]) -> tuple[JoinClass, tuple[int, ...], bool]:
    """Return the class of slots that are paired, its result's layout, and whether all its keys are the same.

    The slots are ordered so that each shares a stream with those before it.
    """
    waiting = members[1:]
    order = [members[0]]
    union = slot_layouts[members[0]]
    layout = {stream: at for at, stream in enumerate(bits(union))}
    stages: list[Stage] = []
    keys: set[tuple[int, ...]] = set()
    while waiting:
        slot = next((one for one in waiting if slot_layouts[one] & union), waiting[0])
        waiting.remove(slot)
        order.append(slot)
        mine = {stream: at for at, stream in enumerate(bits(slot_layouts[slot]))}
        key = bits(slot_layouts[slot] & union)
        keys.add(key)
        stages.append(
            Stage(
                tuple(layout[stream] for stream in key),
                tuple(mine[stream] for stream in key),
                tuple(at for stream, at in mine.items() if stream not in layout),
            )
        )
        for stream in mine:
            layout.setdefault(stream, len(layout))
        union |= slot_layouts[slot]
    return JoinClass(tuple(order), tuple(stages)), tuple(layout), len(keys) <= 1
