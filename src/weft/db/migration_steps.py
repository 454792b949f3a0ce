"""What migrations have in common.

Released migrations rely on these: what a step does to a schema never changes. Another wish is another step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import op


@contextmanager
def as_owner() -> Iterator[None]:
    """Have the statements of the block run in the role that owns the schema."""
    op.execute("SET LOCAL ROLE weft_owner")
    yield
    op.execute("RESET ROLE")


def run_statements(migration: str) -> None:
    """Run what the `.sql` file beside a migration's own says; its statements are separated by blank lines.

    Args:
        migration: The migration's `__file__`.
    """
    for statement in Path(migration).with_suffix(".sql").read_text().split(";\n\n"):
        op.execute(statement)


def secure_rows(*tables: str, owner: str = "user_id", check: str | None = None) -> None:
    """Have each user see and write nothing but her own rows of these tables; the engine's role sees all.

    Args:
        tables: Their names.
        owner: The column that says whose a row is.
        check: What else holds for a row that the role of the API writes, as SQL.
    """
    mine = f"{owner} = (SELECT current_app_user())"
    written = f" WITH CHECK ({mine} AND {check})" if check else ""
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO weft_owner USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY own_rows ON {table} TO weft_api USING ({mine}){written}")
        op.execute(f"CREATE POLICY worker_all ON {table} TO weft_worker USING (true) WITH CHECK (true)")


def make_index(name: str, on: str) -> None:
    """Make an index beside running work; what the migration did before it is committed.

    Args:
        name: Of the index.
        on: Table, columns and condition, as SQL.
    """
    with op.get_context().autocommit_block():
        op.execute("SET ROLE weft_owner")
        op.execute(f"DROP INDEX IF EXISTS {name}")  # half made, where an attempt broke off
        op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {on}")
        op.execute("RESET ROLE")
