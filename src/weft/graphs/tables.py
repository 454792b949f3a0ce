"""Tables of graphs: the head (graph, nodes, links), which edits change, and versions, which nothing changes.

`docs/design/graphs.md` says which documented index is which of these. Every table carries its owner, so that
one rule of row-level security serves all.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from weft.db.base import Base

_NOW = text("now()")
_EMPTY = text("'{}'")
_ID = String(64)
_PIN = String(500)


class GraphRow(Base):
    """The head of a graph: its draft's name and settings, and which versions exist.

    `version` is the latest saved number, 0 before the first save. `revision` counts changes of the draft.
    `source`, `source_key` and `source_hash` remember the file that a graph was made from.
    """

    __tablename__ = "graphs"
    __table_args__ = (
        Index("idx_graphs_user_id", "user_id"),
        Index(
            "idx_graphs_user_id_active",
            "user_id",
            "updated_at",
            "id",
            postgresql_where=text("is_active AND deleted_at IS NULL"),
        ),
        Index("idx_graphs_template", "updated_at", postgresql_where=text("is_template AND deleted_at IS NULL")),
        Index("idx_graphs_created_at", "created_at"),
        Index("idx_graphs_user_version", "user_id", "version"),
        Index(
            "uq_graphs_source",
            "user_id",
            "source",
            "source_key",
            unique=True,
            postgresql_where=text("source IS NOT NULL AND deleted_at IS NULL"),
        ),
        CheckConstraint("version >= 0", name="version"),
        CheckConstraint("active_version BETWEEN 1 AND version", name="active_version"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("char_length(description) <= 500", name="description"),
        CheckConstraint("(source IS NULL) = (source_key IS NULL)", name="source"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE", name="fk_graph_user"))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    active_version: Mapped[int | None] = mapped_column(Integer)
    is_pinned: Mapped[bool] = mapped_column(server_default=false())
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    is_template: Mapped[bool] = mapped_column(server_default=false())
    source: Mapped[str | None] = mapped_column(Text)
    source_key: Mapped[str | None] = mapped_column(Text)
    source_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    deleted_at: Mapped[datetime | None] = mapped_column()


class NodeRow(Base):
    """One node of a draft. Its id is the author's and means something only inside its graph."""

    __tablename__ = "nodes"
    __table_args__ = (CheckConstraint("char_length(label) BETWEEN 1 AND 100", name="label"),)

    graph_id: Mapped[UUID] = mapped_column(
        ForeignKey("graphs.id", ondelete="CASCADE", name="fk_node_graph"), primary_key=True
    )
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    """Where the node stands in the file; nothing to do with the canvas."""
    block_id: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(100))
    input_default: Mapped[dict[str, Any]] = mapped_column(JSON, server_default=_EMPTY)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, server_default=_EMPTY)
    policy: Mapped[dict[str, Any]] = mapped_column(JSON, server_default=_EMPTY)


class LinkRow(Base):
    """One link of a draft; both ends are nodes of the same graph, which the composite keys see to."""

    __tablename__ = "links"
    __table_args__ = (
        ForeignKeyConstraint(
            ["graph_id", "source_id"],
            ["nodes.graph_id", "nodes.id"],
            ondelete="CASCADE",
            name="fk_link_source",
        ),
        ForeignKeyConstraint(
            ["graph_id", "sink_id"], ["nodes.graph_id", "nodes.id"], ondelete="CASCADE", name="fk_link_sink"
        ),
        # Also serves the foreign key of the source.
        UniqueConstraint("graph_id", "source_id", "source_name", "sink_id", "sink_name", name="uq_links_graph_id_ends"),
        Index("idx_links_sink_id", "graph_id", "sink_id"),
    )

    graph_id: Mapped[UUID] = mapped_column(
        ForeignKey("graphs.id", ondelete="CASCADE", name="fk_link_graph"), primary_key=True
    )
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    source_id: Mapped[str] = mapped_column(_ID)
    source_name: Mapped[str] = mapped_column(_PIN)
    sink_id: Mapped[str] = mapped_column(_ID)
    sink_name: Mapped[str] = mapped_column(_PIN)
    is_static: Mapped[bool] = mapped_column(server_default=false())
    optional_path: Mapped[bool] = mapped_column(server_default=false())


class GraphVersionRow(Base):
    """A saved state, never changed but for `is_active`; at most one version of a graph is active."""

    __tablename__ = "graph_versions"
    __table_args__ = (
        UniqueConstraint("graph_id", "version", name="uq_graph_versions_graph_id_version"),
        Index("idx_graph_active_version", "graph_id", unique=True, postgresql_where=text("is_active")),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    graph_id: Mapped[UUID] = mapped_column(ForeignKey("graphs.id", ondelete="CASCADE", name="fk_graph_version_graph"))
    user_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(server_default=false())
    content_hash: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
