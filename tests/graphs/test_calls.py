"""Calls of stored graphs: what is read, whose it is, and what forbids to run it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from tests.support.postgres import open_database
from tests.unit.graphs.test_calls import CATALOG, caller, child
from tests.unit.graphs.toy_blocks import graph, node
from weft.db.database import Database
from weft.db.transaction import Transaction
from weft.errors import LimitExceeded
from weft.graphs import service
from weft.graphs.call_checks import CalledGraph
from weft.graphs.callees import MOST_GRAPHS, check_calls, check_calls_of_all, find_called
from weft.graphs.calls import CallKey
from weft.graphs.issues import Issue
from weft.graphs.types import Graph, GraphContent, GraphVersion


async def save(database: Database, user_id: UUID, content: GraphContent, *, key: str = "child") -> GraphVersion:
    async with database.transaction(user_id) as tx:
        return await service.remember_file(tx, user_id, source="test", key=key, content=content, catalog=CATALOG)


async def issues_of(
    database: Database,
    user_id: UUID,
    content: GraphContent,
    *,
    graph_id: UUID | None = None,
    version: int | None = None,
) -> list[Issue]:
    async with database.transaction(user_id) as tx:
        return await check_calls(tx, user_id, content, CATALOG, graph_id=graph_id, version=version)


async def read(database: Database, user_id: UUID, graph_id: UUID, *, version: int | None = None) -> Graph:
    async with database.transaction(user_id) as tx:
        return await service.get_graph(tx, graph_id, user_id, version=version, include_subgraphs=True, catalog=CATALOG)


def codes(issues: list[Issue]) -> list[str]:
    return [issue.code for issue in issues]


def asks(graph_id: UUID, **values: Any) -> GraphContent:
    """A graph that gives a text to another."""
    return graph(caller(graph_id, inputs={"text": "a"}, **values), name="Asks")


def calling(graph_id: UUID) -> GraphContent:
    """A graph that runs another and gives it nothing."""
    return graph(caller(graph_id), name="Calling")


async def test_a_call_is_judged_by_the_active_version_or_the_one_it_names(database: Database, owner: UUID) -> None:
    first = await save(database, owner, child())
    await save(database, owner, graph(node("up", "upper"), name="Child"))

    assert await issues_of(database, owner, asks(first.graph_id, version=1)) == []
    assert codes(await issues_of(database, owner, asks(first.graph_id))) == [
        "UNKNOWN_CALL_INPUT",
        "CALLED_GRAPH_INVALID",
    ]
    assert codes(await issues_of(database, owner, asks(first.graph_id, version=3))) == ["CALLED_GRAPH_NOT_FOUND"]


async def test_what_is_not_there_for_the_user_is_not_found(database: Database, owner: UUID, stranger: UUID) -> None:
    theirs = await save(database, stranger, child())
    deleted = await save(database, owner, child(), key="deleted")
    async with database.transaction(owner) as tx:
        draft = await service.create_graph(tx, child(), owner, catalog=CATALOG)
        await service.delete_graph(tx, deleted.graph_id, owner)

    for graph_id in (theirs.graph_id, deleted.graph_id, draft.id, uuid4()):
        assert codes(await issues_of(database, owner, asks(graph_id))) == ["CALLED_GRAPH_NOT_FOUND"]
    assert await issues_of(database, stranger, asks(theirs.graph_id)) == []


async def test_a_draft_that_comes_back_to_itself_runs_itself(database: Database, owner: UUID) -> None:
    first = await save(database, owner, child(), key="self")
    middle = await save(database, owner, calling(first.graph_id), key="middle")
    draft = calling(middle.graph_id)

    assert codes(await issues_of(database, owner, draft, graph_id=first.graph_id)) == ["RECURSION"]
    # Without its id nobody can say so, and the version that is called has calls of no one.
    assert "RECURSION" not in codes(await issues_of(database, owner, draft))


async def test_an_older_version_of_oneself_may_be_run(database: Database, owner: UUID) -> None:
    first = await save(database, owner, child(), key="self")
    second = await save(database, owner, asks(first.graph_id, version=1), key="self")
    third = await save(database, owner, graph(caller(first.graph_id, version=3), name="Asks"), key="self")

    assert await issues_of(database, owner, second.content, graph_id=first.graph_id, version=2) == []
    assert codes(await issues_of(database, owner, third.content, graph_id=first.graph_id, version=3)) == ["RECURSION"]


async def test_a_version_that_calls_the_active_one_runs_itself_only_if_it_is_that(
    database: Database, owner: UUID
) -> None:
    first = await save(database, owner, child(), key="self")
    second = await save(database, owner, asks(first.graph_id), key="self")

    again = await issues_of(database, owner, second.content, graph_id=first.graph_id, version=2)
    async with database.transaction(owner) as tx:
        await service.activate_version(tx, first.graph_id, owner, 1)

    assert "RECURSION" in codes(again)
    assert await issues_of(database, owner, second.content, graph_id=first.graph_id, version=2) == []


async def test_sub_graphs_come_with_a_graph_at_all_depths_and_once(database: Database, owner: UUID) -> None:
    leaf = await save(database, owner, child(), key="leaf")
    middle = await save(database, owner, asks(leaf.graph_id), key="middle")
    main = graph(
        caller(middle.graph_id, version=1),
        caller(middle.graph_id).model_copy(update={"id": "again"}),
        caller(leaf.graph_id).model_copy(update={"id": "leaf"}),
        name="Main",
    )
    top = await save(database, owner, main, key="main")

    found = await read(database, owner, top.graph_id)
    plain = await read(database, owner, leaf.graph_id)

    assert [(one.graph_id, one.version) for one in found.sub_graphs] == [(middle.graph_id, 1), (leaf.graph_id, 1)]
    assert found.sub_graphs == (middle, leaf)
    assert plain.sub_graphs == ()
    assert (await read(database, owner, top.graph_id, version=1)).sub_graphs == found.sub_graphs


async def test_sub_graphs_of_others_never_come(database: Database, owner: UUID, stranger: UUID) -> None:
    theirs = await save(database, stranger, child())
    top = await save(database, owner, asks(theirs.graph_id), key="main")

    assert (await read(database, owner, top.graph_id)).sub_graphs == ()


async def test_the_statement_names_the_owner_and_does_not_lean_on_the_policies_of_rows(
    database: Database, url: str, owner: UUID, stranger: UUID
) -> None:
    theirs = await save(database, stranger, child())

    async with await open_database(url) as without_policies:
        assert codes(await issues_of(without_policies, owner, asks(theirs.graph_id))) == ["CALLED_GRAPH_NOT_FOUND"]
        assert await issues_of(without_policies, stranger, asks(theirs.graph_id)) == []


async def test_a_circle_of_graphs_is_read_once_and_ends(database: Database, owner: UUID) -> None:
    first = await save(database, owner, child(), key="first")
    second = await save(database, owner, calling(first.graph_id), key="second")
    await save(database, owner, calling(second.graph_id), key="first")

    found = await read(database, owner, first.graph_id)

    assert [one.graph_id for one in found.sub_graphs] == [second.graph_id]


def statements_of(tx: Transaction) -> list[str]:
    """Return a list that grows by each statement of the transaction."""
    seen: list[str] = []
    assert tx.connection.sync_connection is not None

    @event.listens_for(tx.connection.sync_connection, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    return seen


async def test_each_level_of_calls_is_one_statement(database: Database, owner: UUID) -> None:
    leaves = [await save(database, owner, child(name=f"Leaf {at}"), key=f"leaf {at}") for at in range(5)]
    many = [caller(leaf.graph_id, inputs={"text": "a"}).model_copy(update={"id": leaf.content.name}) for leaf in leaves]
    middle = await save(database, owner, graph(*many, name="Middle"), key="middle")

    async with database.transaction(owner) as tx:
        statements = statements_of(tx)
        assert await check_calls(tx, owner, child(), CATALOG) == []
        without = len(statements)
        assert await check_calls(tx, owner, calling(middle.graph_id), CATALOG) == []

    assert (without, len(statements)) == (0, 2)


async def test_a_graph_that_runs_too_many_others_is_told(database: Database, owner: UUID) -> None:
    nodes = [caller(uuid4()).model_copy(update={"id": f"n{at}"}) for at in range(MOST_GRAPHS + 1)]
    crowd = graph(*nodes, name="Crowd")
    top = await save(database, owner, crowd)

    (issue,) = await issues_of(database, owner, crowd)
    async with database.transaction(owner) as tx:
        graphs = [CalledGraph(None, crowd), CalledGraph(CallKey(uuid4(), 1), child())]
        together = await check_calls_of_all(tx, owner, graphs, CATALOG)
    with pytest.raises(LimitExceeded, match="runs more than 1,000 graphs, directly and through others"):
        await read(database, owner, top.graph_id)

    assert together == [[issue], []]
    assert (issue.code, issue.level) == ("CALLS_TOO_DEEP", "blocks_run")
    assert issue.message == "graph 'Crowd' cannot run: it runs more than 1,000 graphs, directly and through others"


async def test_no_more_is_read_than_there_is_room_for(database: Database, owner: UUID) -> None:
    leaf = await save(database, owner, calling(uuid4()), key="leaf")
    middle = await save(database, owner, calling(leaf.graph_id), key="middle")
    root = CalledGraph(None, calling(middle.graph_id))

    async with database.transaction(owner) as tx:
        size = await tx.scalar("SELECT octet_length(snapshot::text) FROM graph_versions LIMIT 1")
        found = await find_called(tx, owner, [root], CATALOG, most_bytes=2 * size - 1)
        everything = await find_called(tx, owner, [root], CATALOG, most_bytes=2 * size)
        side_by_side = graph(caller(leaf.graph_id), caller(middle.graph_id).model_copy(update={"id": "again"}))
        first = await find_called(tx, owner, [CalledGraph(None, side_by_side)], CATALOG, most_bytes=2 * size - 1)

    assert [one.graph_id for one in first.versions] == [leaf.graph_id]
    assert [one.graph_id for one in found.versions] == [middle.graph_id]
    assert CallKey(leaf.graph_id) not in found.known
    assert found.left_out == f"the graphs that it runs hold more than {2 * size - 1:,} bytes together"
    assert ([one.graph_id for one in everything.versions], everything.left_out) == (
        [middle.graph_id, leaf.graph_id],
        None,
    )


async def test_the_integrity_of_a_graph_is_also_that_of_its_calls(database: Database, owner: UUID) -> None:
    async with database.transaction(owner) as tx:
        draft = await service.create_graph(tx, asks(uuid4()), owner, catalog=CATALOG)

        (sentence,) = await service.validate_graph_integrity(tx, draft.id, owner, catalog=CATALOG)

    assert sentence.startswith("node 'Call' (call): there is no graph ")
