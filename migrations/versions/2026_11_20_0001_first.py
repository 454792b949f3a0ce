"""The first schema: users, graphs, the engine's journal and dispatch; roles and row-level security."""

from pathlib import Path

from alembic import op

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


def upgrade() -> None:
    """Make everything; the statements stand in the file beside this one."""
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n\n"):
        op.execute(statement)
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Drop everything but the roles, which other schemas of the server may use."""
    op.execute("SET LOCAL ROLE weft_owner")
    op.execute("DROP FUNCTION enqueue_execution")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION current_app_user")
    op.execute("RESET ROLE")
