"""What is known of a worker."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what the file beside this one says."""
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n\n"):
        op.execute(statement)
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Forget it again; the workers stay."""
    op.execute("SET LOCAL ROLE weft_owner")
    op.execute("ALTER TABLE workers DROP CONSTRAINT ck_workers_role, DROP CONSTRAINT ck_workers_slots")
    for column in ("role", "name", "host", "pid", "slots", "started_at", "draining"):
        op.execute(f"ALTER TABLE workers DROP COLUMN {column}")
    op.execute("RESET ROLE")
