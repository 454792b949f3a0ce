"""What runs say while they run, and what was measured of them."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
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
