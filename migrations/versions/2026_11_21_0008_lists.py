"""Lists of executions by status: an index that a run does not touch on its way through the queue to a good end."""

from alembic import op

from weft.db.migration_steps import as_owner, make_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LISTING = """
ALTER TABLE executions ADD COLUMN listing text COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN parent_id IS NULL THEN '' ELSE 'called ' END
    || CASE WHEN status IN ('waiting', 'failed', 'cancelled', 'timeout') THEN status ELSE 'common' END) STORED NOT NULL
"""
_LISTED = """
CREATE INDEX idx_executions_listed
ON executions (user_id, listing, created_at DESC NULLS LAST, id DESC NULLS LAST)
"""
# By its text: taken apart, an error whose message holds a NUL would be refused.
_IS_LOST = """WHERE starts_with(error::text, '{"code":"WORKER_LOST"')"""


def upgrade() -> None:
    """Add the column, which writes the table anew, and make the indexes, that of the firings beside running work."""
    with as_owner():
        op.execute(_LISTING)
        op.execute(_LISTED)
        op.execute(f"CREATE INDEX idx_executions_lost ON executions (user_id, id) {_IS_LOST}")
        op.execute("DROP INDEX idx_executions_user_created")
    make_index("idx_node_executions_lost", f"node_executions (user_id, execution_id) {_IS_LOST}")


def downgrade() -> None:
    """Take it away again; lists by a rare status then read the whole history."""
    with as_owner():
        op.execute("DROP INDEX idx_node_executions_lost")
        op.execute("DROP INDEX idx_executions_lost")
        op.execute("CREATE INDEX idx_executions_user_created ON executions (user_id, created_at DESC, id DESC)")
        op.execute("ALTER TABLE executions DROP COLUMN listing")  # and with it the index
