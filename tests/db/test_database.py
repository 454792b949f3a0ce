"""Connections are configured, rows come back as they were, the pool is bounded and told."""

import re
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.dialects.postgresql import JSON, JSONB

from tests.db.numbers import make_numbers, numbers
from tests.support.postgres import open_database
from weft.db.base import BaseDbModel, Timestamp, new_id
from weft.db.database import Database
from weft.db.errors import PoolExhausted
from weft.db.transaction import Transaction, affected_rows
from weft.errors import DatabaseError, DatabaseUnreachable, InvalidInput


async def test_each_connection_is_configured_and_a_reset_returns_to_the_role(empty_url: str) -> None:
    async with await open_database(empty_url) as database, database.transaction() as tx:
        await tx.execute("DROP ROLE IF EXISTS weft_test_role")
        await tx.execute("CREATE ROLE weft_test_role")
        await tx.execute("GRANT weft_test_role TO weft WITH SET TRUE")

    async with await open_database(empty_url, role="weft_test_role") as database:
        async with database.transaction() as tx:
            await tx.execute("RESET ALL")
            await tx.execute("RESET ROLE")
            role = await tx.scalar("SELECT current_user")
            shown = [
                await tx.scalar(f"SHOW {name}")
                for name in ("application_name", "jit", "transaction_isolation", "search_path")
            ]
        raw = await database.connect_raw()
        raw_role = await raw.fetchval("SELECT current_user")
        await raw.close()

    assert (role, raw_role) == ("weft_test_role", "weft_test_role")
    assert shown == ["weft_backend", "off", "read committed", '"public"']


async def test_nobody_logs_in_as_superuser(database: Database, empty_url: str) -> None:
    async with database.transaction() as tx:
        assert not await tx.scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    with pytest.raises(DatabaseUnreachable, match="rejects"):
        await open_database(empty_url.replace("weft@", "postgres@"))


async def test_operations_run_in_order_and_all_or_none(database: Database) -> None:
    await make_numbers(database)

    async def add(tx: Transaction, n: int) -> int:
        await tx.execute("INSERT INTO numbers VALUES (:n)", {"n": n})
        return n * 10

    async def fail(_tx: Transaction) -> int:
        return int("x")

    results = await database.execute_in_transaction([lambda tx: add(tx, 2), lambda tx: add(tx, 1)])
    with pytest.raises(DatabaseError) as caught:
        await database.execute_in_transaction([lambda tx: add(tx, 3), fail])

    assert results == [20, 10]
    assert isinstance(caught.value.__cause__, ValueError)
    assert await numbers(database) == [1, 2]


async def test_raw_queries_go_to_the_configured_schema_and_other_braces_stay(empty_url: str) -> None:
    async with await open_database(empty_url) as database, database.transaction() as tx:
        await tx.execute('CREATE SCHEMA "Tenant"')
        for schema in ("public", '"Tenant"'):
            await tx.execute(f"CREATE TABLE {schema}.names (name text)")
        await tx.execute("INSERT INTO \"Tenant\".names VALUES ('hers')")

    async with await open_database(empty_url, schema="Tenant") as database:
        rows = await database.query_raw_with_schema(
            "SELECT name, '{\"a\": {}}'::jsonb AS extra, '{1,2}'::int[] AS list, $1::int AS n FROM {schema}.names",
            7,
        )
        with pytest.raises(InvalidInput, match=re.escape("{schema}")):
            await database.query_raw_with_schema("SELECT 1")

    assert rows == [{"name": "hers", "extra": {"a": {}}, "list": [1, 2], "n": 7}]


async def test_json_keeps_its_order_and_long_numbers(database: Database) -> None:
    table = Table("documents", MetaData(), Column("plain", JSON), Column("sorted", JSONB))
    document = {"z": 1, "a": [2**70 + 1, -(2**63), 1.5, None, "é😀"], "m": {"y": True, "b": {}}}
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE documents (plain json, sorted jsonb)")
        await tx.execute(insert(table).values(plain=document, sorted=document))

        found = await tx.one_or_none(select(table))

    assert found is not None
    assert (found["plain"], found["sorted"]) == (document, document)
    assert list(found["plain"]) == ["z", "a", "m"]


