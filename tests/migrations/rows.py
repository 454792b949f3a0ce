"""Rows with every NOT NULL column filled, and nothing more."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from weft.db.base import new_id
from weft.db.transaction import Transaction

_VERSION = """
INSERT INTO graph_versions (id, graph_id, user_id, version, content_hash, snapshot)
VALUES (:id, :graph_id, :user_id, 1, 'hash', '{}')
"""
_EXECUTION = """
INSERT INTO executions (id, user_id, graph_id, version_id, graph_version) VALUES (:id, :user_id, :graph_id, :version_id, 1)
"""


@dataclass(frozen=True)
class Version:
    """A saved version and where it belongs."""

    id: UUID
    graph_id: UUID
    user_id: UUID


async def insert_user(tx: Transaction, email: str) -> UUID:
    """Insert a user and return the id."""
    id = new_id()
    await tx.execute("INSERT INTO users (id, email) VALUES (:id, :email)", {"id": id, "email": email})
    return id


async def insert_graph(tx: Transaction, user_id: UUID) -> Version:
    """Insert a graph with one version."""
    version = Version(new_id(), new_id(), user_id)
    graph = {"id": version.graph_id, "user_id": user_id}
    await tx.execute("INSERT INTO graphs (id, user_id, name, version) VALUES (:id, :user_id, 'test', 1)", graph)
    await tx.execute(_VERSION, {"id": version.id, "graph_id": version.graph_id, "user_id": user_id})
    return version


async def insert_execution(tx: Transaction, version: Version, **columns: Any) -> UUID:
    """Insert an execution of the version; `columns` are set in the same statement's transaction, by an update."""
    id = new_id()
    values = {"id": id, "user_id": version.user_id, "graph_id": version.graph_id, "version_id": version.id}
    await tx.execute(_EXECUTION, values)
    if columns:
        names = ", ".join(f"{name} = :{name}" for name in columns)
        await tx.execute(f"UPDATE executions SET {names} WHERE id = :id", {"id": id, **columns})
    return id
