"""`date.business_days`: days on which people work, added or counted."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.time.moments import WEEKDAYS, DateText, Weekday, read_moment, within_the_calendar
from weft.blocks.time.workdays import Workdays
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema

_NEITHER = "give either `days` to add, or `end` to count up to"


class DateBusinessDays(Block, id="date.business_days", name="Business Days", categories=[BlockCategory.PROCESSING]):
    """Find the date some business days after another one, or count the business days between two dates.

    Counting leaves the start out and takes the end in, so that adding what was counted leads from one to the other:
    from Friday to Monday is one business day. Adding zero gives the start, or the next business day after it. Times
    of day are left out.
    """

    class Input(Schema):
        start: DateText = Field(description="Where to begin, e.g. 2026-03-31")
        days: int | None = Field(default=None, description="How many business days to add; negative to go back")
        end: DateText | None = Field(default=None, description="Where to stop counting, instead of adding")
        weekend: Annotated[list[Weekday], Advanced()] = Field(
            default=["saturday", "sunday"], max_length=7, description="The days of the week on which nobody works"
        )
        holidays: list[DateText] = Field(
            default=[], max_length=10_000, description="Other days on which nobody works, e.g. 2026-12-25"
        )

    class Output(Schema):
        result: str = Field(description="The date that was found, or the end of counting")
        count: int = Field(description="How many business days it is; negative when going back")

    examples: ClassVar = [
        Example(Input(start="2026-03-27", days=1), emits=[("result", "2026-03-30"), ("count", 1)]),
        Example(Input(start="2026-03-28", days=0), emits=[("result", "2026-03-30"), ("count", 0)]),
        Example(
            Input(start="2026-04-01", days=3, holidays=["2026-04-03", "2026-04-06"]),
            emits=[("result", "2026-04-08"), ("count", 3)],
        ),
        Example(Input(start="2026-03-30T09:00", days=-1), emits=[("result", "2026-03-27"), ("count", -1)]),
        Example(Input(start="2026-03-01", end="2026-03-31"), emits=[("result", "2026-03-31"), ("count", 22)]),
        Example(Input(start="2026-03-30", end="2026-03-27"), emits=[("result", "2026-03-27"), ("count", -1)]),
        Example(
            Input(start="2026-03-26", days=2, weekend=["friday", "saturday"]),
            emits=[("result", "2026-03-30"), ("count", 2)],
        ),
        Example(Input(start="2026-03-31"), raises=BlockError(_NEITHER, "NOTHING_TO_DO")),
        Example(Input(start="2026-03-31", days=1, end="2026-04-01"), raises=BlockError(_NEITHER, "NOTHING_TO_DO")),
        Example(
            Input(start="2026-03-31", days=1, weekend=list(WEEKDAYS)),
            raises=BlockError("with all seven days in `weekend` there is no business day", "NO_WORKDAY"),
        ),
        Example(
            Input(start="2026-03-31", days=10_000_000),
            raises=BlockError("the result lies outside of the years 1 to 9999", "OUT_OF_RANGE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if (input.days is None) == (input.end is None):
            raise BlockError(_NEITHER, "NOTHING_TO_DO")
        workdays = Workdays.of(map(WEEKDAYS.index, input.weekend), map(_day, input.holidays))
        if not any(workdays.worked):
            raise BlockError("with all seven days in `weekend` there is no business day", "NO_WORKDAY")
        start = _day(input.start)
        if input.end is not None:
            end = _day(input.end)
            count = _between(workdays, start, end)
        else:
            count = input.days or 0
            with within_the_calendar():
                end = _after(workdays, start, count)
        yield "result", end.isoformat()
        yield "count", count


def _day(text: str) -> date:
    moment = read_moment(text)
    return moment.date() if isinstance(moment, datetime) else moment


def _between(workdays: Workdays, start: date, end: date) -> int:
    first, last = start.toordinal(), end.toordinal()
    if first <= last:
        return workdays.before(last + 1) - workdays.before(first + 1)
    return workdays.before(last) - workdays.before(first)


def _after(workdays: Workdays, start: date, days: int) -> date:
    """Return the workday that is so many after `start`; the next one from `start` on for zero."""
    ordinal = start.toordinal()
    return workdays.find(workdays.before(ordinal + 1) + days - 1 if days > 0 else workdays.before(ordinal) + days)
