"""A long history, written by the database itself: executions of one node that ended well, or failed now and then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from weft.db.connector import Connector
from weft.db.urls import quote_identifier
from weft.graphs.types import GraphVersion
from weft.users.types import LOCAL_OWNER

FAILED_EVERY = 100
_ROWS = """
CREATE TEMP TABLE past ON COMMIT DROP AS
SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
    now() - interval '1 day' - ($1 - n) * interval '1 second' AS at, n % $2 = 0 AS failed
FROM generate_series(1, $1) n
"""
_EXECUTIONS = """
INSERT INTO executions (id, user_id, graph_id, version_id, graph_version, status, created_at, started_at, ended_at, error, token,
    attempts, seq)
SELECT id, $1, $2, $3, 1, CASE WHEN failed THEN 'failed' ELSE 'completed' END, at, at, at + interval '10 milliseconds',
    CASE WHEN failed THEN '{"code": "BLOCK_ERROR", "message": "it did not work"}'::json END, 1, 1, 2
FROM past
"""
_DATA = """
INSERT INTO execution_data (execution_id, user_id, inputs, given, context) SELECT id, $1, '{}', '{}', '{}' FROM past
"""
_NODES = """
INSERT INTO node_executions (execution_id, user_id, node, index, seq_end, status, outcome, attempt, started_at, ended_at, inputs,
    outputs)
SELECT id, $1, 0, 0, 2, CASE WHEN failed THEN 'failed' ELSE 'completed' END, CASE WHEN failed THEN 'failed' ELSE 'ok' END, 1, at,
    at + interval '10 milliseconds', '[]', '[[1,0,1]]'
FROM past
"""
TABLES = ("executions", "execution_data", "node_executions")


async def fill(url: str, version: GraphVersion, executions: int, *, schema: str) -> None:
    """Write so many ended executions of a graph, each with its data and its firing, and look through them once."""
    connection = await Connector.to(url, role="weft_owner", schema=schema).connect()
    try:
        async with connection.transaction(), _without_references(connection):
            await connection.execute(_ROWS.replace("$1", str(executions)).replace("$2", str(FAILED_EVERY)))
            await connection.execute(_EXECUTIONS, LOCAL_OWNER, version.graph_id, version.id, timeout=None)
            await connection.execute(_DATA, LOCAL_OWNER)
            await connection.execute(_NODES, LOCAL_OWNER)
        for table in TABLES:
            await connection.execute(f"VACUUM ANALYZE {quote_identifier(table)}")  # as the server would do by and by
    finally:
        await connection.close()


@asynccontextmanager
async def _without_references(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """Do without foreign keys for the length of the block: what is written there refers to what is there."""
    keys = await connection.fetch(_REFERENCES, list(TABLES))
    for table, name, _ in keys:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in keys:
        await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")


async def buffers(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> int:
    """Return how many buffers of the schema's tables and indexes have been looked at so far, by all."""
    return int(await connection.fetchval(_BUFFERS, schema))


_REFERENCES = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) t)
"""
_BUFFERS = """
SELECT sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0))::bigint
FROM pg_statio_all_tables WHERE schemaname = $1
"""
