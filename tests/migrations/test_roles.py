"""What each role may see and do; nobody logs in as one, every connection takes one on."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.migrations.catalogue import Catalogue
from tests.migrations.rows import Version, insert_execution, insert_graph, insert_user
from tests.support.postgres import open_database
from weft.db.database import Database
from weft.db.shared_tables import SHARED_TABLES
from weft.errors import DatabaseError

FORBIDDEN = "42501"
"""SQLSTATE of a missing right, and of a row that a policy refuses."""

JOURNAL = {
    "node_executions": "node, index, user_id, seq_end, status, outcome, attempt, started_at, inputs",
    "node_emissions": "seq_first, user_id, node, index, k_first, attempt, items",
    "execution_events": "seq, user_id, kind",
    "execution_answers": "wait_key, user_id",
    "execution_data": "user_id, inputs, given, context",
    "execution_logs": "seq, user_id, number, level, message, at",
    "execution_metrics": "node, name, user_id, value, unit",
}
VALUES = {
    "node_executions": "0, 0, :user_id, 1, 'completed', 'ok', 1, now(), '[]'",
    "node_emissions": "1, :user_id, 0, 0, 0, 1, '[]'",
    "execution_events": "1, :user_id, 'cancel'",
    "execution_answers": "'key', :user_id",
    "execution_data": ":user_id, '{}', '{}', '{}'",
    "execution_logs": "2, :user_id, 1, 'info', 'line', now()",
    "execution_metrics": "-1, 'firings', :user_id, 1, 'firing'",
}


@dataclass(frozen=True)
class Person:
    """A user with a row in every table that holds users' rows."""

    id: UUID
    version: Version
    execution: UUID


async def make_person(owner: Database, email: str) -> Person:
    async with owner.transaction() as tx:
        user_id = await insert_user(tx, email)
        version = await insert_graph(tx, user_id)
        execution = await insert_execution(tx, version)
        own = {"user_id": user_id, "execution": execution, "graph": version.graph_id, "hash": b"1"}
        for table, columns in JOURNAL.items():
            await tx.execute(f"INSERT INTO {table} (execution_id, {columns}) VALUES (:execution, {VALUES[table]})", own)
        for statement in (
            "INSERT INTO nodes (graph_id, id, user_id, position, block_id, label) VALUES (:graph, 'n', :user_id, 0, 'b', 'N')",
            """INSERT INTO links (graph_id, id, user_id, position, source_id, source_name, sink_id, sink_name)
               VALUES (:graph, 'l', :user_id, 0, 'n', 'out', 'n', 'in')""",
            "INSERT INTO payloads (user_id, hash, codec, size, bytes) VALUES (:user_id, :hash, 0, 1, :hash)",
            "INSERT INTO queue (rank, execution_id, user_id) VALUES (1, :execution, :user_id)",
            "INSERT INTO leases (execution_id, worker, token, user_id) VALUES (:execution, 1, 1, :user_id)",
            "INSERT INTO timers (run_at, execution_id, wait_key, user_id) VALUES (now(), :execution, 'key', :user_id)",
            "INSERT INTO files (id, user_id, size) VALUES (:execution, :user_id, 1)",  # which makes the row of its usage
            "INSERT INTO file_pieces (file_id, number, user_id, bytes) VALUES (:execution, 0, :user_id, :hash)",
            "INSERT INTO concurrency_limits (id, user_id, per_key, most) VALUES (:execution, :user_id, true, 1)",
            """INSERT INTO held (execution_id, user_id, graph_id, key, priority, place)
               VALUES (:execution, :user_id, :graph, '', 0, 1)""",
            """INSERT INTO start_keys (user_id, request_key, request_hash, execution_id)
               VALUES (:user_id, 'key', :hash, :execution)""",
        ):
            await tx.execute(statement, {key: own[key] for key in own if f":{key}" in statement})
        return Person(user_id, version, execution)


@pytest.fixture
async def people(owner: Database) -> tuple[Person, Person]:
    """Two users with rows everywhere."""
    return await make_person(owner, "ada@example.com"), await make_person(owner, "bob@example.com")


async def refused(database: Database, statement: str, user_id: UUID | None = None, **values: Any) -> bool:
    """Return whether the role has no right to do this."""
    try:
        async with database.transaction(user_id) as tx:
            await tx.execute(statement, values)
    except DatabaseError as error:
        if error.details["sqlstate"] != FORBIDDEN:
            raise
        return True
    return False


async def tables_of_users(catalogue: Catalogue) -> list[str]:
    return [table["name"] for table in await catalogue.tables() if table["secured"]]


def owner_column(table: str) -> str:
    return "id" if table == "users" else "user_id"


