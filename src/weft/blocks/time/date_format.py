"""`date.format`: a date written by a pattern."""

from email.utils import format_datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from weft.blocks.time.formats import check_pattern, in_utc, write_by
from weft.blocks.time.moments import DateText, ZoneText, datetime_of, moment_of, within_the_calendar
from weft.sdk import Block, BlockCategory, BlockError, Choices, Emissions, Example, Schema

_ISO, _MAIL = "iso8601", "mail"


def _check_format(format: str) -> str:
    return format if format in {_ISO, _MAIL} else check_pattern(format)


Format = Annotated[
    str,
    Field(max_length=200),
    AfterValidator(_check_format),
    Choices("%d.%m.%Y", "%m/%d/%Y", "%A, %-d %B %Y", "%H:%M", "%G-W%V", "%s", _ISO, _MAIL),
]


class DateFormat(Block, id="date.format", name="Write Date", categories=[BlockCategory.PROCESSING]):
    """Write a date, or a date and time, by a pattern.

    A pattern holds directives such as %Y (year), %m (month), %d (day), %H (hour), %M (minute), %S (second), %A and %B
    (English names of day and month), %j (day of the year), %V (week), %z (offset) and %s (seconds since 1970); a dash
    as in %-d leaves leading zeros out. Two names stand for whole formats: iso8601, and mail, the form of mail headers.
    """

    class Input(Schema):
        date: DateText = Field(description="A date, or a date and time; a date alone begins at midnight")
        format: Format = Field(default="%Y-%m-%d", description="A pattern like %d.%m.%Y, or iso8601, or mail")
        zone: ZoneText = Field(default="", description="Time zone to show it in, like Europe/Berlin; empty for its own")

    class Output(Schema):
        result: str = Field(description="The date as text")

    examples: ClassVar = [
        Example(Input(date="2026-03-31T14:30Z"), emits=[("result", "2026-03-31")]),
        Example(Input(date="2026-03-01", format="%A, %-d %B %Y"), emits=[("result", "Sunday, 1 March 2026")]),
        Example(
            Input(date="2026-03-31T22:30Z", format="%d.%m.%Y %H:%M %Z", zone="Europe/Berlin"),
            emits=[("result", "01.04.2026 00:30 CEST")],
        ),
        Example(Input(date="2026-03-31", format="100%% in %G-W%V"), emits=[("result", "100% in 2026-W14")]),
        Example(
            Input(date="2026-03-31T14:30", format="iso8601", zone="Asia/Tokyo"),
            emits=[("result", "2026-03-31T14:30:00+09:00")],
        ),
        Example(Input(date="2026-03-31T14:30", format="mail"), emits=[("result", "Tue, 31 Mar 2026 14:30:00 +0000")]),
        Example(
            Input(date="0001-01-01T00:00Z", zone="-01:00"),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        with within_the_calendar():
            moment = datetime_of(moment_of(input.date, input.zone), input.zone)
        if input.format == _ISO:
            yield "result", moment.isoformat()
        elif input.format == _MAIL:
            yield "result", format_datetime(in_utc(moment))
        else:
            yield "result", write_by(input.format, moment)
