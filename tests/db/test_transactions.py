"""Transactions end clean, whatever ends them; what fails is typed."""

import asyncio
from uuid import UUID

import pytest

from tests.db.numbers import idle_in_transaction, make_numbers, numbers
from tests.support.postgres import open_database
from weft.db.base import new_id
from weft.db.database import Database
from weft.errors import DatabaseError, DatabaseUnreachable, NotFound


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


async def test_a_connection_lost_on_the_way_is_told_as_such_and_the_pool_goes_on(database: Database) -> None:
    await make_numbers(database)

    async def lose() -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO numbers VALUES (1)")
            async with database.transaction() as other:
                await other.scalar("SELECT pg_terminate_backend(:pid)", {"pid": tx.raw.get_server_pid()})
            await tx.scalar("SELECT pg_sleep(60)")

    with pytest.raises(DatabaseUnreachable, match="lost"):
        await lose()

    assert await numbers(database) == []
    assert database.pool_status().checked_out == 0


async def test_the_plain_transaction_lets_the_drivers_error_pass(database: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as caught:
        async with database.database_transaction() as tx:
            await tx.execute("SELECT * FROM nowhere")

    assert not isinstance(caught.value, DatabaseError)
    assert database.pool_status().checked_out == 0


async def test_a_failed_statement_that_was_passed_over_is_told_at_the_end(database: Database) -> None:
    await make_numbers(database)

    async def write_and_pass_over() -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO numbers VALUES (1)")
            with pytest.raises(Exception, match="division by zero"):
                await tx.scalar("SELECT 1 / 0")

    with pytest.raises(DatabaseError, match="rolled it back"):
        await write_and_pass_over()

    assert await numbers(database) == []


async def test_connections_lost_while_they_lay_in_the_pool_are_replaced_unseen(empty_url: str) -> None:
    async with await Database.open(empty_url, pool_size=3, max_overflow=0) as database:
        async with database.transaction() as one, database.transaction() as two, database.transaction() as three:
            pids = [tx.raw.get_server_pid() for tx in (one, two, three)]
        async with await open_database(empty_url) as other, other.transaction() as tx:
            await tx.scalars(
                "SELECT pg_terminate_backend(pid, 5000) FROM unnest(CAST(:pids AS int[])) pid", {"pids": pids}
            )

        await make_numbers(database)

        assert await numbers(database) == []
