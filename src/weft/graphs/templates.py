"""Use cases of copying: templates, which everybody may copy, and clones, which are graphs of one's own.

A clone keeps the ids of nodes and links, which mean something only inside of a graph. Secrets are never copied,
not even from one's own graph: what was left out is told.
"""

from dataclasses import dataclass
from uuid import UUID

from weft.db.transaction import Transaction
from weft.graphs.cursors import read_cursor, write_cursor
from weft.graphs.documents import content_from
from weft.graphs.errors import GraphNotFound, VersionNotFound
from weft.graphs.limits import DEFAULT_LIMITS, GraphLimits
from weft.graphs.repository import templates
from weft.graphs.secrets import strip_secrets
from weft.graphs.service import (
    LARGEST_PAGE,
    PAGE,
    change_settings,
    create_graph,
    find_graph,
    get_graph,
    get_version,
    save_graph,
)
from weft.graphs.types import Graph, GraphContent, GraphSort, GraphVersion, Template
from weft.sdk.catalog import Catalog

_LONGEST_NAME = 100
_COPY = " (copy)"


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """Some templates, newest first; `next` is the cursor of those after them, None after the last."""

    items: tuple[Template, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Clone:
    """A graph made from another: its version 1, and the places whose secrets were not copied.

    Places are of the document that was copied, as `nodes[2].input_default.api_key`.
    """

    version: GraphVersion
    left_out: tuple[str, ...]


async def mark_template(tx: Transaction, graph_id: UUID, user_id: UUID, *, is_template: bool) -> Graph:
    """Offer the active version of a graph to everybody for copying, or take the offer back.

    Copies that were made stay as they are.

    Raises:
        GraphNotFound: There is no such graph of this user.
        VersionNotFound: It was never saved, so there is nothing to offer; nothing was changed.
    """
    if is_template:
        await get_version(tx, graph_id, user_id)
    return await change_settings(tx, graph_id, user_id, is_template=is_template)


async def list_templates(
    tx: Transaction, user_id: UUID, *, cursor: str | None = None, limit: int = PAGE, search: str | None = None
) -> TemplatePage:
    """Return a page of all templates, one's own and those of others, newest first.

    Args:
        tx: An open transaction.
        user_id: Who looks.
        cursor: `next` of the page before; None for the first page.
        limit: How many, at least 1; more than 200 are cut to 200.
        search: Only those whose name or description holds this text, in any case.

    Raises:
        InvalidInput: The cursor is none of such a list.
    """
    size = max(1, min(limit, LARGEST_PAGE))
    after = None if cursor is None else read_cursor(GraphSort.UPDATED_AT, cursor)
    found = await templates.list_templates(tx, user_id, after=after, limit=size + 1, search=search)
    more = write_cursor(GraphSort.UPDATED_AT, found[size - 1]) if len(found) > size else None
    return TemplatePage(tuple(found[:size]), more)


async def clone_graph(
    tx: Transaction,
    graph_id: UUID,
    user_id: UUID,
    *,
    catalog: Catalog,
    version: int | None = None,
    name: str | None = None,
    limits: GraphLimits = DEFAULT_LIMITS,
) -> Clone:
    """Copy a graph of the user's own, or anybody's template, into a new graph of the user.

    The copy is saved as version 1 and is no template.

    Args:
        tx: An open transaction.
        graph_id: What to copy.
        user_id: Whose the copy will be.
        catalog: The blocks there are.
        version: Which version; None: the draft of an own graph, the active version of somebody else's template.
        name: What the copy is called; None: as the original, with "(copy)" where that is the user's own.
        limits: How large it may be.

    Raises:
        GraphNotFound: There is neither such a graph of this user nor such a template; nothing was written.
        VersionNotFound: The graph has no such version, or it is not the one that a template offers.
        GraphInvalid: It cannot be stored, as a name of more than 100 characters; nothing was written.
    """
    own = await find_graph(tx, graph_id, user_id)
    if own is not None:
        graph = own if version is None else await get_graph(tx, graph_id, user_id, version=version)
        called = name if name is not None else graph.name[: _LONGEST_NAME - len(_COPY)] + _COPY
        return await clone_content(tx, _bare(graph), user_id, catalog=catalog, name=called, limits=limits)
    offered = await templates.find_template(tx, graph_id, user_id)
    if offered is None:
        raise GraphNotFound(f"there is no graph {graph_id}", graph_id=str(graph_id))
    template, content = offered
    if version not in (None, template.active_version):
        message = f"template {graph_id} offers version {template.active_version}, not {version}"
        raise VersionNotFound(message, graph_id=str(graph_id), version=version)
    return await clone_content(tx, content, user_id, catalog=catalog, name=name, limits=limits)


async def clone_content(
    tx: Transaction,
    content: GraphContent,
    user_id: UUID,
    *,
    catalog: Catalog,
    name: str | None = None,
    limits: GraphLimits = DEFAULT_LIMITS,
) -> Clone:
    """Make a new graph of the content, without its secrets, and save it as version 1.

    Raises:
        GraphInvalid: It cannot be stored, as a name of more than 100 characters; nothing was written.
    """
    if name is not None:
        content_from({"name": name})
    bare, left_out = strip_secrets(content, catalog)
    named = bare if name is None else bare.model_copy(update={"name": name})
    graph = await create_graph(tx, named, user_id, catalog=catalog, limits=limits)
    return Clone(await save_graph(tx, graph.id, user_id), tuple(left_out))


def _bare(graph: Graph) -> GraphContent:
    return GraphContent(name=graph.name, description=graph.description, nodes=graph.nodes, links=graph.links)
