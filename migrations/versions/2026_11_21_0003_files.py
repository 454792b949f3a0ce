"""Stored files: each content of a user once, in pieces of a megabyte, and how much room they take."""

from alembic import op

from weft.db.migration_steps import as_owner, run_statements, secure_rows

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the statements stand in the file beside this one."""
    with as_owner():
        run_statements(__file__)
        secure_rows("files", "file_usage")
        secure_rows("file_pieces", check="EXISTS (SELECT FROM files f WHERE f.id = file_id)")


def downgrade() -> None:
    """Drop the files and all that is in them; values that refer to one lead nowhere from then on."""
    with as_owner():
        for table in ("file_pieces", "files", "file_usage"):
            op.execute(f"DROP TABLE {table}")
        op.execute("DROP FUNCTION count_file_bytes")
