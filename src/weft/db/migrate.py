"""Bringing a schema to the program's version, and telling how far it is."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from weft.db.connector import Connector
from weft.db.errors import SchemaAhead, SchemaBehind
from weft.db.failures import STORAGE_FAILURES, storage_error
from weft.db.urls import quote_identifier
from weft.errors import DatabaseError

VERSION_TABLE = "alembic_version"
LOCK_PATIENCE_S = 600.0
POLL_S = 0.05

T = TypeVar("T")


@dataclass(frozen=True)
class SchemaState:
    """How a schema stands to the program.

    Attributes:
        status: `empty`: never migrated; `ahead`: at a migration that this program does not know.
        at: The migration it is at; None while empty.
        head: The newest migration of this program.
    """

    status: Literal["current", "behind", "ahead", "empty"]
    at: str | None
    head: str | None


def script_location() -> Path:
    """Return the folder of the migrations: beside this module when installed, else the repository's."""
    installed = Path(__file__).parent / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


async def migrate(
    url: str, *, schema: str = "public", scripts: Path | None = None, revision: str = "head"
) -> SchemaState:
    """Bring `schema` to `revision`, making the schema if need be; each migration is one transaction.

    Runs under a lock of the database, so that of several starting programs one migrates and the others find
    it done. A migration that fails leaves the schema at the one before it. A migration that cannot run in a
    transaction says so by `with op.get_context().autocommit_block()`.

    Args:
        url: As for `Database.open`; the login needs the right to make what the migrations make.
        schema: Where; other schemas of the same database are neither read nor written.
        scripts: Another folder of migrations.
        revision: Up to which one; an older one than the schema is at goes down to it.

    Returns:
        The state afterwards.

    Raises:
        SchemaAhead: A newer program has migrated it; nothing was changed.
        DatabaseError: A migration failed; the cause is chained.
        DatabaseUnreachable: No connection could be made, or it was lost on the way.
    """
    connector = Connector.to(url, schema=schema)
    work = partial(_migrate, schema=schema, scripts=scripts, revision=revision)
    found = await _run(connector, partial(_state, schema=schema, scripts=scripts))
    if found.status == "current" and revision == "head":
        return found
    async with _lock(connector):
        return await _run(connector, work)


async def schema_state(url: str, *, schema: str = "public", scripts: Path | None = None) -> SchemaState:
    """Tell how `schema` stands to this program's migrations; changes nothing.

    Raises:
        DatabaseUnreachable: No connection could be made.
    """
    return await _run(Connector.to(url, schema=schema), partial(_state, schema=schema, scripts=scripts))


async def require_current(url: str, *, schema: str = "public", scripts: Path | None = None) -> None:
    """Refuse a schema that is not exactly this program's; for servers that Weft does not migrate by itself.

    Raises:
        SchemaBehind: It is older or empty; the sentence names the command that migrates.
        SchemaAhead: It is newer.
    """
    state = await schema_state(url, schema=schema, scripts=scripts)
    if state.status == "ahead":
        raise _ahead(schema, state)
    if state.status != "current":
        raise SchemaBehind(
            f"the schema {schema} is {'empty' if state.at is None else 'at migration ' + state.at}, "
            f"the program needs {state.head}; run: weft migrate",
            at=state.at,
            head=state.head,
        )


async def drift(
    url: str, metadata: MetaData, *, schema: str = "public", ignore: frozenset[str] = frozenset()
) -> list[str]:
    """Return what differs between the migrated `schema` and the tables declared in Python; empty if nothing.

    Each entry is one difference in Alembic's words. Tables named in `ignore` may stand in the schema alone.
    """
    work = partial(_drift, metadata=metadata, ignore=ignore | {VERSION_TABLE})
    return await _run(Connector.to(url, schema=schema), work)


def _config(scripts: Path | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts or script_location()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _state(connection: Connection, *, schema: str, scripts: Path | None) -> SchemaState:
    directory = ScriptDirectory.from_config(_config(scripts))
    head = directory.get_current_head()
    context = MigrationContext.configure(
        connection, opts={"version_table_schema": schema, "version_table": VERSION_TABLE}
    )
    heads = context.get_current_heads()
    if not heads:
        return SchemaState("empty" if head is not None else "current", None, head)
    at = ", ".join(heads)
    if at == head:
        return SchemaState("current", at, head)
    try:
        known = all(directory.get_revision(one) is not None for one in heads)
    except CommandError:
        known = False
    return SchemaState("behind" if known else "ahead", at, head)


def _migrate(connection: Connection, *, schema: str, scripts: Path | None, revision: str) -> SchemaState:
    config = _config(scripts)
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)}"))
    found = _state(connection, schema=schema, scripts=scripts)
    connection.commit()
    if found.status == "ahead":
        raise _ahead(schema, found)
    config.attributes.update(connection=connection, schema=schema)
    directory = ScriptDirectory.from_config(config)
    if found.at is None or revision == "head" or _is_above(directory, found.at, revision):
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)
    return _state(connection, schema=schema, scripts=scripts)


def _is_above(directory: ScriptDirectory, at: str, revision: str) -> bool:
    """Whether `revision` comes after `at`; anything that is no id of a migration (`base`, `-1`) does not."""
    try:
        return at in {script.revision for script in directory.iterate_revisions(revision, "base")}
    except CommandError:
        return False


def _drift(connection: Connection, *, metadata: MetaData, ignore: frozenset[str]) -> list[str]:
    def is_compared(_object: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
        return not (kind == "table" and reflected and name in ignore)

    options = {"include_object": is_compared, "compare_type": True, "compare_server_default": False}
    context = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(context, metadata)]


async def _run(connector: Connector, work: Callable[[Connection], T]) -> T:
    """Run synchronous work of Alembic on a connection of its own, configured as all others are."""
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connector.connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    except STORAGE_FAILURES as error:
        raise storage_error(error) from error
    finally:
        await engine.dispose()


@asynccontextmanager
async def _lock(connector: Connector) -> AsyncIterator[None]:
    """Hold the database's lock for migrating the connector's schema.

    It is tried again and again instead of waited for: a session that waits inside a statement holds a
    snapshot, which CREATE INDEX CONCURRENTLY of the one that migrates would wait for, and both for ever.
    """
    name = f"weft migrate {connector.schema}"
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    connection = await connector.connect()
    try:
        deadline = time.monotonic() + LOCK_PATIENCE_S
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", key):
            if time.monotonic() > deadline:
                raise DatabaseError(
                    f"another process has been migrating the schema {connector.schema} for {LOCK_PATIENCE_S:.0f} s"
                )
            await asyncio.sleep(POLL_S)
        yield
    finally:
        await connection.close()


def _ahead(schema: str, state: SchemaState) -> SchemaAhead:
    return SchemaAhead(
        f"the schema {schema} is at migration {state.at}, which this program does not know: a newer Weft has "
        "migrated it; install that version (its `weft migrate` cannot be undone by an older one)",
        at=state.at,
        head=state.head,
    )
