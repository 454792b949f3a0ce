"""Questions to PostgreSQL's own catalogue about one schema."""

from dataclasses import dataclass
from typing import Any

from weft.db.database import Database
from weft.db.urls import quote_identifier

_TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced, r.rolname AS owner
FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema) AND c.relkind IN ('r', 'p') ORDER BY 1
"""
_COLUMNS = """
SELECT table_name, column_name, is_nullable, data_type, character_maximum_length, column_default
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = :schema AND table_type = 'BASE TABLE' ORDER BY 1, 2
"""
_CONSTRAINTS = """
SELECT c.conrelid::regclass::text AS on_table, c.conname, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c WHERE c.connamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema) ORDER BY 1, 2
"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema ORDER BY 1, 2"
_POLICIES = """
SELECT tablename, policyname, permissive, roles::text AS roles, cmd, qual, with_check
FROM pg_policies WHERE schemaname = :schema ORDER BY 1, 2
"""
_GRANTS = """
SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = :schema ORDER BY 1, 2, 3
"""
_IN_SCHEMA = """{0}namespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema)
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {1}.oid AND d.deptype = 'e')"""
_FUNCTIONS = f"""
SELECT p.proname, p.prosecdef, array_to_string(p.proacl, ' ') AS acl, p.prosrc
FROM pg_proc p WHERE {_IN_SCHEMA.format("pro", "p")} ORDER BY 1
"""
_OBJECTS = f"""
SELECT c.relkind::text || ' ' || c.relname AS object FROM pg_class c WHERE {_IN_SCHEMA.format("rel", "c")}
UNION ALL SELECT 'function ' || p.proname FROM pg_proc p WHERE {_IN_SCHEMA.format("pro", "p")}
UNION ALL SELECT 'type ' || t.typname FROM pg_type t
WHERE t.typrelid = 0 AND t.typelem = 0 AND {_IN_SCHEMA.format("typ", "t")}
ORDER BY 1
"""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Catalogue:
    """What one schema of a database holds."""

    database: Database
    schema: str = "public"

    async def tables(self) -> Rows:
        """Return every table with its owner and whether row-level security is on, and forced."""
        return await self._all(_TABLES)

    async def columns(self) -> Rows:
        """Return every column of every table."""
        return await self._all(_COLUMNS)

    async def constraints(self) -> Rows:
        """Return every constraint with its definition."""
        return await self._all(_CONSTRAINTS)

    async def indexes(self) -> Rows:
        """Return every index with its definition."""
        return await self._all(_INDEXES)

    async def policies(self) -> Rows:
        """Return every policy of row-level security."""
        return await self._all(_POLICIES)

    async def grants(self) -> Rows:
        """Return who may do what with which table."""
        return await self._all(_GRANTS)

    async def functions(self) -> Rows:
        """Return every function, whose rights it has and who may call it."""
        return await self._all(_FUNCTIONS)

    async def objects(self) -> list[str]:
        """Return kind and name of everything there is, for schemas that ought to be empty."""
        async with self.database.transaction() as tx:
            return list(await tx.scalars(_OBJECTS, {"schema": self.schema}))

    async def whole(self) -> list[Rows]:
        """Return all of it, without the schema's name, so that two schemas can be compared."""
        parts = [
            await part()
            for part in (
                self.tables,
                self.columns,
                self.constraints,
                self.indexes,
                self.policies,
                self.grants,
                self.functions,
            )
        ]
        return [[self._nameless(row) for row in rows] for rows in parts]

    def _nameless(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the row without the schema's name, which stands before tables and functions, quoted or not."""
        prefixes = (f"{self.schema}.", f"{quote_identifier(self.schema)}.")
        return {key: _without(value, prefixes) if isinstance(value, str) else value for key, value in row.items()}

    async def _all(self, query: str) -> Rows:
        async with self.database.transaction() as tx:
            return [dict(row) for row in await tx.all(query, {"schema": self.schema})]


def _without(text: str, parts: tuple[str, ...]) -> str:
    for part in parts:
        text = text.replace(part, "")
    return text
