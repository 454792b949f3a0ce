from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.postgres import open_database
from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.db.database import Database
from weft.db.transaction import Transaction
from weft.errors import Conflict, InvalidInput, NotFound
from weft.graphs import service
from weft.graphs.documents import to_bytes
from weft.graphs.errors import GraphInvalid, GraphNotFound, RevisionConflict
from weft.graphs.types import Graph, GraphContent, GraphSort, Node, Policy

EVERYTHING = GraphContent(
    name="ä name",
    description="",
    nodes=(
        Node(
            id="z",
            block_id="toy.fetch",
            label="Zeta",
            input_default={"query": "\u2028é"},
            metadata={"position": {"x": 1.5, "y": -2}, "z": 1, "a": {"deep": [None, True, 1e300, 2**63 - 1]}},
            policy=Policy(attempts=3, ordered=False),
        ),
        node("a", "upper"),
    ),
    links=(
        link("z.person.tags[0]", "a.text", is_static=True),
        link("z.found", "a.locale", optional_path=True),
    ),
)


async def make(database: Database, user_id: UUID, content: GraphContent | None = None) -> Graph:
    async with database.transaction(user_id) as tx:
        return await service.create_graph(tx, content or sound_graph(), user_id, catalog=CATALOG)


async def read(database: Database, user_id: UUID, graph_id: UUID, *, version: int | None = None) -> Graph:
    async with database.transaction(user_id) as tx:
        return await service.get_graph(tx, graph_id, user_id, version=version)


async def test_a_graph_comes_back_as_it_was_made(database: Database, owner: UUID) -> None:
    made = await make(database, owner, EVERYTHING)

    found = await read(database, owner, made.id)

    assert found == made
    assert to_bytes(found) == to_bytes(EVERYTHING)
    assert (found.user_id, found.version, found.saved_version, found.revision) == (owner, 1, 0, 1)
    assert found.created_at.utcoffset() is not None
    assert list(found.nodes[0].metadata) == ["position", "z", "a"]


async def test_a_graph_that_cannot_be_stored_leaves_nothing(database: Database, owner: UUID) -> None:
    broken = graph(node("a", "upper"), link("a.text", "gone.text"))

    with pytest.raises(GraphInvalid, match="leads to the node 'gone'"):
        await make(database, owner, broken)

    async with database.transaction(owner) as tx:
        assert await tx.scalar("SELECT count(*) FROM graphs") == 0


async def test_a_graph_that_cannot_run_can_be_made(database: Database, owner: UUID) -> None:
    made = await make(database, owner, graph(node("a", "missing"), link("a.x", "a.x")))

    assert (await read(database, owner, made.id)).links[0].sink_id == "a"


async def test_somebody_else_s_graph_looks_as_if_it_were_not_there(
    database: Database, owner: UUID, stranger: UUID
) -> None:
    made = await make(database, owner)
    absent = uuid4()

    with pytest.raises(NotFound) as hidden:
        await read(database, stranger, made.id)
    with pytest.raises(NotFound) as missing:
        await read(database, stranger, absent)

    assert hidden.value.message.replace(str(made.id), "") == missing.value.message.replace(str(absent), "")
    async with database.transaction(stranger) as tx:
        assert await service.find_graph(tx, made.id, stranger) is None
        # Not only by row-level security: also where the transaction may see all.
        assert (await service.list_graphs(tx, stranger)).items == ()


async def test_the_owner_is_asked_for_in_every_statement(url: str, owner: UUID, stranger: UUID) -> None:
    async with await open_database(url) as superuser:
        made = await make(superuser, owner)
        with pytest.raises(GraphNotFound):
            await read(superuser, stranger, made.id)
        async with superuser.transaction() as tx:
            for use_case in (service.save_graph, service.delete_graph):
                with pytest.raises(GraphNotFound):
                    await use_case(tx, made.id, stranger)
            assert (await service.list_graphs(tx, stranger)).items == ()
            assert (await service.count_graphs(tx, stranger)).total == 0


async def test_an_edit_replaces_the_draft_and_counts_up(database: Database, owner: UUID) -> None:
    made = await make(database, owner)

    async with database.transaction(owner) as tx:
        changed = await service.update_graph(tx, made.id, owner, content=EVERYTHING, revision=1, catalog=CATALOG)

    found = await read(database, owner, made.id)
    assert found == changed
    assert to_bytes(found) == to_bytes(EVERYTHING)
    assert found.revision == 2
    assert found.updated_at > made.updated_at


