"""Match regular expressions with Python's own engine; the process's time limit ends what it cannot."""

import re
from typing import Any


class TooManyMatchesError(Exception):
    """The text holds more matches than the caller takes."""


def search(pattern: str, text: str, flags: int, most: int, complain: bool) -> dict[str, Any]:
    """Return the spans of each match, group 0 first, and the groups' names.

    Raises:
        re.error: The pattern is wrong.
        TooManyMatchesError: There are more than `most` matches.
    """
    compiled = re.compile(pattern, flags)
    spans: list[list[tuple[int, int]]] = []
    for match in compiled.finditer(text):
        if len(spans) == most:
            raise TooManyMatchesError
        spans.append([match.span(group) for group in range(compiled.groups + 1)])
        if len(spans) == most and not complain:
            break
    return {"spans": spans, "names": dict(compiled.groupindex)}


def describe_error(error: Exception) -> dict[str, Any]:
    """Return kind, message and position of what is wrong with a pattern."""
    match error:
        case re.error():
            return {"kind": "syntax", "message": error.msg, "position": error.pos}
        case TooManyMatchesError():
            return {"kind": "too_many", "message": "too many matches", "position": None}
        case RecursionError() | OverflowError():
            return {"kind": "syntax", "message": "the pattern is too large", "position": None}
        case _:
            return {"kind": "failed", "message": type(error).__name__, "position": None}
