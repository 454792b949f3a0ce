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
    """Take it away again."""
    op.execute("SET LOCAL ROLE weft_owner")
    op.execute("RESET ROLE")
