"""The longest common subsequence of two sequences, by operations on long integers.

Bit i of a row is unset where the subsequence grows with item i of the first sequence. Time is proportional to the
product of both lengths, but a processor word of bits is done at once.
"""

from collections.abc import Hashable, Iterator, Sequence


def _rows(first: Sequence[Hashable], second: Sequence[Hashable]) -> Iterator[int]:
    """Yield the row after each item of the second sequence."""
    places: dict[Hashable, int] = {}
    for place, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << place
    full = (1 << len(first)) - 1
    row = full
    for item in second:
        shared = row & places.get(item, 0)
        row = ((row + shared) | (row - shared)) & full
        yield row


def common_length(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return how many items the longest common subsequence has."""
    row = (1 << len(first)) - 1
    for row in _rows(first, second):  # noqa: B007  (only the last one counts)
        pass
    return len(first) - row.bit_count()


def common_places(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return where the items of the longest common subsequence stand in both, in order.

    Needs a bit of memory for each pair of items.
    """
    rows = [(1 << len(first)) - 1, *_rows(first, second)]
    places: list[tuple[int, int]] = []
    left, right = len(first) - 1, len(second)
    while left >= 0 and right:
        if rows[right] >> left & 1:
            left -= 1
            continue
        right -= 1
        if rows[right] >> left & 1:
            places.append((left, right))
            left -= 1
    return places[::-1]
