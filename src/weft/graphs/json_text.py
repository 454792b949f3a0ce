"""Untrusted JSON text to plain values that every later stage can hold.

Postgres stores no NUL character, UTF-8 no lone surrogate and JSON no infinity, so they are refused here, with
their place, and not when somebody stores or shows the value. Nothing here recurses: depth is measured before
the parser runs.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code
from weft.graphs.limits import GraphLimits

_LARGEST_INT = 2**63 - 1
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# One match for each bracket, with whatever stands before it; the last one ends with the text. Strings are eaten whole. All
# is possessive and one of the ends always follows, so no text makes the scan go back.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_TO_BRACKET = re.compile(rf'[^"\[\]{{}}]*+(?:{_STRING}[^"\[\]{{}}]*+)*+([\[\]{{}}]|\Z)', re.DOTALL)

Steps = tuple[str | int, ...]


class _Repeated(dict[str, Any]):
    """An object of the text in which `key` stood twice."""

    key = ""


class _NotFinite:
    """Stands where the text had NaN or Infinity, which are no JSON."""


def parse_json(data: bytes | str, *, place: str, limits: GraphLimits) -> Any:
    """Return the plain value that the text holds; numbers fit 64 bits, texts can be stored anywhere.

    Args:
        data: UTF-8, or text already decoded; a byte order mark is passed over.
        place: What messages call the text, as a file's name; empty adds nothing.
        limits: Size and depth are checked before the text is parsed.

    Raises:
        DocumentInvalid: Too large, too deep, not JSON, or it holds a value that cannot be stored.
    """
    text = _decode(data, place=place, limits=limits)
    _check_depth(text, place=place, limits=limits)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=lambda _: _NotFinite())
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DocumentInvalid(Code.NOT_JSON, f"this is not JSON: {error.msg}", place=place, path=where) from None
    except ValueError:
        raise DocumentInvalid(Code.BAD_NUMBER, "a number has thousands of digits", place=place) from None
    check_storable(value, place=place)
    return value


def _decode(data: bytes | str, *, place: str, limits: GraphLimits) -> str:
    if len(data) > limits.document_bytes:
        largest = f"{limits.document_bytes:,} bytes"
        raise DocumentInvalid(Code.TOO_LARGE, f"the document is larger than {largest}", place=place)
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8 text"
        raise DocumentInvalid(Code.NOT_JSON, message, place=place) from None


def _check_depth(text: str, *, place: str, limits: GraphLimits) -> None:
    depth = 0
    for found in _TO_BRACKET.finditer(text):
        bracket = found[1]
        if bracket in ("[", "{"):
            depth += 1
            if depth > limits.depth:
                message = f"nested more than {limits.depth} deep at character {found.start(1)}"
                raise DocumentInvalid(Code.TOO_DEEP, message, place=place)
        elif bracket:
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeated = _Repeated(value)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            repeated.key = key
        seen.add(key)
    return repeated


def check_storable(value: Any, *, place: str = "") -> None:
    """Check that plain data can be stored, shown and written as JSON.

    Raises:
        DocumentInvalid: The first text, number or object that cannot, with its place.
    """
    if is_storable([value]):
        return
    for item, trail in _walk(value):
        if isinstance(item, str):
            _check_text(item, trail, place=place)
        elif isinstance(item, _NotFinite) or (isinstance(item, float) and not math.isfinite(item)):
            raise DocumentInvalid(
                Code.BAD_NUMBER, "must be a finite number", place=place, path=format_steps(_steps(trail))
            )
        elif isinstance(item, int) and not -_LARGEST_INT - 1 <= item <= _LARGEST_INT:
            message = "must be a whole number of at most 64 bits"
            raise DocumentInvalid(Code.BAD_NUMBER, message, place=place, path=format_steps(_steps(trail)))
        elif isinstance(item, dict):
            _check_keys(item, trail, place=place)


def is_storable(values: Iterable[Any]) -> bool:
    """Whether all of the values can surely be stored; many times faster than finding what cannot be, and where.

    False also for values of other types than JSON's, which `check_storable` judges.
    """
    texts: list[str] = []
    level = list(values)
    while level:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str:
                texts.append(item)
            elif kind is dict:
                texts.extend(item)
                below.extend(item.values())
            elif kind is list:
                below.extend(item)
            elif not _is_storable_scalar(item, kind):
                return False
        level = below
    text = "".join(texts)
    return (text.isascii() and "\0" not in text) or _UNSTORABLE.search(text) is None


def _is_storable_scalar(item: Any, kind: type) -> bool:
    if kind is float:
        return math.isfinite(item)
    return item is None or kind is bool or (kind is int and -_LARGEST_INT - 1 <= item <= _LARGEST_INT)


_Trail = tuple[Any, ...] | None
"""(step, trail of what holds it): made without copying, read only when something is wrong."""


def _walk(value: Any) -> Iterator[tuple[Any, _Trail]]:
    open_items: list[tuple[Any, _Trail]] = [(value, None)]
    while open_items:
        item, trail = open_items.pop()
        yield item, trail
        if isinstance(item, dict):
            open_items.extend((inner, (key, trail)) for key, inner in reversed(item.items()))
        elif isinstance(item, list):
            open_items.extend((item[at], (at, trail)) for at in range(len(item) - 1, -1, -1))


def _check_text(text: str, trail: _Trail, *, place: str) -> None:
    # The scan is skipped for most texts: ASCII holds no surrogates.
    if text.isascii() and "\0" not in text:
        return
    found = _UNSTORABLE.search(text)
    if found is None:
        return
    what = "a NUL character" if found[0] == "\0" else f"a lone surrogate \\u{ord(found[0]):04x}"
    message = f"holds {what}, which no text may"
    raise DocumentInvalid(Code.BAD_TEXT, message, place=place, path=format_steps(_steps(trail)))


def _check_keys(item: dict[str, Any], trail: _Trail, *, place: str) -> None:
    for key in item:
        if not (key.isascii() and "\0" not in key):
            _check_text(key, trail, place=place)
    if isinstance(item, _Repeated):
        path = format_steps((*_steps(trail), item.key))
        raise DocumentInvalid(Code.DUPLICATE_KEY, "stands twice in its object", place=place, path=path)


def _steps(trail: _Trail) -> Steps:
    steps: list[str | int] = []
    while trail is not None:
        step, trail = trail
        steps.append(step)
    return tuple(reversed(steps))


def format_steps(steps: Steps) -> str:
    """Return a place in a document as people write it: `nodes[3].input_default["a b"]`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.match(step):
            text += f".{step}" if text else step
        else:
            # Escaped, because a key that is refused for its characters must still be printable.
            text += f"[{json.dumps(step)}]"
    return text
