"""The migrations go up from nothing, down to nothing, up again; in any schema; on a database with rows."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.migrations.catalogue import Catalogue
from tests.migrations.rows import insert_execution, insert_graph, insert_user
from tests.support.postgres import open_database
from weft.db.base import Base
from weft.db.migrate import drift, migrate, schema_state
from weft.db.urls import quote_identifier
from weft.users.types import LOCAL_OWNER, LOCAL_OWNER_EMAIL

LEFT_BY_ALEMBIC = ["i alembic_version_pkc", "r alembic_version"]


async def whole(url: str, schema: str = "public") -> list[list[dict[str, Any]]]:
    async with await open_database(url, schema=schema) as database:
        return await Catalogue(database, schema).whole()


async def objects(url: str, schema: str = "public") -> list[str]:
    async with await open_database(url, schema=schema) as database:
        return await Catalogue(database, schema).objects()


async def users(url: str, schema: str = "public") -> list[Any]:
    async with await open_database(url, schema=schema, role="weft_owner") as database, database.transaction() as tx:
        return [tuple(row) for row in await tx.rows("SELECT id, email FROM users ORDER BY id")]


async def test_up_down_and_up_again_gives_the_same_schema_and_down_leaves_nothing(empty_url: str) -> None:
    assert await objects(empty_url) == []

    await migrate(empty_url)
    first = await whole(empty_url)
    down = await migrate(empty_url, revision="base")
    left = await objects(empty_url)
    await migrate(empty_url)

    assert down.status == "empty"
    assert left == LEFT_BY_ALEMBIC
    assert len(first[0]) > 10
    assert await whole(empty_url) == first
    assert (await schema_state(empty_url)).status == "current"


@pytest.mark.parametrize("schema", ["tenant", "Tenant_1"])
async def test_another_schema_holds_the_same_and_public_stays_empty(url: str, empty_url: str, schema: str) -> None:
    await migrate(empty_url, schema=schema)

    assert await whole(empty_url, schema) == await whole(url)
    assert await objects(empty_url) == []


async def test_two_schemas_of_one_database_are_alike_and_know_nothing_of_each_other(empty_url: str) -> None:
    await migrate(empty_url, schema="one")
    await migrate(empty_url, schema="two")
    async with (
        await open_database(empty_url, schema="one", role="weft_owner") as database,
        database.transaction() as tx,
    ):
        await insert_user(tx, "guest@example.com")

    assert await whole(empty_url, "one") == await whole(empty_url, "two")
    assert len(await users(empty_url, "one")) == 2
    assert len(await users(empty_url, "two")) == 1

    await migrate(empty_url, schema="one", revision="base")

    assert len(await users(empty_url, "two")) == 1
    assert (await schema_state(empty_url, schema="two")).status == "current"


@pytest.mark.parametrize("schema", ["public", "tenant"])
async def test_the_tables_in_python_are_those_in_the_database(empty_url: str, schema: str) -> None:
    await migrate(empty_url, schema=schema)

    assert await drift(empty_url, Base.metadata, schema=schema) == []
    assert len(Base.metadata.tables) == len(await _tables(empty_url, schema)) - 1  # Alembic's own


async def test_what_python_would_make_is_what_the_migrations_make_to_the_last_clause(url: str, empty_url: str) -> None:
    async with await open_database(empty_url) as database:
        async with database.transaction() as tx:
            await tx.connection.run_sync(Base.metadata.create_all)
        made = Catalogue(database)
        async with await open_database(url) as migrated:
            there = Catalogue(migrated)
            for made_part, there_part in (
                (made.columns, there.columns),
                (made.constraints, there.constraints),
                (made.indexes, there.indexes),
            ):
                assert await made_part() == [row for row in await there_part() if "alembic_version" not in row.values()]


async def _tables(url: str, schema: str) -> list[str]:
    return [one for one in await objects(url, schema) if one.startswith("r ")]


async def test_the_first_migration_makes_the_local_owner(url: str) -> None:
    assert await users(url) == [(LOCAL_OWNER, LOCAL_OWNER_EMAIL)]


async def test_migrating_a_database_with_rows_changes_none_of_them(url: str) -> None:
    async with await open_database(url, role="weft_owner") as database:
        async with database.transaction() as tx:
            version = await insert_graph(tx, LOCAL_OWNER)
            execution = await insert_execution(tx, version)
        await migrate(url)
        async with database.transaction() as tx:
            assert await tx.scalar("SELECT id FROM executions") == execution
            assert await tx.scalar("SELECT id FROM graph_versions") == version.id


async def test_down_works_on_rows_and_up_begins_anew(url: str) -> None:
    async with await open_database(url, role="weft_owner") as database, database.transaction() as tx:
        await insert_execution(tx, await insert_graph(tx, await insert_user(tx, "guest@example.com")))

    await migrate(url, revision="base")
    await migrate(url)

    assert await users(url) == [(LOCAL_OWNER, LOCAL_OWNER_EMAIL)]


async def test_other_programs_tables_in_the_schema_survive_both_ways(empty_url: str) -> None:
    async with await open_database(empty_url) as database:
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE notes (body text)"))
            await tx.execute(text("INSERT INTO notes VALUES ('kept')"))
        await migrate(empty_url)
        await migrate(empty_url, revision="base")
        async with database.transaction() as tx:
            assert await tx.scalar("SELECT body FROM notes") == "kept"


async def test_nothing_is_left_when_a_schema_is_dropped_with_all_it_holds(empty_url: str) -> None:
    await migrate(empty_url, schema="tenant")
    async with await open_database(empty_url) as database, database.transaction() as tx:
        await tx.execute(text(f"DROP SCHEMA {quote_identifier('tenant')} CASCADE"))

    await migrate(empty_url, schema="tenant")

    assert (await schema_state(empty_url, schema="tenant")).status == "current"
