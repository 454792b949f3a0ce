"""The firings of an execution by the number of their end: what a stream and a replay read is what is new to them."""

from alembic import op

from weft.db.migration_steps import as_owner, make_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index, beside running work."""
    make_index("idx_node_executions_seq", "node_executions (execution_id, seq_end)")


def downgrade() -> None:
    """Drop it; streams and replays then read all firings of an execution each time."""
    with as_owner():
        op.execute("DROP INDEX idx_node_executions_seq")
