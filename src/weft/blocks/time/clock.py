"""What the blocks that tell the present have in common: how it is written, and in which zone."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from weft.blocks.time.formats import Pattern, check_pattern, write_by
from weft.blocks.time.moments import ZoneText, read_zone
from weft.sdk import Context, Schema

ISO = "iso8601"


class Details(Schema):
    """How to write the present, and in which zone, in one value."""

    discriminator: Literal["strftime", "iso8601"] = Field(
        default="strftime", description="Whether to write by a pattern, or by ISO 8601"
    )
    format: Pattern | None = Field(default=None, description="The pattern; null for the one that the block has itself")
    timezone: ZoneText = Field(default="", description="The time zone; empty for the one of the input `timezone`")
    use_user_timezone: bool = Field(default=False, description="Take the user's time zone, whatever else is said")
    include_microseconds: bool = Field(default=False, description="Write fractions of a second in ISO 8601")


def _check_text(text: str) -> str:
    return text if text == ISO else check_pattern(text)


def _kind(value: Any) -> str:
    return "pattern" if isinstance(value, str) else "details"


FormatType = Annotated[
    Annotated[str, Field(max_length=200), AfterValidator(_check_text), Tag("pattern")]
    | Annotated[Details, Tag("details")],
    Discriminator(_kind),
]
"""A pattern like %H:%M, or iso8601, or a dictionary of details."""

HOW = (
    "A pattern like %H:%M, as Write Date explains them; or iso8601; or a dictionary with discriminator (strftime or "
    "iso8601), format, timezone, use_user_timezone and include_microseconds"
)
ZONE = "Time zone like Europe/Berlin or +02:00; empty for the user's own"


class ClockInput(Schema):
    """The pins of these blocks; each has a `format_type` of its own."""

    trigger: Any = Field(default=None, description="Anything: each time it comes, the block looks at the clock")
    format_type: FormatType = Field(default=ISO, description=HOW)
    timezone: ZoneText = Field(default="", description=ZONE)


def local_now(ctx: Context, input: ClockInput) -> datetime:
    """Return the present in the zone that the input names, else in the user's."""
    details = input.format_type if isinstance(input.format_type, Details) else Details()
    zone = "" if details.use_user_timezone else details.timezone or input.timezone
    return ctx.now().astimezone(read_zone(zone)) if zone else ctx.user.get_local_time(ctx.now())


def write_now(moment: datetime, input: ClockInput, *, pattern: str, iso: Callable[[datetime, str], str]) -> str:
    """Return the moment as the input wants it.

    Args:
        moment: What to write.
        input: Says how.
        pattern: What is taken where the input gives details without a pattern.
        iso: Writes by ISO 8601, given how fine: "seconds" or "microseconds".
    """
    how = input.format_type
    if isinstance(how, str):
        return iso(moment, "seconds") if how == ISO else write_by(how, moment)
    if how.discriminator == ISO:
        return iso(moment, "microseconds" if how.include_microseconds else "seconds")
    return write_by(how.format or pattern, moment)