async def test_the_api_sees_the_rows_of_its_transactions_user_and_no_others(
    api: Database, catalogue: Catalogue, people: tuple[Person, Person]
) -> None:
    tables = await tables_of_users(catalogue)
    assert len(tables) == len(await catalogue.tables()) - len(SHARED_TABLES) + 1

    for person in people:
        async with api.transaction(person.id) as tx:
            for table in tables:
                seen = await tx.scalars(f"SELECT {owner_column(table)} FROM {table}")
                assert list(seen) == [person.id], table


async def test_without_a_user_the_api_sees_nothing(
    api: Database, catalogue: Catalogue, people: tuple[Person, Person]
) -> None:
    async with api.transaction() as tx:
        for table in await tables_of_users(catalogue):
            assert await tx.scalar(f"SELECT count(*) FROM {table}") == 0, table


async def test_a_transactions_user_does_not_outlive_it(api: Database, people: tuple[Person, Person]) -> None:
    for _ in range(3):  # more than once on each pooled connection
        async with api.transaction(people[0].id) as tx:
            assert await tx.scalar("SELECT count(*) FROM graphs") == 1
        async with api.transaction() as tx:
            assert await tx.scalar("SELECT count(*) FROM graphs") == 0


async def test_the_api_changes_and_deletes_nothing_of_another_user(
    api: Database, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    async with api.transaction(ada.id) as tx:
        for statement in (
            "UPDATE graphs SET name = 'mine' WHERE user_id = :bob",
            "DELETE FROM graph_versions WHERE user_id = :bob",
            "UPDATE executions SET status = 'cancelled' WHERE user_id = :bob",
            "UPDATE users SET name = 'me' WHERE id = :bob",
            "DELETE FROM queue WHERE user_id = :bob",
            "UPDATE files SET size = 0 WHERE user_id = :bob",
            "DELETE FROM files WHERE user_id = :bob",
        ):
            assert await tx.execute(statement, {"bob": bob.id}) == 0, statement


async def test_the_api_writes_no_row_in_the_name_of_another_user(api: Database, people: tuple[Person, Person]) -> None:
    ada, bob = people
    graph = "INSERT INTO graphs (id, user_id, name) VALUES (gen_random_uuid(), :bob, 'test')"

    assert await refused(api, graph, ada.id, bob=bob.id)
    assert await refused(api, graph, None, bob=bob.id)
    assert await refused(api, "UPDATE graphs SET user_id = :bob", ada.id, bob=bob.id)


async def test_the_api_cannot_touch_leases_and_workers(api: Database, people: tuple[Person, Person]) -> None:
    for statement in (
        "DELETE FROM leases",
        "UPDATE leases SET token = token + 1",
        "INSERT INTO leases (execution_id, worker, token, user_id) VALUES (gen_random_uuid(), 1, 1, current_app_user())",
        "DELETE FROM workers",
        "UPDATE workers SET beat = now()",
        "INSERT INTO workers VALUES (1, now(), interval '1 s', now())",
    ):
        assert await refused(api, statement, people[0].id), statement


async def test_the_api_cannot_rewrite_history(api: Database, people: tuple[Person, Person]) -> None:
    for table in ("node_executions", "node_emissions", "execution_events", "execution_answers", "payloads"):
        assert await refused(api, f"DELETE FROM {table}", people[0].id), table
        assert await refused(api, f"UPDATE {table} SET user_id = user_id", people[0].id), table
    assert await refused(api, "DELETE FROM executions", people[0].id)


async def test_the_api_makes_no_accounts_and_removes_none(api: Database, people: tuple[Person, Person]) -> None:
    assert await refused(api, "INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'x@example.com')", people[0].id)
    assert await refused(api, "DELETE FROM users", people[0].id)


@pytest.mark.parametrize("role", ["weft_api", "weft_worker"])
async def test_a_role_makes_and_changes_no_tables(url: str, role: str) -> None:
    async with await open_database(url, role=role) as database:
        for statement in ("CREATE TABLE mine (id int)", "ALTER TABLE graphs DISABLE ROW LEVEL SECURITY"):
            assert await refused(database, statement), statement


async def test_the_worker_sees_all_users_and_changes_no_graph_and_no_account(
    worker: Database, people: tuple[Person, Person]
) -> None:
    async with worker.transaction() as tx:
        assert set(await tx.scalars("SELECT user_id FROM executions")) == {person.id for person in people}

    for table in ("graphs", "graph_versions", "users"):
        assert await refused(worker, f"DELETE FROM {table}"), table
    assert await refused(worker, "UPDATE graphs SET name = 'x'")
    assert await refused(worker, "UPDATE users SET name = 'x'")
    assert await refused(worker, "SELECT * FROM nodes")


async def test_no_role_can_log_in_or_pass_by_row_level_security(catalogue: Catalogue) -> None:
    async with catalogue.database.transaction() as tx:
        roles = await tx.rows(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname IN ('weft_owner', 'weft_api', 'weft_worker')"
        )

    assert len(roles) == 3
    assert not any(any(row[1:]) for row in roles)
