"""What runs say while they run, and what was measured of them."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# The log of a run also tells which firings failed; among a million that did not they must be found at once.
_FAILED = "idx_node_executions_failed ON node_executions (execution_id, seq_end) WHERE error IS NOT NULL"


def upgrade() -> None:
    """Make the index, beside running work, and the tables; their statements stand in the file beside this one."""
    with op.get_context().autocommit_block():
        op.execute("SET ROLE weft_owner")
        op.execute("DROP INDEX IF EXISTS idx_node_executions_failed")  # half made, where an attempt broke off
        op.execute(f"CREATE INDEX CONCURRENTLY {_FAILED}")
        op.execute("RESET ROLE")
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n\n"):
        op.execute(statement)
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Drop all lines and measured values; the journals they stood beside stay whole."""
    op.execute("SET LOCAL ROLE weft_owner")
    op.execute("DROP INDEX idx_node_executions_failed")
    for table in ("execution_logs", "execution_metrics"):
        op.execute(f"DROP TABLE {table}")
    op.execute("RESET ROLE")
