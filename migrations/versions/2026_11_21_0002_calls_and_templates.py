"""Executions that call others, by depth and outermost caller; and the templates that everybody may see."""

from alembic import op

from weft.db.migration_steps import as_owner

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Row-level security shows a user her own graphs only, and must: policies on child rows rely on it. What is offered to all
# is shown by a view instead, with its owner's eyes and only these columns.
_TEMPLATES = """
CREATE VIEW templates WITH (security_barrier) AS
SELECT g.id, g.user_id, g.name, g.description, g.version, g.active_version, g.revision, g.is_active, g.is_template,
    g.created_at, g.updated_at, v.snapshot
FROM graphs g JOIN graph_versions v ON v.graph_id = g.id AND v.is_active
WHERE g.is_template AND g.is_active AND g.deleted_at IS NULL
"""


def upgrade() -> None:
    """Add the columns, the index by which one run finds all it called, and the view."""
    with as_owner():
        op.execute("ALTER TABLE executions ADD COLUMN root_id uuid, ADD COLUMN depth smallint DEFAULT 0 NOT NULL")
        op.execute("CREATE INDEX idx_executions_root ON executions (root_id) WHERE root_id IS NOT NULL")
        op.execute(_TEMPLATES)
        op.execute("GRANT SELECT ON templates TO weft_api")


def downgrade() -> None:
    """Drop them; what was called stays, as runs of its own."""
    with as_owner():
        op.execute("DROP VIEW templates")
        op.execute("ALTER TABLE executions DROP COLUMN root_id, DROP COLUMN depth")
