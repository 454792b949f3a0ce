"""What blocks for lists and dictionaries share: types of pins, positions, keys, and how large a result may be."""

import re
from collections.abc import Callable
from typing import Any, Final

from weft.sdk import BlockError

Items = list[Any]
"""A list of anything, where a pin has taken the word `list`."""

Lists = list[list[Any]]
"""Several lists of anything."""

MISSING: Final = object()
"""What `part_reader` gives for an item that does not hold the part."""

MOST_CHARACTERS: Final = 64 * 2**20
"""How large a list may become that is made of less than it holds, as JSON."""

_INDEX = re.compile(r"\[(\d{1,9})\]", re.ASCII)


def item_at(items: Items, index: int) -> Any:
    """Return the item at a position; 0 is the first, -1 the last.

    Raises:
        BlockError: There is none.
    """
    if -len(items) <= index < len(items):
        return items[index]
    raise BlockError(f"the list has no item at index {index}, its length is {len(items)}", "NO_SUCH_ITEM")


def value_under(dictionary: dict[str, Any], key: str) -> Any:
    """Return what the dictionary holds under the key.

    Raises:
        BlockError: It has no such key.
    """
    if key in dictionary:
        return dictionary[key]
    raise BlockError(f"the dictionary has no key {key[:80]!r}", "NO_SUCH_KEY")


def part_reader(by: str) -> Callable[[Any], Any]:
    """Return what finds the part `by` of an item: a key, or a path such as `address.city` or `scores[0]`.

    A key that an item holds as it is written goes first. An empty text stands for the item itself.
    """
    steps = _INDEX.sub(r".\1", by).removeprefix(".").split(".") if by else []

    def read(item: Any) -> Any:
        if isinstance(item, dict) and by in item and by:
            return item[by]
        for step in steps:
            item = _step(item, step)
        return item

    return read


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step, MISSING)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10 and int(step) < len(value):
        return value[int(step)]
    return MISSING


def characters(value: Any) -> int:
    """Return about how many characters the value has as JSON; the time it takes grows with them alone."""
    count = 0
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            count += len(part) + 3
        elif isinstance(part, dict):
            count += sum(map(len, part)) + 4 * len(part) + 3
            waiting.extend(part.values())
        elif isinstance(part, list):
            count += 3
            waiting.extend(part)
        else:
            count += 5
    return count


def refuse_if_too_large(size: int) -> None:
    """Do nothing for a result of so many characters that may be made.

    Raises:
        BlockError: It may not.
    """
    if size > MOST_CHARACTERS:
        raise BlockError(f"the result would hold more than {MOST_CHARACTERS} characters", "TOO_LARGE")
