"""Anything as plain JSON data that is safe to write: bounded, without secrets, with signs that can be stored."""

import math
from collections.abc import Callable, Mapping
from typing import Any

CUT = "…"

Mask = Callable[[str], str]


def text_of(value: Any, *, mask: Mask | None = None, longest: int = 0, most: int) -> str:
    """Return a value as text of at most `most` signs and one that says where it was cut.

    NUL and halves of surrogate pairs, which nobody can store, become U+FFFD.

    Args:
        value: Usually a text; anything else is shown as `str` shows it.
        mask: Takes secrets out.
        longest: The longest that it looks for: a secret across the cut must not be left in part.
        most: Where to cut.
    """
    text = value if isinstance(value, str) else _shown(value)
    cut = len(text) > most
    if cut:
        text = text[: most + longest]
    if mask is not None:
        text = mask(text)
    if cut:
        text = text[: max(len(text) - longest, 0)][:most] + CUT
    return storable(text)


def storable(text: str) -> str:
    """Return the text with U+FFFD for NUL and halves of surrogate pairs."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _shown(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001  (it is somebody else's `__str__`, and a line must not fail)
        return f"<{type(value).__name__}: {type(error).__name__}>"


class Plain:
    """Turns values into plain JSON data, as long as there is room.

    Args:
        mask: Takes secrets out of texts, keys and numbers.
        longest: The longest that it looks for.
        room: How many signs all that is turned by this object may have together; what is beyond is cut, with `…`.
        depth: How deep values may be nested; what is deeper is shown as text.
    """

    def __init__(self, mask: Mask | None = None, *, longest: int = 0, room: int = 16_000, depth: int = 8) -> None:
        self._mask = mask
        self._longest = longest
        self._room = room
        self._depth = depth

    def __call__(self, value: Any) -> Any:
        """Return the value as None, a boolean, a number, a text, a list or a dictionary with texts as keys."""
        return self._turn(value, self._depth)

    def _turn(self, value: Any, depth: int) -> Any:
        self._room -= 2
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float) and type(value) in (int, float):
            return self._number(value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return f"<{len(value)} bytes>"
        if depth and isinstance(value, Mapping):
            return self._dictionary(value, depth - 1)
        if depth and isinstance(value, list | tuple | set | frozenset):
            return self._list(value, depth - 1)
        return self._text(value if not isinstance(value, Mapping | list | tuple | set | frozenset) else CUT)

    def _number(self, value: float) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        if isinstance(value, int) and value.bit_length() > 63:
            return self._text(hex(value))  # Python refuses the digits of one that is very long
        if self._mask is not None and (hidden := self._mask(str(value))) != str(value):
            return hidden
        self._room -= 8
        return value

    def _text(self, value: Any) -> str:
        text = text_of(value, mask=self._mask, longest=self._longest, most=max(self._room, 0))
        self._room -= len(text)
        return text

    def _dictionary(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        plain = {}
        for key, item in value.items():
            if self._room <= 0:
                plain[CUT] = CUT
                break
            name = self._text(key)
            plain[name] = self._turn(item, depth)
        return plain

    def _list(self, value: Any, depth: int) -> list[Any]:
        plain = []
        for item in value:
            if self._room <= 0:
                plain.append(CUT)
                break
            plain.append(self._turn(item, depth))
        return plain
