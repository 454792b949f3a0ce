"""Where two plain values differ, place by place, and how the difference is said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from weft.graphs.json_text import Steps

ABSENT: Final = object()
"""Stands where one of two values has nothing."""

_LONGEST = 60
_CONTEXT = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two values differ; `ABSENT` on one side is a place that the other lacks."""

    steps: Steps
    before: Any
    after: Any


def is_same(before: Any, after: Any) -> bool:
    """Whether both are the same JSON: 1, 1.0 and true are three values, and the order of keys counts."""
    return json_text(before) == json_text(after)


def json_text(value: Any) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def differences(before: Any, after: Any) -> Iterator[Difference]:
    """Yield the innermost places that differ, in the order of `before`, then those that only `after` has.

    Lists of different lengths differ as a whole. The order of keys is no difference here.
    """
    open_places: list[Difference] = [Difference((), before, after)]
    while open_places:
        place = open_places.pop()
        inner = _inner(place)
        if inner is not None:
            open_places += reversed(inner)
        elif place.before is ABSENT or place.after is ABSENT or not is_same(place.before, place.after):
            yield place


def _inner(place: Difference) -> list[Difference] | None:
    """Return the parts to look at instead; None if the place is looked at as a whole."""
    before, after = place.before, place.after
    if isinstance(before, dict) and isinstance(after, dict):
        keys = dict.fromkeys([*before, *after])
        return [Difference((*place.steps, key), before.get(key, ABSENT), after.get(key, ABSENT)) for key in keys]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [Difference((*place.steps, at), one, other) for at, (one, other) in enumerate(pairs)]
    return None


def change_words(before: Any, after: Any) -> str:
    """Return in words what became of a value, as "changed from ' ' to ', '"."""
    if before is ABSENT:
        return f"set to {shown(after)}"
    if after is ABSENT:
        return f"removed (was {shown(before)})"
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _LONGEST:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
        return f"changed at character {same + 1:,} from {_part(before, same)} to {_part(after, same)}"
    return f"changed from {shown(before)} to {shown(after)}"


def shown(value: Any) -> str:
    """Return a value on one line: a text in quotes, all else as JSON, both cut where they are long."""
    if isinstance(value, str):
        return repr(_cut(value))
    return _cut(json_text(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _part(text: str, at: int) -> str:
    """Return the text around one of its places."""
    start, end = max(at - _CONTEXT, 0), at + _CONTEXT
    return repr(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}")
