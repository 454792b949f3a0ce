import json
from uuid import UUID, uuid4

import pytest

from tests.support.postgres import open_database
from weft.db.database import Database
from weft.errors import DatabaseError
from weft.users import repository
from weft.users.types import LOCAL_OWNER, LOCAL_OWNER_EMAIL, User, UserPreferences, UserRole

NOTIFICATIONS = [
    "notify_on_agent_run",
    "notify_on_zero_balance",
    "notify_on_low_balance",
    "notify_on_block_execution_failed",
    "notify_on_continuous_agent_error",
    "notify_on_daily_summary",
    "notify_on_weekly_summary",
    "notify_on_monthly_summary",
]


async def user(database: Database, user_id: UUID) -> User:
    async with database.transaction(user_id) as tx:
        found = await repository.get_user(tx, user_id)
    assert found is not None
    return found


async def test_the_local_owner_is_there_with_every_default(database: Database) -> None:
    async with database.transaction(LOCAL_OWNER) as tx:
        owner = await repository.local_owner(tx)

    assert (owner.id, owner.email) == (LOCAL_OWNER, LOCAL_OWNER_EMAIL)
    assert (owner.role, owner.timezone, owner.locale) == (UserRole.USER, "UTC", "en-US")
    assert owner.is_active
    assert owner.email_verified
    assert owner.preferences == UserPreferences()
    assert owner.metadata == {}
    assert owner.integrations == ""
    assert owner.max_emails_per_day == 3
    assert all(getattr(owner, name) for name in NOTIFICATIONS)
    assert (owner.password_hash, owner.stripe_customer_id, owner.bio, owner.website) == (
        None,
        None,
        None,
        None,
    )


async def test_a_stored_false_and_zero_come_back_as_such(database: Database, owner: UUID) -> None:
    changes = ", ".join(f"{name} = false" for name in [*NOTIFICATIONS, "is_active", "email_verified"])
    async with database.transaction(owner) as tx:
        await tx.execute(f"UPDATE users SET {changes}, max_emails_per_day = 0")

    found = await user(database, owner)

    assert not any(getattr(found, name) for name in NOTIFICATIONS)
    assert (found.max_emails_per_day, found.is_active, found.email_verified) == (0, False, False)


async def test_no_setting_can_be_unset(url: str, stranger: UUID) -> None:
    async with await open_database(url) as database:
        for name in [*NOTIFICATIONS, "max_emails_per_day", "preferences", "metadata", "integrations"]:
            with pytest.raises(DatabaseError) as caught:
                async with database.transaction() as tx:
                    await tx.execute(f"UPDATE users SET {name} = NULL")
            assert caught.value.details["sqlstate"] == "23502"


async def test_unknown_metadata_comes_back_in_its_order(database: Database, owner: UUID) -> None:
    text = '{"z": 1, "a": {"b": [1.50, null]}, "preferences": "x"}'
    async with database.transaction(owner) as tx:
        await tx.execute("UPDATE users SET metadata = :text ::json", {"text": text})

    assert json.dumps((await user(database, owner)).metadata) == text.replace("1.50", "1.5")


async def test_a_preference_of_a_newer_program_is_passed_over(database: Database, owner: UUID) -> None:
    text = '{"theme": "dark", "hologram": true}'
    async with database.transaction(owner) as tx:
        await tx.execute("UPDATE users SET preferences = :text ::json", {"text": text})

    assert (await user(database, owner)).preferences == UserPreferences(theme="dark")


async def test_an_account_is_found_by_its_address_in_any_case(database: Database, owner: UUID) -> None:
    async with database.transaction(owner) as tx:
        found = await repository.find_by_email(tx, " Owner@LocalHost ")
        nobody = await repository.find_by_email(tx, "owner@localhost2")
        assert await repository.get_user(tx, uuid4()) is None

    assert found is not None
    assert found.id == owner
    assert nobody is None


async def test_two_accounts_never_share_an_address(url: str, stranger: UUID) -> None:
    async with await open_database(url) as database:
        with pytest.raises(DatabaseError) as caught:
            async with database.transaction() as tx:
                await tx.execute("INSERT INTO users (id, email) VALUES (:id, 'STRANGER@example.com')", {"id": uuid4()})

    assert caught.value.details["constraint"] == "idx_users_email"
