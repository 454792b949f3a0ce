"""Patterns like %d.%m.%Y: writing dates by them and reading dates by them, the same on every machine."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import floor
from typing import Annotated

from pydantic import AfterValidator, Field

_DIRECTIVE = re.compile(r"%(-?)(.?)", re.DOTALL)
_WRITTEN_OUT = {
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "D": "%m/%d/%y",
    "r": "%I:%M:%S %p",
    "c": "%a %b %e %H:%M:%S %Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    "h": "%b",
}
_NAMES = frozenset("aAbBpPzZnt%")
_NUMBERS = frozenset("dejmyYGuVUWwHIklMSfs")
_READ = frozenset("aAbBpPzdejmyYHIMSf%")
_YEARS = frozenset("yY")
_TIMES = frozenset("HIMSfz")
_READ_AS = {"e": "d", "P": "p"}


def expand(pattern: str) -> str:
    """Return the pattern with short forms such as %F written out."""
    return _DIRECTIVE.sub(lambda found: _WRITTEN_OUT.get(found[2], found[0]) if not found[1] else found[0], pattern)


def check_pattern(pattern: str) -> str:
    """Return a pattern by which dates can be written.

    Raises:
        ValueError: It holds nothing that stands for a part of a date, or something that nobody knows.
    """
    letters: list[tuple[str, str]] = _DIRECTIVE.findall(expand(pattern))
    for flag, letter in letters:
        if letter not in _NUMBERS and (flag or letter not in _NAMES):
            raise ValueError(f"the format holds %{flag}{letter}, which stands for nothing; %d.%m.%Y is an example")
    if not letters:
        raise ValueError(f"the format {pattern!r} holds no directive such as %Y or %H")
    return pattern


def _check_reading(pattern: str) -> str:
    if not pattern:
        return pattern
    letters = [letter for _, letter in _DIRECTIVE.findall(expand(pattern)) if letter != "%"]
    for letter in letters:
        if letter not in _READ:
            raise ValueError(f"the format holds %{letter}, by which nothing can be read; %d.%m.%Y is an example")
        if [_READ_AS.get(other, other) for other in letters].count(_READ_AS.get(letter, letter)) > 1:
            raise ValueError(f"the format holds %{letter} twice")
    if not _YEARS.intersection(letters):
        raise ValueError("the format names no year; %Y is one of four digits, %y one of two")
    return pattern


Pattern = Annotated[str, Field(max_length=200), AfterValidator(check_pattern)]
"""A format by which dates are written."""

ReadingPattern = Annotated[str, Field(max_length=200), AfterValidator(_check_reading)]
"""A format by which dates are read; empty for none."""


def write_by(pattern: str, moment: datetime) -> str:
    """Return the moment written by a checked pattern, with English names; `-` as in %-d leaves leading zeros out."""
    return _DIRECTIVE.sub(lambda found: _write(found[2], moment, bare=bool(found[1])), expand(pattern))


def _write(letter: str, moment: datetime, *, bare: bool) -> str:
    text = _write_full(letter, moment)
    return (text.lstrip("0 ") or "0") if bare else text


def _write_full(letter: str, moment: datetime) -> str:
    writer = _WRITERS.get(letter)
    return writer(moment) if writer else moment.strftime(f"%{letter}")


def in_utc(moment: datetime) -> datetime:
    """Return the moment as one with a zone; without one it is taken as UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


_WRITERS: dict[str, Callable[[datetime], str]] = {
    # What the C library writes otherwise, or not at all, depending on the system.
    "Y": lambda moment: f"{moment.year:04}",
    "G": lambda moment: f"{moment.isocalendar().year:04}",
    "e": lambda moment: f"{moment.day:2}",
    "k": lambda moment: f"{moment.hour:2}",
    "l": lambda moment: f"{(moment.hour + 11) % 12 + 1:2}",
    "P": lambda moment: moment.strftime("%p").lower(),
    "s": lambda moment: str(floor(in_utc(moment).timestamp())),
    "n": lambda _: "\n",
    "t": lambda _: "\t",
}


def read_by(pattern: str, text: str) -> tuple[datetime, bool]:
    """Return what `text` names by a checked pattern, and whether that has a time of day.

    Raises:
        ValueError: It is not written so.
    """
    plain = _DIRECTIVE.sub(lambda found: "%" + _READ_AS.get(found[2], found[2]), expand(pattern))
    letters = {letter for _, letter in _DIRECTIVE.findall(plain)}
    return datetime.strptime(text.strip(), plain.strip()), bool(_TIMES & letters)  # noqa: DTZ007  (a text without a zone has none)
