"""Users as values: the account, what they prefer, and what others may see of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NewType, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from weft.errors import InvalidInput

UserId = NewType("UserId", UUID)

LOCAL_OWNER = UserId(UUID("00000000-0000-7000-8000-000000000001"))
"""The user as whom the command line acts; the first migration makes the row."""

LOCAL_OWNER_EMAIL = "owner@localhost"

Email = str
"""An e-mail address as stored; two that differ only in case are the same account."""


class UserRole(StrEnum):
    """What an account may do; each role's permissions stand in one table."""

    USER = "user"
    ADMIN = "admin"
    MODERATOR = "moderator"
    DEVELOPER = "developer"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UserPreferences(_Value):
    """How the user likes the program; every field has a default, so that a new account needs none."""

    theme: Literal["system", "light", "dark"] = "system"
    language: str = Field(default="en-US", min_length=2, max_length=35, pattern=r"^[A-Za-z0-9-]+$")
    notifications_enabled: bool = True
    auto_save_enabled: bool = True
    default_graph_settings: dict[str, Any] = Field(default_factory=dict)

    def update_preference(self, key: str, value: Any) -> Self:
        """Return the preferences with one of them changed.

        Raises:
            InvalidInput: There is no such preference, or the value does not fit it.
        """
        if key not in type(self).model_fields:
            known = ", ".join(type(self).model_fields)
            raise InvalidInput(f"there is no preference {key!r}; there are: {known}")
        try:
            return self.model_validate({**self.model_dump(), key: value})
        except ValueError as error:
            raise InvalidInput(f"{value!r} is no value of the preference {key!r}") from error


class NotificationSettings(_Value):
    """What the user wants mail about, and how much of it per day; zero mails is none at all."""

    max_emails_per_day: int = Field(default=3, ge=0)
    notify_on_agent_run: bool = True
    notify_on_zero_balance: bool = True
    notify_on_low_balance: bool = True
    notify_on_block_execution_failed: bool = True
    notify_on_continuous_agent_error: bool = True
    notify_on_daily_summary: bool = True
    notify_on_weekly_summary: bool = True
    notify_on_monthly_summary: bool = True

    def is_notification_enabled(self, kind: str) -> bool:
        """Whether `notify_on_<kind>` is set; an unknown kind is off."""
        name = f"notify_on_{kind}"
        return name in type(self).model_fields and bool(getattr(self, name))


class UserProfile(_Value):
    """What others may see of a user."""

    id: UserId
    email: Email
    created_at: datetime
    name: str | None = None
    bio: str | None = None
    website: str | None = None
    preferences: dict[str, str | int | bool] = Field(default_factory=dict)

    def get_display_name(self) -> str:
        """Return the name, or what stands before the @ of the address."""
        return self.name or self.email.partition("@")[0]


class User(NotificationSettings):
    """An account with all its settings; it holds no secret but the hash of the password."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: UserId
    email: Email = Field(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")
    email_verified: bool = True
    name: str | None = Field(default=None, max_length=100)
    role: UserRole = UserRole.USER
    timezone: str = Field(default="UTC", max_length=64)
    locale: str = Field(default="en-US", max_length=35)
    is_active: bool = True
    bio: str | None = Field(default=None, max_length=500)
    website: str | None = Field(default=None, max_length=200)
    password_hash: str | None = Field(default=None, repr=False)
    integrations: str = Field(default="", repr=False)
    """Encrypted; empty is none."""
    stripe_customer_id: str | None = None
    preferences: UserPreferences = UserPreferences()
    metadata: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None = None

    def profile(self) -> UserProfile:
        """Return what others may see; nested preferences stay private."""
        shown = {k: v for k, v in self.preferences.model_dump().items() if isinstance(v, str | int | bool)}
        return UserProfile(
            id=self.id,
            email=self.email,
            created_at=self.created_at,
            name=self.name,
            bio=self.bio,
            website=self.website,
            preferences=shown,
        )
