"""Pins with a path, as agent files write them: `values_#_Published URL`, `list_$_0`, `event_@_name`."""

import re
from collections.abc import Container
from typing import Any

from weft.errors import InvalidInput
from weft.sdk.paths import Path, PinPath, place

_DELIMITER = re.compile(r"(_[$#@]_)")
_INDEX = "_$_"
_FARTHEST = 10_000
_DEEPEST = 50
_DEEPEST_VALUE = 90  # what is nested deeper could not be read back from a file
_NO_NAME = re.compile(r"[.\[]")


def base_of(text: str) -> str:
    """Return the pin that the text begins with, whatever follows."""
    return _DELIMITER.split(text, maxsplit=1)[0]


def read_pin(text: str) -> PinPath:
    """Return the pin and the path that the text names, steps from left to right.

    Raises:
        InvalidInput: A step is empty, a position is no number up to 10,000, or there are more than 50 steps.
    """
    base, *rest = _DELIMITER.split(text, maxsplit=_DEEPEST + 1)
    if len(rest) > 2 * _DEEPEST:
        raise InvalidInput(f"{text[:80]!r}… is no pin: it has more than {_DEEPEST} steps")
    path: list[str | int] = []
    for sign, step in zip(rest[::2], rest[1::2], strict=True):
        if not step:
            raise InvalidInput(f"{text!r} is no pin: nothing stands after {sign!r}")
        path.append(_position(step, text) if sign == _INDEX else step)
    return PinPath(plain_name(base), tuple(path))


def _position(step: str, text: str) -> int:
    if not (step.isascii() and step.isdigit() and len(step) < 9) or int(step) > _FARTHEST:
        raise InvalidInput(f"{text!r} is no pin: {step!r} is no position from 0 to {_FARTHEST:,}")
    return int(step)


def plain_name(name: str) -> str:
    """Return a name that Weft can tell from the path behind it."""
    return _NO_NAME.sub("_", name)


class Gaps:
    """How many empty places the lists of one file may still get: a few bytes must not become gigabytes."""

    def __init__(self, most: int = 100_000) -> None:
        self._left = most

    def fill(self, container: Any, path: Path) -> None:
        """Count the places that putting a value at `path` leaves empty.

        Raises:
            InvalidInput: They are too many.
        """
        for step in path:
            if isinstance(step, int):
                items = container if isinstance(container, list) else []
                self._left -= max(0, step - len(items))
                container = items[step] if step < len(items) else None
            else:
                container = container.get(step) if isinstance(container, dict) else None
        if self._left < 0:
            raise InvalidInput("positions of lists leave too many places empty")


def merge_values(values: dict[str, Any], known: Container[str], gaps: Gaps) -> dict[str, Any]:
    """Return the values with those for parts of a known pin put into the pin's own value, which is changed.

    What is no such part, or cannot be read as one, stays under its name.

    Raises:
        InvalidInput: A path runs into a value of another kind, leads too deep, or leaves too many gaps.
    """
    parts = {name: pin for name in values if (pin := _part_of(name, known)) is not None}
    merged = {name: value for name, value in values.items() if name not in parts}
    for name, pin in parts.items():
        if len(pin.path) + _depth(values[name]) > _DEEPEST_VALUE:
            raise InvalidInput(f"the value of {name[:80]!r} is nested too deep")
        gaps.fill(merged.get(pin.pin), pin.path)
        merged[pin.pin] = place(merged.get(pin.pin), pin.path, values[name])
    return merged


def _part_of(name: str, known: Container[str]) -> PinPath | None:
    if base_of(name) == name or base_of(name) not in known:
        return None
    try:
        return read_pin(name)
    except InvalidInput:
        return None


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, list | dict)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth
