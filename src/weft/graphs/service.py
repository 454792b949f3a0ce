"""Use cases of graphs. A graph of somebody else, or a deleted one, looks as if it were not there.

The draft of a graph is its head; edits change it and count `revision` up. A save freezes it as a version,
which nothing changes; one version is active, and that is what runs unless another is named.
"""

import hashlib
from typing import Any
from uuid import UUID

from weft.db.transaction import Transaction
from weft.errors import Conflict, LimitExceeded
from weft.graphs.call_checks import CalledGraph
from weft.graphs.callees import check_calls, find_called
from weft.graphs.calls import CallKey
from weft.graphs.cursors import read_cursor, write_cursor
from weft.graphs.documents import content_hash, to_bytes
from weft.graphs.errors import GraphNotFound, RevisionConflict, VersionNotFound
from weft.graphs.limits import DEFAULT_LIMITS, GraphLimits
from weft.graphs.repository import heads, versions
from weft.graphs.types import (
    Graph,
    GraphContent,
    GraphCounts,
    GraphPage,
    GraphSort,
    GraphVersion,
    VersionSummary,
)
from weft.graphs.validation import check_integrity, require_storable
from weft.sdk.catalog import Catalog

PAGE = 20
LARGEST_PAGE = 200
_LONGEST_KEY_BYTES = 1000  # the key stands in an index, whose entries hold 2,704 bytes


async def create_graph(
    tx: Transaction,
    content: GraphContent,
    user_id: UUID,
    *,
    catalog: Catalog,
    is_template: bool = False,
    limits: GraphLimits = DEFAULT_LIMITS,
) -> Graph:
    """Store a new graph as a draft and return it as stored; it has no version yet.

    What only forbids to run it is no hindrance.

    Raises:
        GraphInvalid: It cannot be stored; nothing was written.
    """
    require_storable(content, catalog, limits=limits)
    head = await heads.insert_head(tx, content, user_id=user_id, is_template=is_template)
    return heads.as_graph(head, content)


async def get_graph(
    tx: Transaction,
    graph_id: UUID,
    user_id: UUID,
    *,
    version: int | None = None,
    include_subgraphs: bool = False,
    catalog: Catalog | None = None,
) -> Graph:
    """Return the draft of a graph, or one of its versions.

    Args:
        tx: An open transaction.
        graph_id: Which graph.
        user_id: Whose.
        version: The number of a version; None for the draft.
        include_subgraphs: Also read the graphs that it runs, at all depths; those of others are never among them.
        catalog: The blocks there are, which say what nodes run graphs; needed with `include_subgraphs` alone.

    Raises:
        GraphNotFound: There is no such graph of this user.
        VersionNotFound: The graph has no such version.
        LimitExceeded: It runs more graphs than can be read at once.
    """
    head = await _head(tx, graph_id, user_id)
    if version is None:
        graph = heads.as_graph(head, await heads.read_content(tx, head))
    else:
        saved = await _version(tx, graph_id, version)
        graph = heads.as_graph(head, saved.content, version=saved.version)
    if not include_subgraphs:
        return graph
    assert catalog is not None, "only blocks say what nodes run graphs"
    found = await find_called(tx, user_id, [CalledGraph(CallKey(graph_id, version), graph)], catalog)
    if found.left_out is not None:
        raise LimitExceeded(f"graph {graph.name!r}: {found.left_out}", graph_id=str(graph_id))
    return graph.model_copy(update={"sub_graphs": tuple(found.versions)})


async def find_graph(tx: Transaction, graph_id: UUID, user_id: UUID, *, version: int | None = None) -> Graph | None:
    """Return what `get_graph` returns, or None where it raises."""
    try:
        return await get_graph(tx, graph_id, user_id, version=version)
    except (GraphNotFound, VersionNotFound):
        return None


async def get_version(tx: Transaction, graph_id: UUID, user_id: UUID, *, version: int | None = None) -> GraphVersion:
    """Return what a run of the graph runs: the active version, or the one named.

    Raises:
        GraphNotFound: There is no such graph of this user.
        VersionNotFound: The graph has no such version, or was never saved.
    """
    head = await _head(tx, graph_id, user_id)
    number = head["active_version"] if version is None else version
    if number is None:
        raise VersionNotFound(f"graph {head['name']!r} has no version yet; save it first", graph_id=str(graph_id))
    return await _version(tx, graph_id, number)


async def list_graphs(
    tx: Transaction,
    user_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = PAGE,
    sort: GraphSort = GraphSort.UPDATED_AT,
    search: str | None = None,
    is_template: bool | None = None,
) -> GraphPage:
    """Return a page of the user's active graphs; following `next` shows each graph once.

    Args:
        tx: An open transaction.
        user_id: Whose graphs.
        cursor: `next` of the page before; None for the first page.
        limit: How many graphs, at least 1; more than 200 are cut to 200.
        sort: Times newest first, names from A.
        search: Only graphs whose name or description holds this text, in any case.
        is_template: Only templates, or only others; None for both.

    Raises:
        InvalidInput: The cursor is none, or of a list sorted in another way.
    """
    size = max(1, min(limit, LARGEST_PAGE))
    after = None if cursor is None else read_cursor(sort, cursor)
    found = await heads.list_graphs(
        tx, user_id, sort=sort, after=after, limit=size + 1, search=search, is_template=is_template
    )
    items = tuple(found[:size])
    return GraphPage(items=items, next=write_cursor(sort, items[-1]) if len(found) > size else None)


