"""Patterns by which dates are written and read."""

# ruff: noqa: DTZ001 - times without a zone are what is tested

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from weft.blocks.time.formats import Pattern, ReadingPattern, read_by, write_by
from weft.blocks.time.moments import read_zone

MOMENT = datetime(987, 3, 1, 4, 5, 6, 7000, tzinfo=UTC)
WRITE, READ = TypeAdapter(Pattern), TypeAdapter(ReadingPattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%Y-%m-%d %H:%M:%S.%f", "0987-03-01 04:05:06.007000"),
        ("%-d.%-m.%-y %-H:%-M", "1.3.87 4:5"),
        ("%F %T %R %D", "0987-03-01 04:05:06 04:05 03/01/87"),
        ("%e|%k|%l|%I|%P|%p", " 1| 4| 4|04|am|AM"),
        ("%a %A %b %B %h %j", "Thu Thursday Mar March Mar 060"),
        ("%z %Z %s", "+0000 UTC -31015338894"),
        ("%G-W%V-%u %w", "0987-W09-4 4"),
        ("100%%%n%t.", "100%\n\t."),
        ("年%Y", "年0987"),
    ],
)
def test_a_pattern_writes_the_same_everywhere(pattern: str, text: str) -> None:
    assert write_by(WRITE.validate_python(pattern), MOMENT) == text


def test_midnight_is_twelve() -> None:
    assert write_by("%l %I", datetime(2026, 1, 1, tzinfo=UTC)) == "12 12"


def test_a_zone_is_written_as_it_is_called_then() -> None:
    assert write_by("%Z %z", datetime(2026, 7, 1, tzinfo=read_zone("Europe/Berlin"))) == "CEST +0200"


@pytest.mark.parametrize("pattern", ["", "no directive", "%Q", "%", "%-", "%-A", "%100d", "%Ey", "%d" * 101])
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        WRITE.validate_python(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "meant", "has_time"),
    [
        ("%d/%m/%Y", "01/02/2026", datetime(2026, 2, 1), False),
        ("%-d. %B %Y", " 1. february 2026 ", datetime(2026, 2, 1), False),
        ("%F %T%z", "2026-02-01 10:00:00+0100", datetime(2026, 2, 1, 9, tzinfo=UTC), True),
        ("%e %h %y, %I:%M %P", "1 Feb 26, 9:30 pm", datetime(2026, 2, 1, 21, 30), True),
        ("%Y", "2026", datetime(2026, 1, 1), False),
    ],
)
def test_a_pattern_reads_what_is_written_by_it(pattern: str, text: str, meant: datetime, has_time: bool) -> None:
    assert read_by(READ.validate_python(pattern), text) == (meant, has_time)


@pytest.mark.parametrize("pattern", ["%H:%M", "%d.%m", "%d %d %Y", "%d %e %Y", "%F %Y", "%Y %Z", "%s", "%Q %Y"])
def test_a_pattern_that_reads_no_single_day_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(pattern)
