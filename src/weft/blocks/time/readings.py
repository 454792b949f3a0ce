"""Dates as people write them: which of the usual ways it is, without a format being given."""

import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

from weft.blocks.time.formats import in_utc
from weft.blocks.time.moments import read_clock, read_moment, shown
from weft.sdk import BlockError

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY, _YEAR = r"(?P<day>\d\d?)", r"(?P<year>\d{4})"
_NUMBER = r"(?P<number>\d\d?)"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_CLOCK = (
    r"(?:(?:\s*,\s*|\s+)(?:at\s+)?(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d(?:[.,]\d{1,6})?))?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<offset>z|utc|gmt|[+-]\d\d:?\d\d)?)?"
)
_DAYS = (
    rf"{_YEAR}(?P<mark>[-/.]){_NUMBER}(?P=mark){_DAY}",
    rf"{_YEAR}年{_NUMBER}月{_DAY}日",
    rf"{_DAY}\.\s?{_NUMBER}\.\s?{_YEAR}",
    rf"{_DAY}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
    rf"{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}",
)
_EITHER_WAY = re.compile(
    rf"{_WEEKDAY}(?P<first>\d\d?)([-/])(?P<other>\d\d?)\2{_YEAR}{_CLOCK}", re.ASCII | re.IGNORECASE
)
_WRITTEN = tuple(re.compile(f"{_WEEKDAY}{day}{_CLOCK}", re.ASCII | re.IGNORECASE) for day in _DAYS)
_MAIL = re.compile(
    r"(?:[a-z]{3},\s*)?\d\d? [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|utc?|gmt|[ecmp][sd]t)",
    re.ASCII | re.IGNORECASE,
)
_UNIX = re.compile(r"-?\d{9,11}(?:\.\d{1,6})?|(?P<milliseconds>-?\d{12,14})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_written(text: str) -> date | datetime:
    """Return the date, or the date and time, that a text names in one of the usual ways.

    ISO 8601, the form of mails, seconds or milliseconds since 1970, English months, and numbers in an order that
    can only mean one day.

    Raises:
        BlockError: It is none of them, or its day and month could be either way round.
    """
    text = " ".join(text.split())
    try:
        return read_moment(text)
    except ValueError:
        pass
    try:
        if found := _UNIX.fullmatch(text):
            return _EPOCH + (
                timedelta(milliseconds=int(text)) if found["milliseconds"] else timedelta(seconds=float(text))
            )
        if _MAIL.fullmatch(text):
            return in_utc(parsedate_to_datetime(text))
        for pattern in _WRITTEN:
            if found := pattern.fullmatch(text):
                return _read(found, found["day"], _month(found))
        if found := _EITHER_WAY.fullmatch(text):
            return _read(found, *_day_and_month(found["first"], found["other"]))
    except (ValueError, OverflowError):
        pass
    raise BlockError(f"{shown(text)} is no date; say by `format` how it is written", "NOT_A_DATE")


def _month(found: re.Match[str]) -> int:
    groups = found.groupdict()
    return int(groups["number"]) if groups.get("number") else _MONTHS.index(found["month"][:3].lower()) + 1


def _day_and_month(first: str, other: str) -> tuple[int, int]:
    one, two = int(first), int(other)
    if one > 12 or one == two:
        return one, two
    if two > 12:
        return two, one
    raise BlockError(
        f"in {first}/{other} either number may be the day; say by `format` which: %d/%m/%Y or %m/%d/%Y",
        "AMBIGUOUS_DATE",
    )


def _read(found: re.Match[str], day: int | str, month: int) -> date | datetime:
    there = date(int(found["year"]), month, int(day))
    if found["hour"] is None:
        return there
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    clock = time.fromisoformat(f"{hour:02}:{found['minute']}:{(found['second'] or '00').replace(',', '.')}")
    offset = (found["offset"] or "").upper()
    if offset in {"Z", "UTC", "GMT"}:
        return datetime.combine(there, clock, UTC)
    return datetime.combine(there, read_clock(f"{clock.isoformat()}{offset}"))