async def count_graphs(tx: Transaction, user_id: UUID) -> GraphCounts:
    """Return how many graphs the user has; deleted ones do not count."""
    return await heads.count_graphs(tx, user_id)


async def update_graph(
    tx: Transaction,
    graph_id: UUID,
    user_id: UUID,
    *,
    content: GraphContent,
    revision: int,
    catalog: Catalog,
    limits: GraphLimits = DEFAULT_LIMITS,
) -> Graph:
    """Replace the draft by another and return it; equal content changes nothing, not even the revision.

    Args:
        tx: An open transaction; the graph's row is locked in it.
        graph_id: Which graph.
        user_id: Whose.
        content: The whole draft as it shall be.
        revision: The revision that the caller's changes began with.
        catalog: The blocks there are.
        limits: How large it may be.

    Raises:
        GraphInvalid: It cannot be stored; nothing was written.
        GraphNotFound: There is no such graph of this user.
        RevisionConflict: The draft was changed since; nothing was written.
    """
    require_storable(content, catalog, limits=limits)
    head = await _locked_head(tx, graph_id, user_id, revision=revision)
    before = await heads.read_content(tx, head)
    if to_bytes(before) == to_bytes(content):
        return heads.as_graph(head, content)
    return heads.as_graph(await heads.replace_content(tx, head, before, content), content)


async def change_settings(
    tx: Transaction,
    graph_id: UUID,
    user_id: UUID,
    *,
    is_active: bool | None = None,
    is_template: bool | None = None,
    is_pinned: bool | None = None,
) -> Graph:
    """Set what is no part of the content and return the graph; what is None stays as it is.

    Raises:
        GraphNotFound: There is no such graph of this user.
    """
    settings = {"is_active": is_active, "is_template": is_template, "is_pinned": is_pinned}
    head = await _locked_head(tx, graph_id, user_id)
    head = await heads.change_head(tx, graph_id, {k: v for k, v in settings.items() if v is not None})
    return heads.as_graph(head, await heads.read_content(tx, head))


async def save_graph(tx: Transaction, graph_id: UUID, user_id: UUID, *, revision: int | None = None) -> GraphVersion:
    """Freeze the draft as the next version; a draft equal to the latest version makes no new one.

    The version becomes the active one, unless the graph is pinned to another. The graph's row is locked in
    `tx`.

    Raises:
        GraphNotFound: There is no such graph of this user.
        RevisionConflict: `revision` is given and the draft was changed since; nothing was written.
    """
    head = await _locked_head(tx, graph_id, user_id, revision=revision)
    content = await heads.read_content(tx, head)
    latest = await versions.find_version(tx, graph_id, head["version"])
    if latest is None or latest.content_hash != content_hash(content):
        latest = await versions.insert_version(tx, head, content)
    return await _publish(tx, head, latest)


async def activate_version(tx: Transaction, graph_id: UUID, user_id: UUID, version: int) -> GraphVersion:
    """Make a version the one that runs, also of a pinned graph; the draft stays as it is.

    Raises:
        GraphNotFound: There is no such graph of this user.
        VersionNotFound: The graph has no such version; nothing was changed.
    """
    await _locked_head(tx, graph_id, user_id)
    return await versions.switch_active(tx, await _version(tx, graph_id, version))


async def restore_version(
    tx: Transaction, graph_id: UUID, user_id: UUID, version: int, *, revision: int | None = None
) -> Graph:
    """Copy a version into the draft and return the graph; what runs does not change until somebody saves.

    Raises:
        GraphNotFound: There is no such graph of this user.
        VersionNotFound: The graph has no such version; nothing was changed.
        RevisionConflict: `revision` is given and the draft was changed since; nothing was changed.
    """
    head = await _locked_head(tx, graph_id, user_id, revision=revision)
    content = (await _version(tx, graph_id, version)).content
    before = await heads.read_content(tx, head)
    return heads.as_graph(await heads.replace_content(tx, head, before, content), content)


async def list_versions(
    tx: Transaction, graph_id: UUID, user_id: UUID, *, before: int | None = None, limit: int = PAGE
) -> list[VersionSummary]:
    """Return versions without their content, latest first; `before` is the number of the last one seen.

    Raises:
        GraphNotFound: There is no such graph of this user.
    """
    await _head(tx, graph_id, user_id)
    return await versions.list_versions(tx, graph_id, before=before, limit=max(1, min(limit, LARGEST_PAGE)))


