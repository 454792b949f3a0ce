"""All SQL of nodes and links of drafts. Callers have checked whose graph it is."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, String, Table, any_, delete, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from weft.db.transaction import Transaction
from weft.graphs.tables import LinkRow, NodeRow
from weft.graphs.types import GraphContent, Link, Node

NODES = cast("Table", NodeRow.__table__)
LINKS = cast("Table", LinkRow.__table__)
EMPTY = GraphContent(name="empty")

_NODE_FIELDS = ("id", "block_id", "label", "input_default", "metadata", "policy")
_LINK_FIELDS = ("id", "source_id", "source_name", "sink_id", "sink_name", "is_static", "optional_path")

Row = dict[str, Any]
Part = TypeVar("Part", Node, Link)


async def read_parts(tx: Transaction, graph_id: UUID) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    """Return the nodes and links of a draft in their order, in two statements whatever its size."""
    nodes = await tx.rows(
        select(*(NODES.c[name] for name in _NODE_FIELDS)).where(NODES.c.graph_id == graph_id).order_by(NODES.c.position)
    )
    links = await tx.rows(
        select(*(LINKS.c[name] for name in _LINK_FIELDS)).where(LINKS.c.graph_id == graph_id).order_by(LINKS.c.position)
    )
    return (
        tuple(Node(**dict(zip(_NODE_FIELDS, row, strict=True))) for row in nodes),
        tuple(Link(**dict(zip(_LINK_FIELDS, row, strict=True))) for row in links),
    )


async def write_parts(
    tx: Transaction, graph_id: UUID, user_id: UUID, before: GraphContent, after: GraphContent
) -> None:
    """Turn the stored nodes and links of `before` into those of `after`; touch only what differs."""
    old_nodes, new_nodes = _rows(before.nodes, _node_row), _rows(after.nodes, _node_row)
    old_links, new_links = _rows(before.links, _link_row), _rows(after.links, _link_row)
    changed_nodes, changed_links = _changed(old_nodes, new_nodes), _changed(old_links, new_links)
    # Changed links are taken out first: two that swap their ends would meet in the unique index.
    stale = [id for id in old_links if id not in new_links or id in changed_links]
    if stale:
        await tx.execute(delete(LINKS).where(LINKS.c.graph_id == graph_id, LINKS.c.id == _any(stale)))
    gone = [id for id in old_nodes if id not in new_nodes]
    if gone:
        await tx.execute(delete(NODES).where(NODES.c.graph_id == graph_id, NODES.c.id == _any(gone)))
    owner = {"graph_id": graph_id, "user_id": user_id}
    if changed_nodes:
        fresh = upsert(NODES)
        columns = {name: fresh.excluded[name] for name in (*_NODE_FIELDS[1:], "position")}
        statement = fresh.on_conflict_do_update(index_elements=["graph_id", "id"], set_=columns)
        await tx.execute(statement, [owner | row for row in changed_nodes.values()])
    if changed_links:
        await tx.execute(insert(LINKS), [owner | row for row in changed_links.values()])


def _node_row(at: int, node: Node) -> Row:
    return {
        "position": at,
        "id": node.id,
        "block_id": node.block_id,
        "label": node.label,
        "input_default": node.input_default,
        "metadata": node.metadata,
        "policy": node.policy.model_dump(exclude_none=True),
    }


def _link_row(at: int, link: Link) -> Row:
    return {"position": at, **link.model_dump()}


def _rows(parts: Iterable[Part], make: Callable[[int, Part], Row]) -> dict[str, Row]:
    return {part.id: make(at, part) for at, part in enumerate(parts)}


def _changed(old: dict[str, Row], new: dict[str, Row]) -> dict[str, Row]:
    # As text, for 1, 1.0 and true are equal in Python and so are objects with their keys in another order.
    return {id: row for id, row in new.items() if id not in old or orjson.dumps(old[id]) != orjson.dumps(row)}


def _any(ids: list[str]) -> Any:
    return any_(literal(ids, ARRAY(String)))
