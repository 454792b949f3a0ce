"""What runs say while they run, and what was measured of them."""

from alembic import op

from weft.db.migration_steps import as_owner, make_index, run_statements, secure_rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# The log of a run also tells which firings failed; among a million that did not they must be found at once.
_FAILED = "node_executions (execution_id, seq_end) WHERE error IS NOT NULL"


def upgrade() -> None:
    """Make the index, beside running work, and the tables; their statements stand in the file beside this one."""
    make_index("idx_node_executions_failed", _FAILED)
    with as_owner():
        run_statements(__file__)
        secure_rows("execution_logs", "execution_metrics")


def downgrade() -> None:
    """Drop all lines and measured values; the journals they stood beside stay whole."""
    with as_owner():
        op.execute("DROP INDEX idx_node_executions_failed")
        for table in ("execution_logs", "execution_metrics"):
            op.execute(f"DROP TABLE {table}")
