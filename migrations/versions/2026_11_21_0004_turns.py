"""Who may run how much at once, who goes first, and starts that are asked for twice."""

from alembic import op

from weft.db.migration_steps import as_owner, run_statements, secure_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    "enqueue_execution",
    "admit_held",
    "next_held",
    "hold_execution",
    "join_queue",
    "full_limit",
    "is_limited",
    "lock_places",
    "places_of",
    "is_queue_full",
    "pass_places_on",
    "apply_limits",
)
# As the first migration made it.
_ENQUEUE = """
CREATE FUNCTION enqueue_execution(execution uuid, owner uuid, at_head boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO queue (rank, execution_id, user_id)
    SELECT CASE WHEN at_head THEN coalesce(head.rank, 0) ELSE greatest(mine.rank, head.rank - 1, 0) + 1 END, execution, owner
    FROM (SELECT (SELECT rank FROM queue ORDER BY rank LIMIT 1) AS rank) head,
         (SELECT (SELECT rank FROM queue WHERE user_id = owner ORDER BY rank DESC LIMIT 1) AS rank) mine
    WHERE current_setting('role') <> 'weft_api' OR owner = nullif(current_setting('app.user_id', true), '')::uuid
$$
"""


def upgrade() -> None:
    """Make what the file beside this one says."""
    with as_owner():
        run_statements(__file__)
        secure_rows("held", "start_keys")
        secure_rows(
            "concurrency_limits", check="(graph_id IS NULL OR EXISTS (SELECT FROM graphs g WHERE g.id = graph_id))"
        )


def downgrade() -> None:
    """Take it away again; what is held back joins the queue, behind its user's last."""
    with as_owner():
        op.execute("DELETE FROM concurrency_limits")  # which admits everything
        op.execute("DROP TRIGGER pass_places_on ON leases")
        op.execute("DROP TRIGGER apply_limits ON concurrency_limits")
        for function in _FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}")
        for table in ("concurrency_limits", "held", "start_keys"):
            op.execute(f"DROP TABLE {table}")
        op.execute("DROP INDEX idx_timers_execution")
        op.execute("ALTER TABLE leases DROP COLUMN limited")
        op.execute("ALTER TABLE queue DROP COLUMN limited, DROP COLUMN priority")
        op.execute("ALTER TABLE executions DROP COLUMN priority, DROP COLUMN key")
        op.execute(_ENQUEUE)
        op.execute("GRANT EXECUTE ON FUNCTION enqueue_execution TO weft_api, weft_worker")
        op.execute("REVOKE EXECUTE ON FUNCTION enqueue_execution FROM PUBLIC")
