"""Use cases of calls: the graphs that a graph runs, directly or through others, and what is wrong with running them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from weft.db.transaction import Transaction
from weft.graphs.call_checks import DEEPEST, CalledGraph, check_calls_of
from weft.graphs.calls import CallKey, find_calls
from weft.graphs.issues import Code, Issue, Level
from weft.graphs.repository.callees import find_callees
from weft.graphs.types import GraphContent, GraphVersion
from weft.sdk.catalog import Catalog

MOST_GRAPHS = 1_000
"""How many graphs one may run, directly and through others."""
MOST_BYTES = 100_000_000
"""How many bytes of their contents are read for one question."""


@dataclass(slots=True)
class Callees:
    """What was found of the graphs that one runs.

    Attributes:
        known: By the keys under which they are called; None where there is none.
        versions: Each once, in order of first appearance, level by level.
        left_out: Why not all were looked for; None if they were.
    """

    known: dict[CallKey, CalledGraph | None] = field(default_factory=dict)
    versions: list[GraphVersion] = field(default_factory=list)
    left_out: str | None = None


async def find_called(
    tx: Transaction,
    user_id: UUID,
    roots: Sequence[CalledGraph],
    catalog: Catalog,
    *,
    deepest: int = MOST_GRAPHS,
    most_bytes: int = MOST_BYTES,
) -> Callees:
    """Return the graphs of this user that some graphs run, directly or through others.

    Takes one statement for each level of calls, none for graphs without calls.

    Args:
        tx: An open transaction.
        user_id: Whose graphs may be called.
        roots: The graphs; those with a key are found again where another calls them.
        catalog: The blocks there are.
        deepest: How many levels are looked at.
        most_bytes: How much is read.
    """
    found = Callees({root.key: root for root in roots if root.key is not None})
    seen: set[CallKey | None] = {root.key for root in roots}
    level = [root.content for root in roots]
    room = most_bytes
    asked_for = 0
    for _ in range(deepest):
        wanted = [key for key in _keys_of(level, catalog) if key not in found.known]
        if not wanted:
            break
        asked_for += len(wanted)
        if asked_for > MOST_GRAPHS:
            found.left_out = f"it runs more than {MOST_GRAPHS:,} graphs, directly and through others"
            break
        callees = await find_callees(tx, user_id, wanted, room=room)
        found.known |= dict.fromkeys(wanted)
        level = []
        for asked, size, version in callees:
            room -= size
            if version is None:
                found.left_out = f"the graphs that it runs hold more than {most_bytes:,} bytes together"
                del found.known[CallKey(*asked)]
                continue
            key = CallKey(version.graph_id, version.version)
            graph = found.known.get(key) or CalledGraph(key, version.content)
            found.known[CallKey(*asked)] = found.known[key] = graph
            if key not in seen:
                seen.add(key)
                found.versions.append(version)
                level.append(version.content)
    return found


def _keys_of(level: Iterable[GraphContent], catalog: Catalog) -> list[CallKey]:
    """Return what the graphs call, each key once."""
    calls = (call.key for content in level for call in find_calls(content, catalog))
    return list(dict.fromkeys(key for key in calls if key is not None))


async def check_calls(
    tx: Transaction,
    user_id: UUID,
    content: GraphContent,
    catalog: Catalog,
    *,
    graph_id: UUID | None = None,
    version: int | None = None,
) -> list[Issue]:
    """Return what is wrong with the graphs that a graph runs and with how it runs them; all of it forbids to run it.

    Args:
        tx: An open transaction.
        user_id: Whose graphs may be called.
        content: The graph.
        catalog: The blocks there are.
        graph_id: Its id, if it has one: a graph that comes back to it runs itself.
        version: Which of its versions the content is; None for the draft, which a save makes the active version.
    """
    root = CalledGraph(None if graph_id is None else CallKey(graph_id, version), content)
    (issues,) = await check_calls_of_all(tx, user_id, [root], catalog)
    return issues


async def check_calls_of_all(
    tx: Transaction, user_id: UUID, graphs: Sequence[CalledGraph], catalog: Catalog
) -> list[list[Issue]]:
    """Return for each of the graphs what `check_calls` returns, with no more statements than the deepest of them needs."""
    # One level more than is allowed would only be counted, and a call that was not looked for counts as one.
    found = await find_called(tx, user_id, graphs, catalog, deepest=DEEPEST)
    issues = check_calls_of(graphs, found.known, catalog, with_called=True)
    if found.left_out is not None:
        for graph, told in zip(graphs, issues, strict=True):
            if find_calls(graph.content, catalog):
                message = f"graph {graph.content.name!r} cannot run: {found.left_out}"
                told.append(Issue(Code.CALLS_TOO_DEEP, Level.BLOCKS_RUN, message))
    return issues
