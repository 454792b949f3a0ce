"""All SQL of the rows of graphs. Every statement names the owner; deleted graphs are not seen."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import RowMapping, Table, and_, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from weft.db.base import new_id
from weft.db.transaction import Transaction
from weft.graphs.repository.parts import EMPTY, read_parts, write_parts
from weft.graphs.tables import GraphRow
from weft.graphs.types import (
    Graph,
    GraphContent,
    GraphCounts,
    GraphId,
    GraphSort,
    GraphSummary,
)

GRAPHS = cast("Table", GraphRow.__table__)

Head = dict[str, Any]
"""A row of `graphs` by column name."""

_SUMMARY = [GRAPHS.c[name] for name in GraphSummary.model_fields if name != "saved_version"]


def _plain(row: RowMapping | None) -> Head | None:
    return None if row is None else {str(name): value for name, value in row.items()}


def _live(user_id: UUID) -> Any:
    return and_(GRAPHS.c.user_id == user_id, GRAPHS.c.deleted_at.is_(None))


async def insert_head(
    tx: Transaction,
    content: GraphContent,
    *,
    user_id: UUID,
    is_template: bool,
) -> Head:
    """Write a new graph with its nodes and links; return its row."""
    values = {
        "id": new_id(),
        "user_id": user_id,
        "name": content.name,
        "description": content.description,
        "is_template": is_template,
    }
    head = _plain(await tx.one_or_none(insert(GRAPHS).values(values).returning(GRAPHS)))
    assert head is not None, "an insert without a conflict clause returns its row"
    await write_parts(tx, head["id"], user_id, EMPTY, content)
    return head


async def claim_source(
    tx: Transaction, content: GraphContent, *, user_id: UUID, source: str, key: str
) -> tuple[Head, bool] | None:
    """Return the graph that was made from a file, its row locked, and whether it was made just now.

    Of several that ask at once one makes the graph, the others wait for its end. None: the graph was deleted
    meanwhile; ask again.
    """
    graph_id = new_id()
    values = {
        "id": graph_id,
        "user_id": user_id,
        "name": content.name,
        "description": content.description,
        "source": source,
        "source_key": key,
    }
    claim = (
        upsert(GRAPHS)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["user_id", "source", "source_key"],
            index_where=text("source IS NOT NULL AND deleted_at IS NULL"),
        )
    )
    made = bool(await tx.execute(claim))
    if made:
        await write_parts(tx, graph_id, user_id, EMPTY, content)
    named = and_(_live(user_id), GRAPHS.c.source == source, GRAPHS.c.source_key == key)
    head = _plain(await tx.one_or_none(select(GRAPHS).where(named).with_for_update()))
    return None if head is None else (head, made)


async def read_head(tx: Transaction, graph_id: UUID, user_id: UUID, *, lock: bool = False) -> Head | None:
    """Return a graph's row; with `lock` nobody else changes it until `tx` ends."""
    statement = select(GRAPHS).where(GRAPHS.c.id == graph_id, _live(user_id))
    return _plain(await tx.one_or_none(statement.with_for_update() if lock else statement))


async def read_content(tx: Transaction, head: Head) -> GraphContent:
    """Return the draft of a graph."""
    nodes, links = await read_parts(tx, head["id"])
    return GraphContent(name=head["name"], description=head["description"], nodes=nodes, links=links)


async def replace_content(tx: Transaction, head: Head, before: GraphContent, after: GraphContent) -> Head:
    """Write what differs between two drafts, count the revision up and return the row.

    The caller holds the row's lock and has read `before` under it.
    """
    await write_parts(tx, head["id"], head["user_id"], before, after)
    changes = {"name": after.name, "description": after.description, "revision": GRAPHS.c.revision + 1}
    return await change_head(tx, head["id"], changes)


async def change_head(tx: Transaction, graph_id: UUID, changes: Mapping[str, Any]) -> Head:
    """Set columns of a graph's row and its time of change; return the row as it is then.

    The time never goes back, so that a list sorted by it shows what was changed last.
    """
    # now() is the start of the transaction, which may lie before a change that was waited for.
    changed = {**changes, "updated_at": func.greatest(GRAPHS.c.updated_at, func.clock_timestamp())}
    statement = update(GRAPHS).where(GRAPHS.c.id == graph_id).values(changed).returning(GRAPHS)
    head = _plain(await tx.one_or_none(statement))
    assert head is not None, "the caller has read and locked the row"
    return head


async def mark_deleted(tx: Transaction, graph_id: UUID) -> None:
    """Take a graph out of sight of every other function here. The caller holds the row's lock."""
    await tx.execute(update(GRAPHS).where(GRAPHS.c.id == graph_id).values(deleted_at=func.now()))


async def list_graphs(
    tx: Transaction,
    user_id: UUID,
    *,
    sort: GraphSort,
    after: tuple[Any, UUID] | None,
    limit: int,
    search: str | None,
    is_template: bool | None,
) -> list[GraphSummary]:
    """Return the user's active graphs behind the place `after`, which is a sort value and an id."""
    column = GRAPHS.c[sort.value]
    place = tuple_(column, GRAPHS.c.id)
    forward = sort is GraphSort.NAME
    statement = select(*_SUMMARY, GRAPHS.c.version).where(_live(user_id), GRAPHS.c.is_active)
    if is_template is not None:
        statement = statement.where(GRAPHS.c.is_template == is_template)
    if search:
        statement = statement.where(
            or_(
                GRAPHS.c.name.icontains(search, autoescape=True),
                GRAPHS.c.description.icontains(search, autoescape=True),
            )
        )
    if after is not None:
        bound = tuple_(*after, types=[column.type, GRAPHS.c.id.type])
        statement = statement.where(place > bound if forward else place < bound)
    order = (column, GRAPHS.c.id) if forward else (column.desc(), GRAPHS.c.id.desc())
    rows = await tx.all(statement.order_by(*order).limit(limit))
    return [_summary(row) for row in rows]


def _summary(row: RowMapping) -> GraphSummary:
    named = {name: row[name] for name in GraphSummary.model_fields if name != "saved_version"}
    return GraphSummary(saved_version=row["version"], **named)


async def count_graphs(tx: Transaction, user_id: UUID) -> GraphCounts:
    """Return how many graphs the user has, in all and by kind."""
    counts = select(
        func.count().label("total"),
        func.count().filter(GRAPHS.c.is_active).label("active"),
        func.count().filter(GRAPHS.c.is_template).label("templates"),
    ).where(_live(user_id))
    row = await tx.one_or_none(counts)
    return GraphCounts.model_validate(dict(row or {}))


def as_graph(head: Head, content: GraphContent, *, version: int | None = None) -> Graph:
    """Return a graph's row and a content of it as one value; without a version that is the draft."""
    return Graph(
        **dict(content),
        id=GraphId(head["id"]),
        user_id=head["user_id"],
        version=version or max(head["version"], 1),
        saved_version=head["version"],
        active_version=head["active_version"],
        is_pinned=head["is_pinned"],
        revision=head["revision"],
        is_active=head["is_active"],
        is_template=head["is_template"],
        created_at=head["created_at"],
        updated_at=head["updated_at"],
    )
