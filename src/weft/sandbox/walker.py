"""Copy a foreign value to plain JSON, or refuse it, before anything else looks at it.

An interpreter may hand back few objects that refer to each other so often that printing them would never end
(`x = [x, x]`, thirty times). So nodes are counted as often as they are met, not as often as they exist.
"""

import math
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from weft.errors import InvalidInput

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLimits:
    """How large a value may be."""

    nodes: int = 100_000
    """Values in all, keys not counted."""
    depth: int = 64
    """Lists and objects inside each other; a plain value has depth 0."""
    size_bytes: int = 1024 * 1024
    """Sum of the texts and keys in UTF-8, 8 for each other value."""
    digits: int = 4096
    """Decimal digits of one integer."""


class ValueRefused(InvalidInput):
    """The value is no plain JSON, or larger than the limits allow. `details["path"]` says where."""

    code = "VALUE_REFUSED"


DEFAULT_LIMITS = ValueLimits()
_LONGEST_PATH = 200


def plain_json(value: Any, limits: ValueLimits = DEFAULT_LIMITS) -> JsonValue:
    """Return a copy of `value` made of None, bool, int, float, str, list and dict only, sharing nothing.

    Tuples become lists. Subclasses are refused: they may bring methods of their own. The work is bounded by
    the limits, however the value is built; no method of a foreign class is called.

    Raises:
        ValueRefused: A type, a number, a key or the whole is not allowed.
    """
    return _Walk(limits).copy(value)


_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
"""The way to a value, innermost step last; joined to a path only when something is refused."""


class _Walk:
    """One walk: what is left of the budget, and the containers still to fill."""

    def __init__(self, limits: ValueLimits) -> None:
        self._limits = limits
        self._nodes = limits.nodes
        self._bytes = limits.size_bytes
        self._largest = 10**limits.digits
        self._open: list[tuple[Any, Any, int, _Trail]] = []
        """Source, copy, depth and trail of each container whose members are still to be copied."""

    def copy(self, value: Any) -> JsonValue:
        result = self._member(value, 0, None)
        while self._open:
            source, copy, depth, trail = self._open.pop()
            if type(copy) is list:
                for index, member in enumerate(source):
                    copy.append(self._member(member, depth, (trail, index)))
            else:
                for key, member in source.items():
                    self._text(key, trail)
                    copy[key] = self._member(member, depth, (trail, key))
        return result

    def _member(self, value: Any, depth: int, trail: _Trail) -> JsonValue:
        self._nodes -= 1
        if self._nodes < 0:
            self._refuse(f"the value holds more than {self._limits.nodes} values", trail)
        kind = type(value)
        if kind is str:
            self._text(value, trail)
        else:
            self._bytes -= 8
            if self._bytes < 0:
                self._refuse(f"the value is larger than {self._limits.size_bytes} bytes", trail)
            if kind is list or kind is tuple or kind is dict:
                return self._container(value, kind, depth, trail)
            if kind is int:
                self._integer(value, trail)
            elif kind is float:
                self._float(value, trail)
            elif value is not None and kind is not bool:
                self._refuse(f"a {kind.__name__} is no plain JSON value", trail)
        return value  # type: ignore[no-any-return]

    def _container(self, value: Any, kind: type, depth: int, trail: _Trail) -> JsonValue:
        if depth >= self._limits.depth:
            self._refuse(f"the value is nested more than {self._limits.depth} deep", trail)
        copy: list[Any] | dict[str, Any] = {} if kind is dict else []
        if value:
            self._open.append((value, copy, depth + 1, trail))
        return copy

    def _text(self, text: Any, trail: _Trail) -> None:
        if type(text) is not str:
            self._refuse(f"a key of type {type(text).__name__} is not allowed, only texts are", trail)
        self._bytes -= len(text)
        if self._bytes >= 0 and not text.isascii():
            try:
                self._bytes -= len(text.encode()) - len(text)
            except UnicodeEncodeError:
                self._refuse("a text holds half of a surrogate pair", trail)
        if self._bytes < 0:
            self._refuse(f"the value is larger than {self._limits.size_bytes} bytes", trail)

    def _integer(self, value: int, trail: _Trail) -> None:
        # Comparing is cheap whatever the size; printing is not.
        if not -self._largest < value < self._largest:
            self._refuse(f"an integer has more than {self._limits.digits} digits", trail)

    def _float(self, value: float, trail: _Trail) -> None:
        if not math.isfinite(value):
            self._refuse("NaN and infinity are no JSON numbers", trail)

    def _refuse(self, reason: str, trail: _Trail) -> NoReturn:
        steps: list[str] = []
        while trail is not None:
            trail, step = trail
            steps.append(f"[{step}]" if type(step) is int else f".{str(step)[:40]}")
        path = "$" + "".join(reversed(steps))
        path = path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + "…"
        raise ValueRefused(f"{reason} (at {path})", path=path)
