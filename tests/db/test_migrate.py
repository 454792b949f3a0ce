"""Migrations run once, whole, in the schema they are told; other versions are refused."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

import weft.db.migrate
from tests.support.postgres import open_database
from weft.db.errors import SchemaAhead, SchemaBehind
from weft.db.migrate import SchemaState, drift, migrate, require_current, schema_state, script_location
from weft.errors import ConfigurationError, DatabaseError

HEADER = """
from alembic import op
import sqlalchemy as sa
revision = {revision!r}
down_revision = {down!r}
"""
MIGRATIONS = {
    "one": """
def upgrade():
    op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
    op.execute("INSERT INTO things VALUES (1, 'first')")


def downgrade():
    op.drop_table("things")
""",
    "two": """
def upgrade():
    options = {"postgresql_concurrently": True, "if_not_exists": True}
    with op.get_context().autocommit_block():
        op.create_index("ix_things_name", "things", ["name"], **options)


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_things_name", postgresql_concurrently=True)
""",
    "three": """
def upgrade():
    op.add_column("things", sa.Column("size", sa.Integer))
    op.execute("SELECT 1 / 0")


def downgrade():
    op.drop_column("things", "size")
""",
}


def write_scripts(folder: Path, *names: str) -> Path:
    """A folder of migrations with our own env.py and the named ones, each after the one before it."""
    folder.mkdir()
    (folder / "versions").mkdir()
    for name in ("env.py", "script.py.mako"):
        (folder / name).write_text((script_location() / name).read_text())
    for name, down in zip(names, (None, *names), strict=False):
        text = HEADER.format(revision=name, down=down) + MIGRATIONS[name]
        (folder / "versions" / f"{name}.py").write_text(text)
    return folder


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return write_scripts(tmp_path / "scripts", "one", "two")


async def things(url: str, schema: str = "public") -> list[str]:
    async with await open_database(url, schema=schema) as database, database.transaction() as tx:
        return list(await tx.scalars("SELECT name FROM things"))


async def test_an_empty_schema_is_brought_to_the_newest_migration(empty_url: str, scripts: Path) -> None:
    before = await schema_state(empty_url, scripts=scripts)
    with pytest.raises(SchemaBehind, match="run: weft migrate"):
        await require_current(empty_url, scripts=scripts)

    after = await migrate(empty_url, scripts=scripts)

    assert before == SchemaState("empty", None, "two")
    assert after == SchemaState("current", "two", "two") == await schema_state(empty_url, scripts=scripts)
    assert await things(empty_url) == ["first"]
    await require_current(empty_url, scripts=scripts)


async def test_schemas_of_one_database_are_migrated_alike_and_apart(empty_url: str, scripts: Path) -> None:
    await migrate(empty_url, schema="Tenant_A", scripts=scripts)

    assert (await schema_state(empty_url, schema="Tenant_A", scripts=scripts)).status == "current"
    assert (await schema_state(empty_url, schema="tenant_b", scripts=scripts)).status == "empty"
    assert (await schema_state(empty_url, scripts=scripts)).status == "empty"
    await migrate(empty_url, schema="tenant_b", scripts=scripts)
    assert await things(empty_url, "Tenant_A") == await things(empty_url, "tenant_b") == ["first"]


async def test_many_that_migrate_at_once_do_it_once(empty_url: str, scripts: Path) -> None:
    states = await asyncio.gather(*(migrate(empty_url, scripts=scripts) for _ in range(4)))

    assert {state.status for state in states} == {"current"}
    assert await things(empty_url) == ["first"]


async def test_it_goes_down_and_up_again(empty_url: str, scripts: Path) -> None:
    await migrate(empty_url, scripts=scripts)

    down = await migrate(empty_url, scripts=scripts, revision="one")
    bottom = await migrate(empty_url, scripts=scripts, revision="base")
    up = await migrate(empty_url, scripts=scripts, revision="one")

    assert [state.at for state in (down, bottom, up)] == ["one", None, "one"]
    assert up.status == "behind"
    with pytest.raises(SchemaBehind, match="at migration one"):
        await require_current(empty_url, scripts=scripts)


async def test_a_newer_schema_is_refused_and_left_alone(empty_url: str, scripts: Path, tmp_path: Path) -> None:
    await migrate(empty_url, scripts=scripts)
    older = write_scripts(tmp_path / "older", "one")

    assert (await schema_state(empty_url, scripts=older)).status == "ahead"
    for refused in (migrate(empty_url, scripts=older), require_current(empty_url, scripts=older)):
        with pytest.raises(SchemaAhead, match="does not know"):
            await refused
    assert (await schema_state(empty_url, scripts=scripts)).status == "current"


async def test_a_migration_that_fails_leaves_the_one_before_it(empty_url: str, tmp_path: Path) -> None:
    failing = write_scripts(tmp_path / "failing", "one", "two", "three")

    with pytest.raises(DatabaseError, match="division by zero"):
        await migrate(empty_url, scripts=failing)

    assert (await schema_state(empty_url, scripts=failing)).at == "two"
    metadata = MetaData()
    Table("things", metadata, Column("id", Integer, primary_key=True), Column("name", String, index=True))
    assert await drift(empty_url, metadata) == []


async def test_drift_between_tables_and_schema_is_named(empty_url: str, scripts: Path) -> None:
    await migrate(empty_url, schema="tenant", scripts=scripts)
    metadata = MetaData()
    Table("things", metadata, Column("id", Integer, primary_key=True), Column("colour", String))

    differences = await drift(empty_url, metadata, schema="tenant")

    assert any("colour" in one for one in differences)
    assert any("ix_things_name" in one for one in differences)
    assert not any("alembic_version" in one for one in differences)


async def test_a_name_that_is_no_schema_is_refused(empty_url: str) -> None:
    for name in ('x"; DROP SCHEMA public; --', "", "pg_mine", "a" * 64, "ünder"):
        with pytest.raises(ConfigurationError, match="cannot be the name of a schema"):
            await migrate(empty_url, schema=name or " ")


def test_the_migrations_lie_in_the_repository_or_beside_the_module() -> None:
    assert (script_location() / "env.py").exists()
    assert script_location().name == "migrations"
    assert weft.db.migrate.__file__ is not None
