"""Transactions end clean, whatever ends them; connections are configured; errors are typed."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.dialects.postgresql import JSON, JSONB

from tests.support.postgres import open_database
from weft.db.base import BaseDbModel, Timestamp, new_id
from weft.db.database import Database
from weft.db.errors import PoolExhausted
from weft.db.transaction import Transaction, affected_rows
from weft.errors import DatabaseError, DatabaseUnreachable, InvalidInput, NotFound


async def make_numbers(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE numbers (n int PRIMARY KEY)")


async def numbers(database: Database) -> list[int]:
    async with database.transaction() as tx:
        return list(await tx.scalars("SELECT n FROM numbers ORDER BY n"))


async def idle_in_transaction(database: Database) -> int:
    """Sessions of this database, other than the one that asks, which have a transaction open."""
    async with database.transaction() as tx:
        return int(
            await tx.scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
        )


async def test_a_block_that_ends_commits(database: Database) -> None:
    await make_numbers(database)

    async with database.transaction() as tx:
        count = await tx.execute("INSERT INTO numbers VALUES (1), (2)")

    assert (count, await numbers(database)) == (2, [1, 2])


async def test_an_error_rolls_everything_back_and_passes_unchanged(database: Database) -> None:
    await make_numbers(database)

    async def write_and_refuse() -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO numbers VALUES (1)")
            raise NotFound("no such graph")

    with pytest.raises(NotFound, match="no such graph"):
        await write_and_refuse()

    assert await numbers(database) == []
    assert await idle_in_transaction(database) == 0


async def test_cancellation_rolls_back_and_leaves_no_open_transaction(empty_url: str) -> None:
    async with await Database.open(empty_url, pool_size=1, max_overflow=0) as database:
        await make_numbers(database)
        has_written = asyncio.Event()

        async def write_and_wait() -> None:
            async with database.transaction() as tx:
                await tx.execute("INSERT INTO numbers VALUES (1)")
                has_written.set()
                await tx.scalar("SELECT pg_sleep(60)")

        task = asyncio.create_task(write_and_wait())
        await has_written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await numbers(database) == []
        assert database.pool_status().checked_out == 0
    async with await open_database(empty_url) as other:
        assert await idle_in_transaction(other) == 0


async def test_cancellation_between_statements_gives_the_same_connection_back_clean(empty_url: str) -> None:
    async with await Database.open(empty_url, pool_size=1, max_overflow=0) as database:
        await make_numbers(database)
        has_written = asyncio.Event()
        sessions = []

        async def write_and_wait() -> None:
            async with database.transaction() as tx:
                sessions.append(await tx.scalar("SELECT pg_backend_pid()"))
                await tx.execute("INSERT INTO numbers VALUES (1)")
                has_written.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(write_and_wait())
        await has_written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await numbers(database) == []
        async with database.transaction() as tx:
            sessions.append(await tx.scalar("SELECT pg_backend_pid()"))
        assert sessions[0] == sessions[1]


async def test_a_second_cancellation_does_not_interrupt_the_rollback(empty_url: str) -> None:
    async with await Database.open(empty_url, pool_size=1, max_overflow=0) as database:
        await make_numbers(database)
        has_written = asyncio.Event()

        async def write_and_wait() -> None:
            async with database.transaction() as tx:
                await tx.execute("INSERT INTO numbers VALUES (1)")
                has_written.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(write_and_wait())
        await has_written.wait()
        task.cancel()
        asyncio.get_running_loop().call_soon(task.cancel)  # arrives while the rollback is under way
        with pytest.raises(asyncio.CancelledError):
            await task

        assert database.pool_status().checked_out == 0
        assert await numbers(database) == []


async def test_what_the_raw_connection_writes_is_part_of_the_transaction(database: Database) -> None:
    await make_numbers(database)

    async def write_and_refuse() -> None:
        async with database.transaction() as tx:
            await tx.raw.execute("INSERT INTO numbers VALUES (1)")
            raise NotFound("stop")

    with pytest.raises(NotFound):
        await write_and_refuse()

    assert await numbers(database) == []


async def test_callbacks_run_after_the_commit_and_only_then(database: Database) -> None:
    await make_numbers(database)
    said: list[str] = []

    async def refuse() -> None:
        async with database.transaction() as tx:
            tx.after_commit(lambda: said.append("never"))
            raise NotFound("stop")

    async with database.transaction() as tx:
        tx.after_commit(lambda: said.append("first"))
        tx.after_commit(lambda: said.append(f"{database.pool_status().checked_out} in use"))
        assert said == []
    with pytest.raises(NotFound):
        await refuse()

    assert said == ["first", "0 in use"]


async def test_a_commit_that_fails_runs_no_callback_and_is_an_error(database: Database) -> None:
    said: list[str] = []
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE pairs (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")

    async def write_twice() -> None:
        async with database.transaction() as tx:
            tx.after_commit(lambda: said.append("committed"))
            await tx.execute("INSERT INTO pairs VALUES (1), (1)")

    with pytest.raises(DatabaseError) as caught:
        await write_twice()

    assert caught.value.details["sqlstate"] == "23505"
    assert said == []
    assert database.pool_status().checked_out == 0


async def test_the_user_of_a_transaction_does_not_leak_into_the_next_one_on_that_connection(
    empty_url: str,
) -> None:
    alice, bob = new_id(), new_id()
    async with await Database.open(empty_url, pool_size=1, max_overflow=0) as database:
        async with database.transaction() as tx:
            await tx.execute("CREATE TABLE notes (user_id uuid NOT NULL, words text)")
            await tx.execute("ALTER TABLE notes ENABLE ROW LEVEL SECURITY")
            await tx.execute("ALTER TABLE notes FORCE ROW LEVEL SECURITY")
            await tx.raw.execute(
                "CREATE POLICY own ON notes USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid)"
            )
        async with database.transaction(alice) as tx:
            await tx.execute("INSERT INTO notes VALUES (:user, 'hers')", {"user": alice})

        async def seen_by(user: UUID | None) -> list[str]:
            async with database.transaction(user) as tx:
                return list(await tx.scalars("SELECT words FROM notes"))

        assert [await seen_by(user) for user in (alice, bob, None, alice)] == [["hers"], [], [], ["hers"]]
        async with database.transaction(alice) as tx:
            raw = tx.raw
        assert not await raw.fetchval("SELECT current_setting('app.user_id', true)")
        with pytest.raises(DatabaseError) as caught:
            async with database.transaction(bob) as tx:
                await tx.execute("INSERT INTO notes VALUES (:user, 'forged')", {"user": alice})
        assert caught.value.details["sqlstate"] == "42501"


async def test_storage_failures_name_state_and_constraint_but_no_values(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE accounts (email text CONSTRAINT one_account UNIQUE)")

    async def write_twice() -> None:
        async with database.transaction() as tx:
            for _ in range(2):
                await tx.execute("INSERT INTO accounts VALUES (:email)", {"email": "secret@example.org"})

    with pytest.raises(DatabaseError) as caught:
        await write_twice()

    assert caught.value.details == {"sqlstate": "23505", "constraint": "one_account", "table": "accounts"}
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is not None


async def test_the_plain_transaction_lets_the_drivers_error_pass(database: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as caught:
        async with database.database_transaction() as tx:
            await tx.execute("SELECT * FROM nowhere")

    assert not isinstance(caught.value, DatabaseError)
    assert database.pool_status().checked_out == 0


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
                for name in ("application_name", "jit", "transaction_isolation", "fsync", "search_path")
            ]
        raw = await database.connect_raw()
        raw_role = await raw.fetchval("SELECT current_user")
        await raw.close()

    assert (role, raw_role) == ("weft_test_role", "weft_test_role")
    assert shown == ["weft_backend", "off", "read committed", "on", '"public"']


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
