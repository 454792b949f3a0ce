"""What is known of a worker."""

from alembic import op

from weft.db.migration_steps import as_owner, run_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what the file beside this one says."""
    with as_owner():
        run_statements(__file__)


def downgrade() -> None:
    """Forget it again; the workers stay."""
    with as_owner():
        op.execute("ALTER TABLE workers DROP CONSTRAINT ck_workers_role, DROP CONSTRAINT ck_workers_slots")
        for column in ("role", "name", "host", "pid", "slots", "started_at", "draining"):
            op.execute(f"ALTER TABLE workers DROP COLUMN {column}")
