"""What goes over the line between a worker and a block host: frames of JSON, and values that JSON alone cannot hold.

A frame is a JSON object behind its length in four bytes. A value that JSON lacks stands in it as `{"$": [kind, text]}`.
"""

import asyncio
import base64
import math
import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from weft.sdk import File

LARGEST_FRAME = 256 * 2**20
"""Bytes of one frame; whoever sends a larger one is cut off."""

PIECE_BYTES = 2**20
"""Bytes of a piece of a file or an answer, at most; larger ones are sent in several."""

_HEAD = struct.Struct(">I")
_TAG = "$"
_LARGEST_INTEGER = 2**63


def framed(message: Mapping[str, Any]) -> bytes:
    """Return a message as it goes over the line; its values must be packed."""
    body = orjson.dumps(message)
    return _HEAD.pack(len(body)) + body


class Frames:
    """Reads frames; a read that is cancelled loses nothing."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._size: int | None = None

    @property
    def ended(self) -> bool:
        """Whether the other end is gone, and nothing of it is left to read."""
        return self._reader.at_eof()

    async def read(self) -> dict[str, Any] | None:
        """Return the next message; None when the other end is gone, or sends what is too large."""
        try:
            if self._size is None:
                (self._size,) = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
            if self._size > LARGEST_FRAME:
                return None
            message: dict[str, Any] = orjson.loads(await self._reader.readexactly(self._size))
            self._size = None
        except (asyncio.IncompleteReadError, OSError, ValueError):
            return None
        return message


def pack(value: Any) -> Any:
    """Return a value as JSON that `unpack` turns back into an equal one.

    Raises:
        TypeError: It holds something that cannot leave its process.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind, name, write in _WRITERS:
        if isinstance(value, kind):
            return {_TAG: [name, write(value)]} if name else write(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot leave a block host")


def unpack(value: Any) -> Any:
    """Return what `pack` was given."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_TAG}:
        name, content = value[_TAG]
        return _READERS[name](content)
    return {key: unpack(item) for key, item in value.items()}


def _integer(value: int) -> Any:
    return int(value) if -_LARGEST_INTEGER <= value < _LARGEST_INTEGER else {_TAG: ["integer", str(value)]}


def _number(value: float) -> Any:
    return float(value) if math.isfinite(value) else {_TAG: ["number", repr(float(value))]}


def _mapping(value: Mapping[Any, Any]) -> Any:
    if _TAG in value or not all(type(key) is str for key in value):
        return {_TAG: ["mapping", [[pack(key), pack(item)] for key, item in value.items()]]}
    return {key: pack(item) for key, item in value.items()}


def _items(value: Any) -> list[Any]:
    return [pack(item) for item in value]


def _bytes(value: Any) -> str:
    return base64.b64encode(value).decode("ascii")


_WRITERS: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (str, "", str),
    (int, "", _integer),
    (float, "", _number),
    (list, "", _items),
    (Mapping, "", _mapping),
    (tuple, "tuple", _items),
    ((set, frozenset), "set", _items),
    ((bytes, bytearray, memoryview), "bytes", _bytes),
    (File, "file", lambda file: file.model_dump(mode="json")),
    (datetime, "datetime", datetime.isoformat),
    (date, "date", date.isoformat),
    (UUID, "uuid", str),
)
_READERS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "number": float,
    "mapping": lambda pairs: {unpack(key): unpack(item) for key, item in pairs},
    "tuple": lambda items: tuple([unpack(item) for item in items]),
    "set": lambda items: {unpack(item) for item in items},
    "bytes": base64.b64decode,
    "file": File.model_validate,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": UUID,
}
