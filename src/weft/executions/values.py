"""Values between blocks: JSON, encoded once when emitted, decoded anew for each firing that reads them.

Encoding once gives the journal, the API and the next block the same bytes; decoding anew means that no block can change
what another one reads, and that a value read back after a crash is the value that ran.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
from pydantic import BaseModel, SecretStr

from weft.executions.errors import FiringFailed

LARGEST_VALUE = 64 * 2**20
"""Bytes of JSON that one value may have."""
INLINE_LIMIT = 8 * 2**10
"""Bytes above which a value is stored by reference."""


def dumps(value: Any) -> bytes:
    """Return plain data as compact JSON, in as many bytes as it has.

    The encoder's own result keeps its working memory, 4 kB for a single digit, as long as the result lives.
    """
    return b"%b" % orjson.dumps(value)


decode: Callable[[bytes | str], Any] = orjson.loads


def digest_of(data: bytes) -> bytes:
    """Return the name under which a large value is stored: 32 bytes that depend on nothing but its content."""
    return hashlib.sha256(data).digest()


def mark(pin: int, data: bytes) -> int:
    """Return 64 bits that tell one emission from another: what a replayable firing must repeat when it runs again."""
    if len(data) > INLINE_LIMIT:
        return mark_of_stored(pin, digest_of(data).hex())
    return int.from_bytes(hashlib.blake2b(data, digest_size=8, salt=pin.to_bytes(2)).digest())


def mark_of_stored(pin: int, digest: str) -> int:
    """Return the mark of a value of which only its name is known."""
    name = digest.encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8, salt=pin.to_bytes(2), person=b"stored").digest())


class BadValue(FiringFailed):
    """A value that cannot be stored or sent: not JSON, not finite, not text, too large."""

    def __init__(self, message: str, *, code: str = "BAD_VALUE") -> None:
        super().__init__(message, code=code)


def encode(value: Any, largest: int = LARGEST_VALUE) -> bytes:
    """Return the value as compact JSON.

    Models become dictionaries, sets become sorted-as-they-come lists, bytes become base64 text.

    Raises:
        BadValue: It holds NaN, an infinity, a NUL character, a lone surrogate, an integer over 64 bits, a type that JSON
            cannot show, or more than `largest` bytes.
    """
    try:
        data = b"%b" % orjson.dumps(value, _plain, orjson.OPT_NON_STR_KEYS)  # see `dumps`
    except (TypeError, ValueError) as error:
        raise BadValue(_reason(error.__cause__ or error)) from error
    if b"null" in data:
        _refuse_not_finite(value)
    if b"\\u0000" in data and _has_nul(decode(data)):
        raise BadValue("a text holds a NUL character, which cannot be stored")
    if len(data) > largest:
        raise BadValue(f"a value holds {len(data)} bytes of JSON, {largest} are allowed", code="VALUE_TOO_LARGE")
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        raise TypeError("a secret cannot leave a block")
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"a value of type {type(value).__name__} is not JSON")


def _reason(error: BaseException) -> str:
    text = str(error)
    if "surrogate" in text or "UTF-8" in text:
        return "a text holds half of a surrogate pair, which is no character"
    if "ecursion" in text:
        return "the value is nested too deep"
    if "64-bit" in text:
        return "a whole number has more than 64 bits; use a number with a decimal point"
    return f"the value cannot be stored: {text}"


def _refuse_not_finite(value: Any) -> None:
    """Refuse NaN and infinities, which the fast encoder silently writes as null."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, float):
            if not math.isfinite(item):
                raise BadValue("a number is not finite (NaN or infinity), which JSON cannot hold")
        elif isinstance(item, Mapping):
            stack.extend(item.values())
        elif isinstance(item, list | tuple | set | frozenset):
            stack.extend(item)
        elif isinstance(item, BaseModel):
            stack.extend(item.model_dump().values())


def _has_nul(value: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if "\x00" in item:
                return True
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False
