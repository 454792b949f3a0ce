"""The table of accounts. Other tables name a user by id only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, Integer, String, Text, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from weft.db.base import Base
from weft.users.types import UserRole

_NOW = text("now()")
_EMPTY = text("'{}'")
_ROLES = ", ".join(f"'{role}'" for role in UserRole)


class UserRow(Base):
    """One account.

    JSON columns are `json`, not `jsonb`: unknown keys come back as they were written, in their order.
    Notification settings are NOT NULL with a default, so that a stored `false` or 0 is never mistaken for
    "unset".
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("idx_users_email", func.lower(text("email")), unique=True),
        Index("idx_users_created_at", "created_at"),
        Index(
            "idx_users_stripe_customer_id",
            "stripe_customer_id",
            unique=True,
            postgresql_where=text("stripe_customer_id IS NOT NULL"),
        ),
        Index("idx_users_active", "last_login_at", postgresql_where=text("is_active")),
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint("max_emails_per_day >= 0", name="max_emails_per_day"),
        CheckConstraint("char_length(email) BETWEEN 3 AND 320 AND email = btrim(email)", name="email"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    email_verified: Mapped[bool] = mapped_column(server_default=true())
    name: Mapped[str | None] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(Text, server_default=UserRole.USER.value)
    timezone: Mapped[str] = mapped_column(Text, server_default="UTC")
    locale: Mapped[str] = mapped_column(Text, server_default="en-US")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    bio: Mapped[str | None] = mapped_column(String(500))
    website: Mapped[str | None] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(Text)
    integrations: Mapped[str] = mapped_column(Text, server_default="")
    stripe_customer_id: Mapped[str | None] = mapped_column(Text)
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, server_default=_EMPTY)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, server_default=_EMPTY)
    max_emails_per_day: Mapped[int] = mapped_column(Integer, server_default="3")
    notify_on_agent_run: Mapped[bool] = mapped_column(server_default=true())
    notify_on_zero_balance: Mapped[bool] = mapped_column(server_default=true())
    notify_on_low_balance: Mapped[bool] = mapped_column(server_default=true())
    notify_on_block_execution_failed: Mapped[bool] = mapped_column(server_default=true())
    notify_on_continuous_agent_error: Mapped[bool] = mapped_column(server_default=true())
    notify_on_daily_summary: Mapped[bool] = mapped_column(server_default=true())
    notify_on_weekly_summary: Mapped[bool] = mapped_column(server_default=true())
    notify_on_monthly_summary: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    last_login_at: Mapped[datetime | None] = mapped_column()
