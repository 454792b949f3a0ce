"""Dates, times and zones as texts: how blocks read them, move them and write them."""

import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from weft.sdk import BlockError

Unit = Literal["years", "months", "weeks", "days", "hours", "minutes", "seconds"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)

_ISO = re.compile(r"(\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(?:-?\d)?)(?:[Tt ]\s*(.+))?", re.ASCII)
_GAP_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d|[Zz]$)")
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d?)(?::?([0-5]\d))?", re.ASCII)
_OF_ONE_MACHINE = frozenset({"localtime", "posixrules", "factory"})
_DAYS_OF = {"weeks": 7, "days": 1}
_MONTHS_OF = {"years": 12, "months": 1}


def read_moment(text: str) -> date | datetime:
    """Return the date, or the date and time, that an ISO 8601 text names.

    A time without an offset gives a datetime without a zone.

    Raises:
        ValueError: It names none; the message says how to write one.
    """
    found = _ISO.fullmatch(text.strip())
    try:
        if found is not None:
            day, clock = date.fromisoformat(found[1]), found[2]
            return day if clock is None else datetime.combine(day, read_clock(clock))
    except ValueError:
        pass
    raise ValueError(f"{shown(text)} is no date; write it like 2026-03-31, 2026-03-31T14:30 or 2026-03-31T14:30+02:00")


def read_clock(text: str) -> time:
    """Return the time of day that a text like 14:30, 14:30:05.25 or 14:30+02:00 names.

    Raises:
        ValueError: It names none.
    """
    return time.fromisoformat(_GAP_BEFORE_OFFSET.sub("", text.strip().upper()))


def read_zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, of UTC, or of a fixed offset like +02:00.

    Raises:
        ValueError: There is none of this name.
    """
    if name.upper() in {"UTC", "Z"}:
        return UTC
    if found := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        if offset < DAY:
            return timezone(offset if found[1] == "+" else -offset)
    elif name.lower() not in _OF_ONE_MACHINE:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise ValueError(f"there is no time zone {shown(name)}; write it like Europe/Berlin, UTC or +02:00")


def shown(text: str) -> str:
    """Return a text in quotes, cut to a length that fits a sentence."""
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def _check_moment(text: str) -> str:
    read_moment(text)
    return text


def _check_zone(name: str) -> str:
    if name:
        read_zone(name)
    return name


DateText = Annotated[str, Field(max_length=64), AfterValidator(_check_moment)]
"""A date, or a date and time with or without an offset, in ISO 8601."""

ZoneText = Annotated[str, Field(max_length=64), AfterValidator(_check_zone)]
"""A time zone by name or offset; empty for none."""


@contextmanager
def within_the_calendar() -> Iterator[None]:
    """Have a calculation that leaves the years 1 to 9999 fail as a block does.

    Raises:
        BlockError: It left them.
    """
    try:
        yield
    except OverflowError as error:
        raise BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE") from error


def moment_of(text: str, zone: str = "") -> date | datetime:
    """Return what a checked text names, in `zone` if there is one: a time without an offset is taken as of that zone.

    A date alone stays a date.

    Raises:
        OverflowError: It lies outside of the calendar there.
    """
    return in_zone(read_moment(text), zone)


def in_zone(moment: date | datetime, zone: str) -> date | datetime:
    """Return a datetime in `zone` if there is one; without a zone of its own it is taken as of that zone.

    A date alone stays a date.

    Raises:
        OverflowError: It lies outside of the calendar there.
    """
    if not zone or not isinstance(moment, datetime):
        return moment
    return settled(moment, read_zone(zone)) if moment.tzinfo is None else moment.astimezone(read_zone(zone))


def datetime_of(moment: date | datetime, zone: str = "") -> datetime:
    """Return a date as its first moment, in `zone` if there is one; a datetime as it is."""
    if isinstance(moment, datetime):
        return moment
    midnight = datetime.combine(moment, time.min)
    return settled(midnight, read_zone(zone)) if zone else midnight


def settled(moment: datetime, zone: tzinfo) -> datetime:
    """Return the moment when clocks of `zone` show this time of day.

    A time that clocks skip becomes as much later as they skip; of one that they show twice the first is meant.
    """
    placed = moment.replace(tzinfo=zone, fold=0)
    return placed if isinstance(zone, timezone) else placed.astimezone(UTC).astimezone(zone)


def instant(moment: datetime) -> datetime:
    """Return the moment so that it can be subtracted and compared: in UTC if it has a zone, else as it is."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def moved(moment: datetime, *, months: int = 0, days: int = 0) -> datetime:
    """Return the moment by so many months, then so many days on the calendar; the time of day stays.

    A day that the month does not have becomes its last one.

    Raises:
        OverflowError: That is outside of the calendar.
    """
    if not months and not days:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    day = min(moment.day, monthrange(year, month + 1)[1])
    wall = moment.replace(year=year, month=month + 1, day=day, tzinfo=None) + timedelta(days=days)
    return wall if moment.tzinfo is None else settled(wall, moment.tzinfo)


def later(moment: datetime, pause: timedelta) -> datetime:
    """Return the moment after `pause` has gone by, whatever clocks do meanwhile."""
    return (instant(moment) + pause).astimezone(moment.tzinfo) if moment.tzinfo else moment + pause


def stepped(moment: datetime, unit: Unit, amount: int) -> datetime:
    """Return the moment by so many units: days and longer ones on the calendar, shorter ones by time gone by.

    Raises:
        OverflowError: That is outside of the calendar.
    """
    if unit in _MONTHS_OF:
        return moved(moment, months=amount * _MONTHS_OF[unit])
    if unit in _DAYS_OF:
        return moved(moment, days=amount * _DAYS_OF[unit])
    return later(moment, timedelta(**{unit: amount}))


def two_moments(first: str, second: str, zone: str = "") -> tuple[datetime, datetime]:
    """Return both as datetimes of one zone: `zone`, else that of the first; or both without one.

    Raises:
        BlockError: One has an offset, the other has none, and no zone says what it means.
        OverflowError: One lies outside of the calendar there.
    """
    one, other = (datetime_of(moment_of(text, zone), zone) for text in (first, second))
    if (one.tzinfo is None) != (other.tzinfo is None):
        bare = first if one.tzinfo is None else second
        raise BlockError(f"{shown(bare)} has no offset and the other time has one; give a `zone`", "MIXED_ZONES")
    return one, other.astimezone(one.tzinfo) if one.tzinfo else other


def whole(number: float) -> int | float:
    """Return the number without fraction as a whole one."""
    return int(number) if isinstance(number, int) or number.is_integer() else number
