"""All SQL of accounts."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import RowMapping, Table, func, select

from weft.db.transaction import Transaction
from weft.users.tables import UserRow
from weft.users.types import LOCAL_OWNER, User, UserPreferences

USERS = cast("Table", UserRow.__table__)


async def get_user(tx: Transaction, user_id: UUID) -> User | None:
    """Return the account; None if there is none."""
    row = await tx.one_or_none(select(USERS).where(USERS.c.id == user_id))
    return None if row is None else _user(row)


async def find_by_email(tx: Transaction, email: str) -> User | None:
    """Return the account with this address in any case; None if there is none."""
    row = await tx.one_or_none(select(USERS).where(func.lower(USERS.c.email) == email.strip().lower()))
    return None if row is None else _user(row)


async def local_owner(tx: Transaction) -> User:
    """Return the account as which the command line acts; the first migration made it."""
    user = await get_user(tx, LOCAL_OWNER)
    assert user is not None, "the first migration makes the local owner and nothing deletes it"
    return user


def _user(row: RowMapping) -> User:
    values: dict[str, Any] = {name: row[name] for name in User.model_fields}
    # A preference that this program does not know, of a newer one, is kept in the row and passed over here.
    known = {key: value for key, value in row["preferences"].items() if key in UserPreferences.model_fields}
    return User.model_validate({**values, "preferences": known})
