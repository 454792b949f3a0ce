"""Stored files: each content of a user once, in pieces of a megabyte, and how much room they take."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the statements stand in the file beside this one."""
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n\n"):
        op.execute(statement)
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Drop the files and all that is in them; values that refer to one lead nowhere from then on."""
    op.execute("SET LOCAL ROLE weft_owner")
    for table in ("file_pieces", "files", "file_usage"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION count_file_bytes")
    op.execute("RESET ROLE")
