"""When two JSON values are equal, and which of two stands first.

Values of different kinds are never equal: the number 1 is neither true nor the text "1". Numbers are equal by what they are
worth, so 1 is 1.0; dictionaries by their entries in whatever order. The order of kinds is null, false, true, numbers,
texts, lists, dictionaries; texts stand by the numbers of their characters, lists item by item, dictionaries entry by entry in
the order of their keys.
"""

from collections.abc import Hashable, Iterable, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from weft.blocks.data.items import MISSING
from weft.sdk import BlockError

OrderKey = tuple[int, Any]

MOST_VALUES: Final = 1_000_000
"""How many values one block compares at most, those inside of others too."""

_END, _NULL, _BOOLEAN, _NUMBER, _TEXT, _LIST, _DICTIONARY = range(7)


def order_keys(values: Iterable[Any]) -> list[OrderKey]:
    """Return what the values sort by, one for each.

    Raises:
        BlockError: There are more than a million values in all.
    """
    walk = _Walk()
    return [walk.key(value) for value in values]


def places_in_order(values: Iterable[Any], *, descending: bool) -> list[int]:
    """Return the positions of the values in the order of these; equal values keep the order they had.

    Raises:
        BlockError: There are more than a million values in all.
    """
    keys: list[Any] = order_keys(values)
    if len({kind for kind, _ in keys}) == 1:
        keys = [content for _, content in keys]
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)


def identities(values: Iterable[Any]) -> Iterator[Hashable]:
    """Yield, for each value, something that equals another one exactly if the values are equal; `MISSING` equals nothing.

    Raises:
        BlockError: There are more than a million values in all.
    """
    walk = _Walk()
    for value in values:
        if value is MISSING:
            yield object()
            continue
        kind, content = walk.key(value)
        # Texts hash by a secret of the process, so nobody can make lists that all hash alike.
        yield kind, content if kind < _LIST else repr(content)


def identity(value: Any) -> Hashable:
    """Return what `identities` yields for the value.

    Raises:
        BlockError: It holds more than a million values.
    """
    return next(identities((value,)))


def index_of(value: Any, items: list[Any]) -> int | None:
    """Return where the first item stands that equals the value; None if there is none.

    Raises:
        BlockError: There are more than a million values in all before it.
    """
    wanted = identity(value)
    return next((index for index, found in enumerate(identities(items)) if found == wanted), None)


def first_of_each(items: list[Any], parts: list[Any]) -> list[Any]:
    """Return the items in their order, of those with equal parts only the first; there is one part for each item.

    Raises:
        BlockError: There are more than a million values in all.
    """
    found: dict[Hashable, Any] = {}
    for item, same in zip(items, identities(parts), strict=True):
        found.setdefault(same, item)
    return [*found.values()]


def split_by(items: list[Any], others: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return the items that equal one of the others, and those that equal none; both in their order.

    Raises:
        BlockError: One of the lists holds more than a million values in all.
    """
    wanted = set(identities(others))
    split: tuple[list[Any], list[Any]] = ([], [])
    for item, same in zip(items, identities(items), strict=True):
        split[same not in wanted].append(item)
    return split


def without_case(value: Any) -> Any:
    """Return a text so that it equals all others that differ in upper and lower case alone; anything else as it is."""
    return value.casefold() if isinstance(value, str) else value


class _Walk:
    """One walk over several values; counts what it meets, and refuses to go on when that is too much."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def key(self, value: Any) -> OrderKey:
        """Return a plain value's kind and itself, or a container's kind and all it holds, one after the other.

        Nothing is nested in it, for Python refuses to compare what is nested deeply.
        """
        self._count(1)
        if not isinstance(value, list | dict):
            return _plain(value)
        tokens: list[tuple[Any, ...]] = []
        kind, members = self._members(value)
        unfinished = [members]
        while unfinished:
            for member in unfinished[-1]:
                if isinstance(member, list | dict):
                    inner, members = self._members(member)
                    tokens.append((inner,))
                    unfinished.append(members)
                    break
                tokens.append(_plain(member))
            else:
                tokens.append((_END,))
                unfinished.pop()
        return kind, tuple(tokens)

    def _members(self, value: list[Any] | dict[str, Any]) -> tuple[int, Iterator[Any]]:
        self._count(len(value))
        if isinstance(value, list):
            return _LIST, iter(value)
        entries = sorted(value.items(), key=itemgetter(0))
        return _DICTIONARY, chain.from_iterable(entries)

    def _count(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise BlockError(f"there are more than {MOST_VALUES} values to compare", "TOO_LARGE")


def _plain(value: Any) -> OrderKey:
    if isinstance(value, str):
        return _TEXT, value
    if value is None:
        return _NULL, 0
    if isinstance(value, bool):
        return _BOOLEAN, value
    return _NUMBER, int(value) if isinstance(value, float) and value.is_integer() else value
