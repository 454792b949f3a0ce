"""How long to wait, as several blocks ask for it."""

from datetime import timedelta

from pydantic import Field

from weft.sdk import Schema


class Pause(Schema):
    """Four pins that add up to a length of time."""

    seconds: float = Field(default=0, ge=0, le=1e8, description="How many seconds to wait")
    minutes: float = Field(default=0, ge=0, le=1e6, description="How many minutes to wait, besides")
    hours: float = Field(default=0, ge=0, le=1e5, description="How many hours to wait, besides")
    days: float = Field(default=0, ge=0, le=3660, description="How many days to wait, besides")

    @property
    def length(self) -> timedelta:
        """Return how long it is in all; never negative."""
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds)
