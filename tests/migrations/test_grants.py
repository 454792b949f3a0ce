"""What the roles may not do even with rows that are their own."""

from tests.migrations.test_roles import Person, people, refused  # noqa: F401
from weft.db.database import Database

SECRETS = ("password_hash", "integrations", "email", "stripe_customer_id", "metadata", "preferences")
EVENT = "INSERT INTO execution_events (execution_id, seq, user_id, kind) VALUES (:execution, 99, :me, 'cancel')"
ANSWER = "INSERT INTO execution_answers (execution_id, wait_key, user_id, data) VALUES (:execution, 'new', :me, '1')"
NODE = "INSERT INTO nodes (graph_id, id, user_id, position, block_id, label) VALUES (:graph, 'new', :me, 1, 'b', 'N')"
VERSION = """
INSERT INTO graph_versions (id, graph_id, user_id, version, content_hash, snapshot)
VALUES (gen_random_uuid(), :graph, :me, 9, 'hash', '{}')
"""
RUN = """
INSERT INTO executions (id, user_id, graph_id, version_id, graph_version)
VALUES (gen_random_uuid(), :me, :graph, :version, 1)
"""

PIECE = "INSERT INTO file_pieces (file_id, number, user_id, bytes) VALUES (:execution, 1, :me, 'x')"


async def test_the_worker_reads_no_secret_of_a_user(worker: Database) -> None:
    for column in SECRETS:
        assert await refused(worker, f"SELECT {column} FROM users"), column
    assert not await refused(worker, "SELECT id, name, timezone, locale FROM users")


async def test_the_api_hangs_nothing_below_what_belongs_to_another_user(
    api: Database,
    people: tuple[Person, Person],  # noqa: F811
) -> None:
    ada, bob = people
    for statement in (EVENT, ANSWER, NODE, VERSION, RUN, PIECE):
        for other, expected in ((bob, True), (ada, False)):
            given = {"execution": other.execution, "graph": other.version.graph_id, "version": other.version.id}
            used = {name: value for name, value in given.items() if f":{name}" in statement}
            assert await refused(api, statement, ada.id, me=ada.id, **used) is expected, statement


async def test_the_api_queues_nothing_in_the_name_of_another_user(
    api: Database,
    owner: Database,
    people: tuple[Person, Person],  # noqa: F811
) -> None:
    ada, bob = people
    async with owner.transaction() as tx:
        await tx.execute("DELETE FROM queue")
    async with api.transaction(ada.id) as tx:
        await tx.scalar("SELECT enqueue_execution(:id, :user, true)", {"id": bob.execution, "user": bob.id})
        await tx.scalar("SELECT enqueue_execution(:id, :user, true)", {"id": ada.execution, "user": ada.id})

    async with owner.transaction() as tx:
        assert list(await tx.scalars("SELECT user_id FROM queue")) == [ada.id]


async def test_the_api_gives_nobody_a_role_and_changes_no_version_and_no_price(
    api: Database,
    people: tuple[Person, Person],  # noqa: F811
) -> None:
    for statement in (
        "UPDATE users SET role = 'admin'",
        "UPDATE users SET email = 'x@example.com'",
        "UPDATE graph_versions SET snapshot = '{}'",
        "UPDATE executions SET cost_micro = 0",
        "UPDATE executions SET worker = 1",
        "UPDATE executions SET user_id = user_id",
    ):
        assert await refused(api, statement, people[0].id), statement


async def test_what_a_file_holds_and_how_much_room_files_take_is_changed_by_nobody(
    api: Database,
    worker: Database,
    people: tuple[Person, Person],  # noqa: F811
) -> None:
    for database in (api, worker):
        for statement in (
            "UPDATE file_pieces SET bytes = 'y'",
            "DELETE FROM file_pieces",
            "UPDATE files SET user_id = user_id",
            "UPDATE file_usage SET bytes = 0",
            "DELETE FROM file_usage",
        ):
            assert await refused(database, statement, people[0].id), statement
