"""All SQL of templates: graphs that their owners offer to everybody for copying."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, column, or_, select, table, tuple_

from weft.db.transaction import Transaction
from weft.graphs.repository.heads import GRAPHS
from weft.graphs.repository.versions import VERSIONS
from weft.graphs.types import GraphContent, GraphSummary, Template

_SHOWN = [name for name in GraphSummary.model_fields if name != "saved_version"]

# A view, because row-level security shows a user her own graphs only. It holds the active versions of what is offered,
# never the drafts that somebody works on.
_OFFERED = table(
    "templates",
    *(column(name, GRAPHS.c[name].type) for name in (*_SHOWN, "user_id", "version")),
    column("snapshot", VERSIONS.c.snapshot.type),
)


async def list_templates(
    tx: Transaction, user_id: UUID, *, after: tuple[Any, UUID] | None, limit: int, search: str | None
) -> list[Template]:
    """Return the templates that the user may see, newest first, behind the place `after`: a time and an id."""
    statement = select(*(_OFFERED.c[name] for name in (*_SHOWN, "user_id", "version")))
    if search:
        texts = (_OFFERED.c.name, _OFFERED.c.description)
        statement = statement.where(or_(*(text.icontains(search, autoescape=True) for text in texts)))
    if after is not None:
        place = tuple_(_OFFERED.c.updated_at, _OFFERED.c.id)
        statement = statement.where(place < tuple_(*after, types=[_OFFERED.c.updated_at.type, _OFFERED.c.id.type]))
    ordered = statement.order_by(_OFFERED.c.updated_at.desc(), _OFFERED.c.id.desc())
    return [_template(row, user_id) for row in await tx.all(ordered.limit(limit))]


async def find_template(tx: Transaction, graph_id: UUID, user_id: UUID) -> tuple[Template, GraphContent] | None:
    """Return a template that the user may see, with what a copy of it holds; None if there is none."""
    row = await tx.one_or_none(select(_OFFERED).where(_OFFERED.c.id == graph_id))
    return None if row is None else (_template(row, user_id), GraphContent.model_validate(row["snapshot"]))


def _template(row: RowMapping, user_id: UUID) -> Template:
    shown = {name: row[name] for name in _SHOWN}
    return Template(saved_version=row["version"], is_mine=row["user_id"] == user_id, **shown)
