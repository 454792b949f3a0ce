"""All SQL of saved versions. Callers have checked whose graph it is; every statement names the graph."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import RowMapping, Table, and_, exists, insert, select, update

from weft.db.base import new_id
from weft.db.transaction import Transaction
from weft.graphs.documents import content_hash, to_document
from weft.graphs.tables import GraphRow, GraphVersionRow
from weft.graphs.types import GraphContent, GraphId, GraphVersion, VersionSummary

GRAPHS = cast("Table", GraphRow.__table__)
VERSIONS = cast("Table", GraphVersionRow.__table__)
_SUMMARY = [VERSIONS.c[name] for name in VersionSummary.model_fields]


async def insert_version(tx: Transaction, head: Mapping[str, Any], content: GraphContent) -> GraphVersion:
    """Write the next version of a graph, not active yet. The caller holds the lock of the graph's row."""
    number = head["version"] + 1
    values = {
        "id": new_id(),
        "graph_id": head["id"],
        "user_id": head["user_id"],
        "version": number,
        "content_hash": content_hash(content),
        "snapshot": to_document(content),
    }
    row = await tx.one_or_none(insert(VERSIONS).values(values).returning(VERSIONS))
    await tx.execute(update(GRAPHS).where(GRAPHS.c.id == head["id"]).values(version=number))
    assert row is not None, "an insert without a conflict clause returns its row"
    return as_version(row)


async def switch_active(tx: Transaction, version: GraphVersion) -> GraphVersion:
    """Make a version the only active one of its graph. The caller holds the lock of the graph's row."""
    of_graph = VERSIONS.c.graph_id == version.graph_id
    # In this order: the index allows no second active version for a moment.
    await tx.execute(
        update(VERSIONS).where(of_graph, VERSIONS.c.is_active, VERSIONS.c.id != version.id).values(is_active=False)
    )
    await tx.execute(update(VERSIONS).where(VERSIONS.c.id == version.id).values(is_active=True))
    change = update(GRAPHS).where(GRAPHS.c.id == version.graph_id).values(active_version=version.version)
    await tx.execute(change)
    return version.model_copy(update={"is_active": True})


async def find_version(tx: Transaction, graph_id: UUID, number: int) -> GraphVersion | None:
    """Return one version of a graph; None if there is none of that number."""
    statement = select(VERSIONS).where(VERSIONS.c.graph_id == graph_id, VERSIONS.c.version == number)
    row = await tx.one_or_none(statement)
    return None if row is None else as_version(row)


async def find_by_source(tx: Transaction, user_id: UUID, *, source: str, key: str, hashed: str) -> GraphVersion | None:
    """Return the version that a file's content was remembered as, if that is what was seen there last."""
    statement = (
        select(VERSIONS)
        .join(GRAPHS, and_(GRAPHS.c.id == VERSIONS.c.graph_id, GRAPHS.c.source_hash == VERSIONS.c.content_hash))
        .where(
            GRAPHS.c.user_id == user_id,
            GRAPHS.c.source == source,
            GRAPHS.c.source_key == key,
            GRAPHS.c.source_hash == hashed,
            GRAPHS.c.deleted_at.is_(None),
        )
        .order_by(VERSIONS.c.version.desc())
        .limit(1)
    )
    row = await tx.one_or_none(statement)
    return None if row is None else as_version(row)


async def find_content(tx: Transaction, graph_id: UUID, hashed: str) -> GraphVersion | None:
    """Return the latest version of a graph that has this content; None if none has."""
    statement = (
        select(VERSIONS)
        .where(VERSIONS.c.graph_id == graph_id, VERSIONS.c.content_hash == hashed)
        .order_by(VERSIONS.c.version.desc())
        .limit(1)
    )
    row = await tx.one_or_none(statement)
    return None if row is None else as_version(row)


async def holds_content(tx: Transaction, graph_id: UUID, hashed: str) -> bool:
    """Return whether some version of a graph has this content."""
    statement = select(exists().where(VERSIONS.c.graph_id == graph_id, VERSIONS.c.content_hash == hashed))
    return bool(await tx.scalar(statement))


async def list_versions(tx: Transaction, graph_id: UUID, *, before: int | None, limit: int) -> list[VersionSummary]:
    """Return versions of a graph, latest first, only those with smaller numbers than `before`."""
    statement = select(*_SUMMARY).where(VERSIONS.c.graph_id == graph_id)
    if before is not None:
        statement = statement.where(VERSIONS.c.version < before)
    rows = await tx.all(statement.order_by(VERSIONS.c.version.desc()).limit(limit))
    return [VersionSummary.model_validate(dict(row)) for row in rows]


def as_version(row: RowMapping) -> GraphVersion:
    """Return a row of versions as a value."""
    return GraphVersion(
        id=row["id"],
        graph_id=GraphId(row["graph_id"]),
        version=row["version"],
        is_active=row["is_active"],
        created_at=row["created_at"],
        content_hash=row["content_hash"],
        content=GraphContent.model_validate(row["snapshot"]),
    )
