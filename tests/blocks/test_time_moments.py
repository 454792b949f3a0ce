"""What dates, times and zones may look like, and how they move when clocks change."""

# ruff: noqa: DTZ001 - times without a zone are what is tested

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.blocks.time.date_difference import DateDifference
from weft.blocks.time.moments import (
    instant,
    later,
    moment_of,
    moved,
    read_moment,
    read_zone,
    settled,
    stepped,
)
from weft.blocks.time.readings import read_written
from weft.blocks.time.workdays import Workdays
from weft.sdk import BlockError

BERLIN = read_zone("Europe/Berlin")
NAIVE = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1))
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2050, 1, 1))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        (" 20260331 ", date(2026, 3, 31)),
        ("2026-W14-2", date(2026, 3, 31)),
        ("2026-03-31T14:30", datetime(2026, 3, 31, 14, 30)),
        ("2026-03-31 14:30:05.25", datetime(2026, 3, 31, 14, 30, 5, 250_000)),
        ("2026-03-31t14:30z", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("2026-03-31 14:30 +0200", datetime(2026, 3, 31, 12, 30, tzinfo=UTC)),
    ],
)
def test_iso_texts_are_read(text: str, meant: date) -> None:
    assert read_moment(text) == meant


@pytest.mark.parametrize(
    "text", ["", "2026-02-29", "2026033101234", "2026-03-31x14:30", "2026-03-31T25:00", "٢٠٢٦-٠٣-٣١", "0000-01-01", "T"]
)
def test_other_texts_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no date; write it like 2026-03-31"):
        read_moment(text)


@pytest.mark.parametrize("name", ["UTC", "z", "+05:30", "-0330", "+9", "UTC+2", "Europe/Berlin", "America/New_York"])
def test_zones_have_names_or_offsets(name: str) -> None:
    assert read_zone(name).utcoffset(datetime(2026, 1, 1)) is not None


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "+24:00", "+01:60", "../../etc/passwd", "Europe", "localtime", "a\0b", "\ud800", "CEST"]
)
def test_other_zones_are_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        read_zone(name)


def test_a_time_that_clocks_skip_is_later_by_what_they_skip() -> None:
    assert settled(datetime(2026, 3, 29, 2, 30), BERLIN).isoformat() == "2026-03-29T03:30:00+02:00"


def test_of_a_time_that_clocks_show_twice_the_first_is_meant() -> None:
    assert settled(datetime(2026, 10, 25, 2, 30), BERLIN).isoformat() == "2026-10-25T02:30:00+02:00"


def test_time_goes_by_also_in_the_hour_that_comes_twice() -> None:
    second = moment_of("2026-10-25T02:30+01:00", "Europe/Berlin")
    assert isinstance(second, datetime)

    assert later(second, timedelta(0)).isoformat() == "2026-10-25T02:30:00+01:00"
    assert later(second, timedelta(hours=-1)).isoformat() == "2026-10-25T02:30:00+02:00"


@given(NAIVE, st.integers(-600, 600), st.integers(-10_000, 10_000))
def test_moving_along_the_calendar_keeps_the_time_of_day(start: datetime, months: int, days: int) -> None:
    there = moved(start, months=months, days=days)

    assert there.time() == start.time()
    month = moved(start, months=months)
    assert month.day == min(start.day, monthrange(month.year, month.month)[1])


@given(NAIVE, st.sampled_from(["years", "months", "weeks", "days", "hours", "minutes", "seconds"]), st.integers(0, 500))
def test_one_step_more_is_never_earlier(start: datetime, unit: str, amount: int) -> None:
    placed = settled(start, BERLIN)
    one, two = (stepped(placed, unit, amount + more) for more in (0, 1))  # type: ignore[arg-type]  # one of the units

    assert instant(one) <= instant(two)


@given(NAIVE, NAIVE)
async def test_start_and_parts_give_the_end(start: datetime, end: datetime) -> None:
    zone = "Europe/Berlin"
    block = DateDifference()
    given_in = DateDifference.Input(start=start.isoformat(), end=end.isoformat(), zone=zone)
    found = {pin: value async for pin, value in block.run(given_in)}["parts"]
    first, last = sorted((settled(start, BERLIN), settled(end, BERLIN)), key=instant)

    there = moved(first, months=abs(found.years * 12 + found.months), days=abs(found.days))
    rest = timedelta(hours=abs(found.hours), minutes=abs(found.minutes), seconds=abs(found.seconds))

    assert instant(there) + rest == instant(last)
    assert abs(found.months) <= 11
    assert abs(found.days) <= 30
    assert rest <= timedelta(hours=25)
    assert len({(part > 0) - (part < 0) for part in found.model_dump().values()} - {0}) <= 1


@given(
    DAYS,
    st.integers(-300, 300),
    st.sets(st.integers(0, 6), max_size=6),
    st.lists(DAYS, max_size=5),
)
def test_workdays_are_those_that_counting_day_by_day_finds(
    start: date, length: int, weekend: set[int], holidays: list[date]
) -> None:
    end = start + timedelta(days=length)
    workdays = Workdays.of(weekend, holidays)

    counted = workdays.before(end.toordinal()) - workdays.before(start.toordinal())

    first, last = sorted((start, end))
    days = [first + timedelta(days=at) for at in range((last - first).days)]
    worked = [day for day in days if day.weekday() not in weekend and day not in holidays]
    assert abs(counted) == len(worked)
    assert [workdays.find(workdays.before(day.toordinal())) for day in worked] == worked


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("31 March 2026", date(2026, 3, 31)),
        ("Tuesday, March 31st, 2026", date(2026, 3, 31)),
        ("31. 3. 2026 14:30:05", datetime(2026, 3, 31, 14, 30, 5)),
        ("2026/3/5", date(2026, 3, 5)),
        ("13/4/2026", date(2026, 4, 13)),
        ("4-13-2026", date(2026, 4, 13)),
        ("4/4/2026", date(2026, 4, 4)),
        ("2026年3月31日 9:05", datetime(2026, 3, 31, 9, 5)),
        ("Sept. 1 2026 at 12:05 a.m. +02:00", datetime(2026, 8, 31, 22, 5, tzinfo=UTC)),
        ("1 Sep 2026, 12:05 PM UTC", datetime(2026, 9, 1, 12, 5, tzinfo=UTC)),
        ("Tue, 31 Mar 2026 14:30:00 GMT", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("31 Mar 2026 14:30 EST", datetime(2026, 3, 31, 19, 30, tzinfo=UTC)),
        ("Tue, 31 Mar 2026 14:30:00 -0000", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("1774967400", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("1774967400123", datetime(2026, 3, 31, 14, 30, 0, 123_000, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, meant: date) -> None:
    assert read_written(text) == meant


@pytest.mark.parametrize(
    "text",
    ["", "31 Feb 2026", "14:30", "31/31/2026", "March 1 2026 13:00 pm", "31 Mar 2026 14:30 CEST", "1 2 3", "99" * 60],
)
def test_what_is_no_date_fails_in_a_sentence(text: str) -> None:
    with pytest.raises(BlockError, match=r"is no date; say by `format`"):
        read_written(text)
