"""The first schema: users, graphs, the engine's journal and dispatch; roles and row-level security."""

from alembic import op

from weft.db.migration_steps import as_owner, run_statements, secure_rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "node_executions",
    "node_emissions",
    "execution_events",
    "execution_answers",
    "execution_data",
    "payloads",
    "queue",
    "leases",
    "timers",
    "workers",
    "executions",
    "graph_versions",
    "links",
    "nodes",
    "graphs",
    "users",
)

# What hangs below another row belongs to the same user: without this a role that may write its own rows could hang them below
# somebody else's. execution_data needs no such check: its row is written with the execution, and there is one per execution.
_OF_ITS_GRAPH = "EXISTS (SELECT FROM graph_versions v WHERE v.id = version_id AND v.graph_id = executions.graph_id)"


def upgrade() -> None:
    """Make everything; the statements stand in the file beside this one."""
    run_statements(__file__)
    with as_owner():
        secure_rows(
            "execution_data", "graphs", "leases", "node_emissions", "node_executions", "payloads", "queue", "timers"
        )
        secure_rows("users", owner="id")
        secure_rows("graph_versions", "nodes", "links", check="EXISTS (SELECT FROM graphs g WHERE g.id = graph_id)")
        secure_rows(
            "execution_events", "execution_answers", check="EXISTS (SELECT FROM executions e WHERE e.id = execution_id)"
        )
        secure_rows("executions", check=_OF_ITS_GRAPH)


def downgrade() -> None:
    """Drop everything but the roles, which other schemas of the server may use."""
    with as_owner():
        op.execute("DROP FUNCTION enqueue_execution")
        for table in _TABLES:
            op.execute(f"DROP TABLE {table}")
        op.execute("DROP FUNCTION current_app_user")