async def test_an_edit_that_changes_nothing_keeps_the_revision(database: Database, owner: UUID) -> None:
    made = await make(database, owner)

    async with database.transaction(owner) as tx:
        same = await service.update_graph(tx, made.id, owner, content=sound_graph(), revision=1, catalog=CATALOG)

    assert same == made


async def test_of_two_edits_of_one_revision_the_second_is_refused(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    async with database.transaction(owner) as tx:
        await service.update_graph(tx, made.id, owner, content=EVERYTHING, revision=1, catalog=CATALOG)

    with pytest.raises(Conflict) as caught:
        async with database.transaction(owner) as tx:
            await service.update_graph(tx, made.id, owner, content=chain(2), revision=1, catalog=CATALOG)

    assert isinstance(caught.value, RevisionConflict)
    assert caught.value.details == {"expected": 1, "actual": 2}
    assert to_bytes(await read(database, owner, made.id)) == to_bytes(EVERYTHING)


async def test_a_deleted_graph_is_out_of_sight_and_its_rows_are_kept(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    async with database.transaction(owner) as tx:
        await service.delete_graph(tx, made.id, owner)

    async with database.transaction(owner) as tx:
        assert await service.find_graph(tx, made.id, owner) is None
        assert (await service.list_graphs(tx, owner)).items == ()
        with pytest.raises(GraphNotFound):
            await service.delete_graph(tx, made.id, owner)
        assert await tx.scalar("SELECT count(*) FROM nodes") == 3


async def test_a_list_shows_each_graph_once_newest_first(database: Database, owner: UUID) -> None:
    made = [await make(database, owner, chain(1).model_copy(update={"name": name})) for name in "cabed"]

    for sort, expected in (
        (GraphSort.UPDATED_AT, "debac"),
        (GraphSort.CREATED_AT, "debac"),
        (GraphSort.NAME, "abcde"),
    ):
        shown, cursor = [], None
        async with database.transaction(owner) as tx:
            while True:
                page = await service.list_graphs(tx, owner, cursor=cursor, limit=2, sort=sort)
                shown += [item.name for item in page.items]
                assert len(page.items) <= 2
                cursor = page.next
                if cursor is None:
                    break
        assert "".join(shown) == expected

    async with database.transaction(owner) as tx:
        await service.update_graph(tx, made[0].id, owner, content=chain(2), revision=1, catalog=CATALOG)
        assert (await service.list_graphs(tx, owner)).items[0].id == made[0].id


async def test_graphs_changed_in_one_transaction_are_paged_without_a_gap(database: Database, owner: UUID) -> None:
    async with database.transaction(owner) as tx:
        made = {(await service.create_graph(tx, chain(1), owner, catalog=CATALOG)).id for _ in range(5)}

        first = await service.list_graphs(tx, owner, limit=3)
        second = await service.list_graphs(tx, owner, limit=3, cursor=first.next)

    assert len(first.items) == 3
    assert {item.id for item in (*first.items, *second.items)} == made
    assert second.next is None


async def test_a_list_is_searched_by_name_and_description(database: Database, owner: UUID) -> None:
    await make(database, owner, chain(1).model_copy(update={"name": "50% Off"}))
    await make(database, owner, chain(1).model_copy(update={"name": "other", "description": "Half OFF"}))
    await make(database, owner, chain(1).model_copy(update={"name": "none", "description": None}))

    async with database.transaction(owner) as tx:
        both = await service.list_graphs(tx, owner, search="off", sort=GraphSort.NAME)
        one = await service.list_graphs(tx, owner, search="%")

    assert [item.name for item in both.items] == ["50% Off", "other"]
    assert [item.name for item in one.items] == ["50% Off"]


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24=", "WzEsMiwzXQ==", "ééé"])
async def test_a_cursor_of_nobody_is_refused(database: Database, owner: UUID, cursor: str) -> None:
    async with database.transaction(owner) as tx:
        with pytest.raises(InvalidInput, match="none of a list sorted by updated_at"):
            await service.list_graphs(tx, owner, cursor=cursor)


async def test_a_cursor_of_another_order_is_refused(database: Database, owner: UUID) -> None:
    for _ in range(2):
        await make(database, owner)

    async with database.transaction(owner) as tx:
        page = await service.list_graphs(tx, owner, limit=1, sort=GraphSort.NAME)
        with pytest.raises(InvalidInput):
            await service.list_graphs(tx, owner, cursor=page.next)


async def test_lists_and_counts_know_active_graphs_and_templates(database: Database, owner: UUID) -> None:
    asleep, template, _ = [await make(database, owner) for _ in range(3)]
    async with database.transaction(owner) as tx:
        await service.change_settings(tx, asleep.id, owner, is_active=False)
        changed = await service.change_settings(tx, template.id, owner, is_template=True)

    async with database.transaction(owner) as tx:
        counts = await service.count_graphs(tx, owner)
        shown = await service.list_graphs(tx, owner)
        templates = await service.list_graphs(tx, owner, is_template=True)

    assert (changed.is_template, changed.is_active, changed.revision) == (True, True, 1)
    assert (counts.total, counts.active, counts.templates) == (3, 2, 1)
    assert asleep.id not in {item.id for item in shown.items}
    assert [item.id for item in templates.items] == [template.id]


async def test_integrity_lists_every_problem_of_a_stored_graph(database: Database, owner: UUID) -> None:
    made = await make(database, owner, graph(node("a", "missing"), node("b", "upper"), link("b.text", "b.text")))

    async with database.transaction(owner) as tx:
        problems = await service.validate_graph_integrity(tx, made.id, owner, catalog=CATALOG)
        missing = await service.validate_graph_integrity(tx, uuid4(), owner, catalog=CATALOG)

    assert problems[0] == "node 'A' (a): there is no block 'toy.missing'"
    assert any("circular dependencies" in problem for problem in problems)
    assert any("(node ids: b)" in problem for problem in problems)
    assert missing == ["graph not found"]


async def row_versions(tx: Transaction) -> dict[str, str]:
    """Return for each node and link by which transaction its row was written last."""
    rows = await tx.all("SELECT id, xmin::text AS written FROM nodes UNION ALL SELECT id, xmin::text FROM links")
    return {row["id"]: row["written"] for row in rows}


async def test_an_edit_writes_only_the_parts_that_differ(database: Database, owner: UUID) -> None:
    made = await make(database, owner, chain(5))
    moved = made.nodes[2].model_copy(update={"metadata": {"position": {"x": 1, "y": 2}}})
    content = chain(5).model_copy(update={"nodes": (*made.nodes[:2], moved, *made.nodes[3:])})

    async with database.transaction(owner) as tx:
        before = await row_versions(tx)
        await service.update_graph(tx, made.id, owner, content=content, revision=1, catalog=CATALOG)
    async with database.transaction(owner) as tx:
        after = await row_versions(tx)

    assert {id for id in after if after[id] != before[id]} == {"n2"}
    assert to_bytes(await read(database, owner, made.id)) == to_bytes(content)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda g: {"nodes": g.nodes[::-1]}, id="nodes in another order"),
        pytest.param(lambda g: {"nodes": g.nodes[:1], "links": ()}, id="a node and all links removed"),
        pytest.param(lambda g: {"nodes": (), "links": ()}, id="everything removed"),
        pytest.param(lambda g: {"links": g.links[::-1]}, id="links in another order"),
        pytest.param(
            lambda g: {
                "links": tuple(
                    one.model_copy(update={"id": two.id}) for one, two in zip(g.links, g.links[::-1], strict=True)
                )
            },
            id="links that swap their ends",
        ),
        pytest.param(
            lambda g: {"nodes": (g.nodes[0].model_copy(update={"metadata": {"one": True}}), *g.nodes[1:])},
            id="a value equal in Python only",
        ),
        pytest.param(lambda g: {"description": None}, id="no part at all"),
    ],
)
async def test_any_draft_can_follow_any_other(database: Database, owner: UUID, changed: Any) -> None:
    first = EVERYTHING.nodes[0].model_copy(update={"metadata": {"one": 1}})
    before = EVERYTHING.model_copy(update={"nodes": (first, *EVERYTHING.nodes[1:])})
    made = await make(database, owner, before)
    after = before.model_copy(update=changed(before))

    async with database.transaction(owner) as tx:
        await service.update_graph(tx, made.id, owner, content=after, revision=1, catalog=CATALOG)

    found = await read(database, owner, made.id)
    assert to_bytes(found) == to_bytes(after)
    assert found.revision == 2
