"""The firings of an execution by the number of their end: what a stream and a replay read is what is new to them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index, beside running work."""
    with op.get_context().autocommit_block():
        op.execute("SET ROLE weft_owner")
        op.execute("DROP INDEX IF EXISTS idx_node_executions_seq")  # half made, where an attempt broke off
        op.execute("CREATE INDEX CONCURRENTLY idx_node_executions_seq ON node_executions (execution_id, seq_end)")
        op.execute("RESET ROLE")


def downgrade() -> None:
    """Drop it; streams and replays then read all firings of an execution each time."""
    op.execute("SET LOCAL ROLE weft_owner")
    op.execute("DROP INDEX idx_node_executions_seq")
    op.execute("RESET ROLE")
