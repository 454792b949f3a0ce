"""What all tables share: names of constraints, column types, ids."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from pydantic import BaseModel, Field, field_validator
from sqlalchemy import DateTime, Dialect, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
"""So that a migration can name what it drops, and an error the constraint it met."""


class Timestamp(TypeDecorator[datetime]):
    """A `timestamptz`: takes aware times only, gives aware times in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone, which the driver would take for one of this machine."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} has no time zone; use datetime.now(UTC)")
        return value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the same moment in UTC."""
        return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of all tables; each domain's stand in its own `tables.py`."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Timestamp(),
        UUID: Uuid(),
        str: Text(),
        dict[str, Any]: JSONB(),
    }


def new_id() -> UUID:
    """Return a new UUIDv7: unique everywhere, and ids made later sort later (to the millisecond)."""
    return uuid_utils.compat.uuid7()


class BaseDbModel(BaseModel):
    """A model with an `id` that is always there: blank, null or missing, it gets a new one."""

    id: str = Field(default_factory=lambda: str(new_id()), description="Unique id; a UUIDv7 unless given")

    @field_validator("id", mode="before")
    @classmethod
    def _fill(cls, value: Any) -> Any:
        return str(new_id()) if value is None or (isinstance(value, str) and not value.strip()) else value
