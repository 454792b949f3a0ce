"""Pin references: a pin's name, and optionally the part of its value that a link takes or fills.

`result.items[0].name` is the pin `result` and the path `("items", 0, "name")`. Keys that are no plain words
are quoted: `values["Published URL"]`. A pin name itself may hold anything but `.` and `[`.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from weft.errors import InvalidInput

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*\Z")
_STEP = re.compile(r'\.([^\W\d][\w-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]')
_LONGEST = 500
_LONGEST_GAP = 10_000

MISSING: Any = object()
"""What `select` gives when a path leads nowhere."""


@dataclass(frozen=True, slots=True)
class PinPath:
    """A pin and the path inside its value; an empty path is the whole value."""

    pin: str
    path: Path = ()

    def __str__(self) -> str:
        return self.pin + "".join(_format_step(step) for step in self.path)


def _format_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_KEY.match(step):
        return f".{step}"
    return f"[{json.dumps(step, ensure_ascii=False)}]"


def parse_pin(text: str) -> PinPath:
    """Return the pin and path that `text` names.

    Raises:
        InvalidInput: The text is empty, over 500 characters, or what follows the pin's name is not a path.
    """
    if len(text) > _LONGEST:
        raise InvalidInput(f"a pin reference holds at most {_LONGEST} characters, this one has {len(text)}")
    end = min((at for at in (text.find("."), text.find("[")) if at >= 0), default=len(text))
    name = text[:end]
    if not name:
        raise InvalidInput(f"{text!r} names no pin")
    path: list[str | int] = []
    at = end
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise InvalidInput(f"{text!r} is no pin reference: cannot read {text[at:]!r} as a path")
        key, index, quoted = step.groups()
        path.append(key if key is not None else int(index) if index is not None else _unquote(text, quoted))
        at = step.end()
    return PinPath(name, tuple(path))


def _unquote(text: str, quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no pin reference: {quoted} is not a JSON string") from error


def select(value: Any, path: Path) -> Any:
    """Return the part of `value` that `path` leads to, or `MISSING`."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step), MISSING)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def place(container: Any, path: Path, value: Any) -> Any:
    """Return `container` with `value` put at `path`; missing lists and dictionaries are made on the way.

    Lists are padded with up to 10,000 nulls. The containers on the way are changed in place, so pass a copy.

    Raises:
        InvalidInput: The path runs into a value that is neither list nor dictionary of the needed kind, or far beyond
            the end of a list.
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = [] if container is None else container
        if not isinstance(items, list):
            raise InvalidInput(f"item {step} cannot be put into a value that is not a list")
        gap = step + 1 - len(items)
        if gap > _LONGEST_GAP:
            raise InvalidInput(
                f"item {step} lies more than {_LONGEST_GAP} items beyond the end of a list of {len(items)}"
            )
        items.extend([None] * gap)
        items[step] = place(items[step], rest, value)
        return items
    mapping = {} if container is None else container
    if not isinstance(mapping, dict):
        raise InvalidInput(f"key {step!r} cannot be put into a value that is not a dictionary")
    mapping[step] = place(mapping.get(step), rest, value)
    return mapping