async def delete_graph(tx: Transaction, graph_id: UUID, user_id: UUID) -> None:
    """Take a graph out of sight; its versions and the history of its runs stay.

    Raises:
        GraphNotFound: There is no such graph of this user.
    """
    await _locked_head(tx, graph_id, user_id)
    await heads.mark_deleted(tx, graph_id)


async def remember_file(
    tx: Transaction,
    user_id: UUID,
    *,
    source: str,
    key: str,
    content: GraphContent,
    catalog: Catalog,
    limits: GraphLimits = DEFAULT_LIMITS,
) -> GraphVersion:
    """Return the version that holds the content of a file; the file's graph is made when it is first seen.

    The same content gives the same version again, other content the next version of the same graph, which
    becomes active unless the graph is pinned. A draft edited meanwhile is not lost: it is frozen as a version
    first. Of several calls for one file at once, one makes the graph and the others wait for its transaction.

    Args:
        tx: An open transaction; the graph's row is locked in it.
        user_id: Whose graph it is.
        source: What kind of place the file comes from, as "file".
        key: Which file it is there: its path, or its own id.
        content: What it holds now.
        catalog: The blocks there are.
        limits: How large it may be.

    Raises:
        GraphInvalid: It cannot be stored; nothing was written.
        Conflict: The graph is being deleted again and again at the same time; nothing was written.
    """
    hashed, short = content_hash(content), _short_key(key)
    # Most calls end here: nothing is locked, so that many runs of one file do not wait for each other.
    seen = await versions.find_by_source(tx, user_id, source=source, key=short, hashed=hashed)
    if seen is not None:
        return seen
    require_storable(content, catalog, limits=limits)
    claim = await heads.claim_source(tx, content, user_id=user_id, source=source, key=short)
    # A graph deleted between the two statements of a claim no longer stands in the way of the next one.
    claim = claim or await heads.claim_source(tx, content, user_id=user_id, source=source, key=short)
    if claim is None:
        raise Conflict(f"the graph of {key!r} is being deleted at the same time; try again")
    head, is_new = claim
    known = await versions.find_content(tx, head["id"], hashed)
    if known is not None and head["source_hash"] == hashed:
        return known
    if not is_new:
        before = await heads.read_content(tx, head)
        head = await _freeze_draft(tx, head, before)
        head = await heads.replace_content(tx, head, before, content)
    await heads.change_head(tx, head["id"], {"source_hash": hashed})
    return await _publish(tx, head, known or await versions.insert_version(tx, head, content))


async def validate_graph_integrity(tx: Transaction, graph_id: UUID, user_id: UUID, *, catalog: Catalog) -> list[str]:
    """Return a sentence for each fault of a stored draft; only "graph not found" where there is none."""
    graph = await find_graph(tx, graph_id, user_id)
    if graph is None:
        return ["graph not found"]
    calls = await check_calls(tx, user_id, graph, catalog, graph_id=graph_id)
    return [issue.message for issue in (*check_integrity(graph, catalog), *calls)]


async def _freeze_draft(tx: Transaction, head: heads.Head, draft: GraphContent) -> heads.Head:
    """Keep a draft that no version holds; return the graph's row."""
    if await versions.holds_content(tx, head["id"], content_hash(draft)):
        return head
    kept = await versions.insert_version(tx, head, draft)
    return {**head, "version": kept.version}


async def _publish(tx: Transaction, head: heads.Head, version: GraphVersion) -> GraphVersion:
    is_other = head["active_version"] is not None and head["active_version"] != version.version
    if version.is_active or (head["is_pinned"] and is_other):
        return version
    return await versions.switch_active(tx, version)


async def _head(tx: Transaction, graph_id: UUID, user_id: UUID) -> heads.Head:
    head = await heads.read_head(tx, graph_id, user_id)
    if head is None:
        raise _not_found(graph_id)
    return head


async def _locked_head(tx: Transaction, graph_id: UUID, user_id: UUID, *, revision: int | None = None) -> heads.Head:
    head = await heads.read_head(tx, graph_id, user_id, lock=True)
    if head is None:
        raise _not_found(graph_id)
    if revision is not None and head["revision"] != revision:
        details: dict[str, Any] = {"expected": revision, "actual": head["revision"]}
        message = f"graph {head['name']!r} was changed meanwhile: revision {head['revision']}, not {revision}"
        raise RevisionConflict(message, **details)
    return head


def _not_found(graph_id: UUID) -> GraphNotFound:
    return GraphNotFound(f"there is no graph {graph_id}", graph_id=str(graph_id))


async def _version(tx: Transaction, graph_id: UUID, number: int) -> GraphVersion:
    version = await versions.find_version(tx, graph_id, number)
    if version is None:
        raise VersionNotFound(f"graph {graph_id} has no version {number}", graph_id=str(graph_id), version=number)
    return version


def _short_key(key: str) -> str:
    data = key.encode()
    return key if len(data) <= _LONGEST_KEY_BYTES else f"sha256:{hashlib.sha256(data).hexdigest()}"