async def test_the_ways_to_read_rows_agree(database: Database) -> None:
    await make_numbers(database)
    async with database.transaction() as tx:
        assert await tx.scalar("SELECT n FROM numbers") is None
        assert await tx.one_or_none("SELECT n FROM numbers") is None
        assert await tx.execute("INSERT INTO numbers VALUES (:n)", [{"n": 1}, {"n": 2}]) == 0

        assert [row["n"] for row in await tx.all("SELECT n FROM numbers ORDER BY n")] == [1, 2]
        assert [tuple(row) for row in await tx.rows("SELECT n, -n FROM numbers ORDER BY n")] == [
            (1, -1),
            (2, -2),
        ]
        assert await tx.execute("UPDATE numbers SET n = n + 10") == 2
        assert affected_rows(await tx.raw.execute("DELETE FROM numbers")) == 2
        assert affected_rows("BEGIN") == 0


async def test_a_full_pool_is_told_and_its_numbers_can_be_read(empty_url: str) -> None:
    async with (
        await Database.open(
            f"{empty_url}&connection_limit=1", pool_size=5, max_overflow=5, pool_timeout_s=0.01
        ) as database,
        database.transaction(),
    ):
        status = database.pool_status()
        with pytest.raises(PoolExhausted):
            async with database.transaction():
                pass

    assert (status.size, status.checked_out, status.limit) == (1, 1, 1)


async def test_connecting_twice_and_disconnecting_twice_do_nothing_more(database: Database) -> None:
    async with database.context() as same:
        assert same is database
    assert database.is_connected()
    await database.disconnect()
    await database.disconnect()
    assert not database.is_connected()
    assert database.pool_status().checked_in == 0
    with pytest.raises(DatabaseUnreachable, match="not connected"):
        async with database.transaction():
            pass
    await database.connect()
    async with database.transaction() as tx:
        assert await tx.scalar("SELECT 1") == 1


async def test_a_missing_database_is_told_at_the_first_attempt(empty_url: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="does not exist") as caught:
        await open_database(re.sub(r"/test_\w+", "/nowhere", empty_url))

    assert caught.value.details["attempts"] == 1


async def test_nobody_listening_is_told_after_the_last_attempt() -> None:
    with pytest.raises(DatabaseUnreachable) as caught:
        await open_database("postgresql://weft@/weft?host=/nonexistent")

    assert caught.value.details["attempts"] == 3


async def test_a_connection_of_ones_own_commits_by_itself_and_gives_json_as_text(database: Database) -> None:
    await make_numbers(database)
    raw = await database.connect_raw()
    try:
        await raw.execute("INSERT INTO numbers VALUES (1)")
        text = await raw.fetchval('SELECT \'{"b": 1,  "a": 2}\'::json')
    finally:
        await raw.close()

    assert (await numbers(database), text) == ([1], '{"b": 1,  "a": 2}')
    assert isinstance(raw, asyncpg.Connection)


async def test_a_time_without_zone_is_refused_and_times_come_back_in_utc(database: Database) -> None:
    table = Table("moments", MetaData(), Column("at", Timestamp))
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE moments (at timestamptz)")
        await tx.execute(insert(table).values(at=moment))
        assert await tx.scalar(select(table.c.at)) == moment
    with pytest.raises(DatabaseError, match="no time zone"):
        async with database.transaction() as tx:
            await tx.execute(insert(table).values(at=datetime(2026, 7, 1)))  # noqa: DTZ001


def test_ids_sort_by_time_and_blank_ones_are_replaced() -> None:
    first, second = new_id(), new_id()

    assert (type(first), first.version, first < second) == (UUID, 7, True)
    assert BaseDbModel(id="mine").id == "mine"
    assert len({BaseDbModel(id=given).id for given in (None, "", "  ")} | {BaseDbModel().id}) == 4
