"""SQL of graphs that are named by others, so that nobody has looked whose they are."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, and_, case, cast, column, func, literal, null, or_, select

from weft.db.transaction import Transaction
from weft.graphs.repository.versions import GRAPHS, VERSIONS, as_version
from weft.graphs.types import GraphVersion


class Callee(NamedTuple):
    """A version that was asked for.

    Attributes:
        wanted: The graph's id and the number asked for; None for the active version.
        size: Bytes of its content.
        version: None if there was no room for it.
    """

    wanted: tuple[UUID, int | None]
    size: int
    version: GraphVersion | None


async def find_callees(
    tx: Transaction, user_id: UUID, wanted: Sequence[tuple[UUID, int | None]], *, room: int
) -> list[Callee]:
    """Return those of the versions that this user has, in the order given; contents beyond `room` bytes are not read."""
    ids = literal([graph_id for graph_id, _ in wanted], ARRAY(Uuid()))
    numbers = literal([number for _, number in wanted], ARRAY(Integer()))
    asked = (
        func.unnest(ids, numbers)
        .table_valued(column("graph_id", Uuid()), column("number", Integer()), with_ordinality="place")
        .render_derived(name="asked")
    )
    size = func.octet_length(cast(VERSIONS.c.snapshot, Text))
    sum_so_far = func.sum(size).over(order_by=asked.c.place, rows=(None, 0))
    number = asked.c.number
    is_asked = or_(VERSIONS.c.version == number, and_(number.is_(None), VERSIONS.c.is_active))
    statement = (
        select(
            number.label("number"),
            size.label("size"),
            *(one for one in VERSIONS.c if one is not VERSIONS.c.snapshot),
            case((sum_so_far <= room, VERSIONS.c.snapshot), else_=null()).label("snapshot"),
        )
        .select_from(asked)
        .join(GRAPHS, GRAPHS.c.id == asked.c.graph_id)
        .join(VERSIONS, and_(VERSIONS.c.graph_id == asked.c.graph_id, is_asked))
        .where(GRAPHS.c.user_id == user_id, GRAPHS.c.deleted_at.is_(None))
        .order_by(asked.c.place)
    )
    return [
        Callee((row["graph_id"], row["number"]), row["size"], None if row["snapshot"] is None else as_version(row))
        for row in await tx.all(statement)
    ]
