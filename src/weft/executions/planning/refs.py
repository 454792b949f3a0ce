"""Names of values: an emission is `(node, firing, number)`, packed into one integer.

References sort by node, firing and number. A fourth field, `via`, is zero except when one output pin is linked to the
same slot more than once (two parts of one value, say): then it tells which of those links brought the value. It stands
above the other fields, so `emission_of(ref)` names the value, and `ref` the value and its way.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

NODE_BITS = 15
INDEX_BITS = 24
EMISSION_BITS = 24

MAX_NODES = 1 << NODE_BITS
MAX_FIRINGS = 1 << INDEX_BITS
MAX_EMISSIONS = 1 << EMISSION_BITS

_KEY_SHIFT = EMISSION_BITS
_NODE_SHIFT = EMISSION_BITS + INDEX_BITS
_VIA_SHIFT = NODE_BITS + INDEX_BITS + EMISSION_BITS
_EMISSION_MASK = MAX_EMISSIONS - 1
_INDEX_MASK = MAX_FIRINGS - 1
_NODE_MASK = MAX_NODES - 1
_REF_MASK = (1 << _VIA_SHIFT) - 1

Ref: TypeAlias = int
"""A packed `(node, index, k)`, with `via` above it."""


def pack(node: int, index: int, k: int, via: int = 0) -> Ref:
    """Return the reference of emission `k` of firing `index` of `node`.

    The fields must be below `MAX_NODES`, `MAX_FIRINGS` and `MAX_EMISSIONS`; the planner sees to that.
    """
    return ((via << NODE_BITS | node) << INDEX_BITS | index) << EMISSION_BITS | k


def unpack(ref: Ref) -> tuple[int, int, int]:
    """Return `(node, index, k)`; `via` is left out."""
    return ref >> _NODE_SHIFT & _NODE_MASK, ref >> _KEY_SHIFT & _INDEX_MASK, ref & _EMISSION_MASK


def emission_of(ref: Ref) -> Ref:
    """Return the reference without `via`: the key under which the value is kept."""
    return ref & _REF_MASK


def via_of(ref: Ref) -> int:
    """Return which of several links from one pin to one slot brought the value, counted from 0."""
    return ref >> _VIA_SHIFT


@dataclass(frozen=True, slots=True)
class Collected:
    """All values of a collecting slot, in order: by link, then by position on the link.

    Held as runs `(first, step, count)` of references, so that the firings of a fan or the emissions of a
    stream take one run however many they are. Equal contents have equal runs.
    """

    runs: tuple[tuple[Ref, int, int], ...] = ()

    def __iter__(self) -> Iterator[Ref]:
        for first, step, count in self.runs:
            for position in range(count):
                yield first + position * step

    def __len__(self) -> int:
        return sum(count for _, _, count in self.runs)

    def to_json(self) -> list[list[int]]:
        """Return the runs as `[node, index, k, via, step, count]`."""
        return [[*unpack(first), via_of(first), step, count] for first, step, count in self.runs]

    @classmethod
    def from_json(cls, data: Iterable[Sequence[int]]) -> "Collected":
        """Return what `to_json` was made from."""
        return cls(tuple((pack(node, index, k, via), step, count) for node, index, k, via, step, count in data))


Input: TypeAlias = Ref | Collected
Inputs: TypeAlias = tuple[Input, ...]
"""What a firing consumes, by position of its slots."""

Run: TypeAlias = list[int]
"""A growing `[first, step, count]`; the step means nothing while the count is 1."""


def append_run(runs: list[Run], ref: Ref) -> None:
    """Add `ref` to the end of the runs, making the last one longer where it fits."""
    if runs:
        last = runs[-1]
        if last[2] == 1:
            last[1], last[2] = ref - last[0], 2
            return
        if ref == last[0] + last[1] * last[2]:
            last[2] += 1
            return
    runs.append([ref, 0, 1])


def inputs_to_json(inputs: Inputs) -> list[Any]:
    """Return inputs as plain data for the journal.

    A reference is `[node, index, k]`, with `via` as a fourth number unless it is 0; a collected slot is
    `{"runs": [[node, index, k, via, step, count], …]}`.
    """
    return [_input_to_json(item) for item in inputs]


def _input_to_json(item: Input) -> list[int] | dict[str, list[list[int]]]:
    if isinstance(item, Collected):
        return {"runs": item.to_json()}
    via = item >> _VIA_SHIFT
    return [*unpack(item), via] if via else [*unpack(item)]


def inputs_from_json(data: Iterable[Any]) -> Inputs:
    """Return what `inputs_to_json` was made from."""
    return tuple(Collected.from_json(item["runs"]) if isinstance(item, dict) else pack(*item) for item in data)
