"""Templates and clones, of one user and between two."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.db.database import Database
from weft.errors import InvalidInput
from weft.graphs import service, templates
from weft.graphs.documents import to_bytes
from weft.graphs.errors import DocumentInvalid, GraphNotFound, VersionNotFound
from weft.graphs.types import Graph, GraphContent, Template


async def make(database: Database, user_id: UUID, content: GraphContent, *, offered: bool = False) -> Graph:
    async with database.transaction(user_id) as tx:
        made = await service.create_graph(tx, content, user_id, catalog=CATALOG)
        if offered:
            await service.save_graph(tx, made.id, user_id)
            await templates.mark_template(tx, made.id, user_id, is_template=True)
    return made


async def clone(database: Database, graph_id: UUID, user_id: UUID, **options: Any) -> templates.Clone:
    async with database.transaction(user_id) as tx:
        return await templates.clone_graph(tx, graph_id, user_id, catalog=CATALOG, **options)


async def read(database: Database, graph_id: UUID, user_id: UUID) -> Graph:
    async with database.transaction(user_id) as tx:
        return await service.get_graph(tx, graph_id, user_id)


async def test_a_clone_of_an_own_graph_is_a_graph_of_its_own(database: Database, owner: UUID) -> None:
    made = await make(database, owner, sound_graph())

    cloned = await clone(database, made.id, owner)

    found = await read(database, cloned.version.graph_id, owner)
    assert found.id != made.id
    assert (found.name, found.version, found.active_version, found.is_template) == ("toy (copy)", 1, 1, False)
    assert to_bytes(found.model_copy(update={"name": "toy"})) == to_bytes(sound_graph())
    assert cloned.left_out == ()


async def test_a_change_of_the_clone_leaves_the_original_as_it_is(database: Database, owner: UUID) -> None:
    made = await make(database, owner, sound_graph())
    cloned = await clone(database, made.id, owner, name="mine")

    async with database.transaction(owner) as tx:
        await service.update_graph(tx, cloned.version.graph_id, owner, content=chain(2), revision=1, catalog=CATALOG)

    assert to_bytes(await read(database, made.id, owner)) == to_bytes(sound_graph())


async def test_an_older_version_can_be_cloned(database: Database, owner: UUID) -> None:
    made = await make(database, owner, sound_graph(), offered=True)
    async with database.transaction(owner) as tx:
        await service.update_graph(tx, made.id, owner, content=chain(2), revision=1, catalog=CATALOG)
        await service.save_graph(tx, made.id, owner)

    assert len((await clone(database, made.id, owner, version=1)).version.content.nodes) == 3
    assert len((await clone(database, made.id, owner)).version.content.nodes) == 2
    with pytest.raises(VersionNotFound):
        await clone(database, made.id, owner, version=3)


async def test_what_somebody_offers_others_clone_as_it_was_saved(
    database: Database, owner: UUID, stranger: UUID
) -> None:
    made = await make(database, owner, sound_graph(), offered=True)
    async with database.transaction(owner) as tx:
        await service.update_graph(tx, made.id, owner, content=chain(2), revision=1, catalog=CATALOG)

    cloned = await clone(database, made.id, stranger)

    found = await read(database, cloned.version.graph_id, stranger)
    assert (found.user_id, found.is_template, found.version) == (stranger, False, 1)
    assert to_bytes(found) == to_bytes(sound_graph())
    with pytest.raises(VersionNotFound, match="offers version 1, not 2"):
        await clone(database, made.id, stranger, version=2)


async def test_what_nobody_offers_cannot_be_cloned_by_others(database: Database, owner: UUID, stranger: UUID) -> None:
    made = await make(database, owner, sound_graph(), offered=True)
    async with database.transaction(owner) as tx:
        await templates.mark_template(tx, made.id, owner, is_template=False)

    for graph_id in (made.id, uuid4()):
        with pytest.raises(GraphNotFound):
            await clone(database, graph_id, stranger)
    async with database.transaction(stranger) as tx:
        assert (await templates.list_templates(tx, stranger)).items == ()
        assert (await service.list_graphs(tx, stranger)).items == ()


@pytest.mark.parametrize("gone", ["deleted", "switched off"])
async def test_a_template_that_is_gone_is_offered_no_more(
    database: Database, owner: UUID, stranger: UUID, gone: str
) -> None:
    made = await make(database, owner, sound_graph(), offered=True)
    async with database.transaction(owner) as tx:
        if gone == "deleted":
            await service.delete_graph(tx, made.id, owner)
        else:
            await service.change_settings(tx, made.id, owner, is_active=False)

    async with database.transaction(stranger) as tx:
        assert (await templates.list_templates(tx, stranger)).items == ()
    with pytest.raises(GraphNotFound):
        await clone(database, made.id, stranger)


async def test_secrets_are_never_copied_and_their_places_are_told(database: Database, owner: UUID) -> None:
    content = graph(
        node("pin", "text_input", name="pin", masked=True, value="hunter2"),
        node("call", "fetch", query="at https://ada:hunter2@example.com", headers={"X-Api-Key": "hunter2", "a": "b"}),
        node("note", "note", text="max", max_tokens=200, token=""),
        link("pin.result", "call.query"),
    )
    made = await make(database, owner, content)

    cloned = await clone(database, made.id, owner)

    assert b"hunter2" not in to_bytes(cloned.version.content)
    assert cloned.left_out == (
        "nodes[0].input_default.value",
        "nodes[1].input_default.query",
        "nodes[1].input_default.headers.X-Api-Key",
    )
    assert [one.input_default for one in cloned.version.content.nodes] == [
        {"name": "pin", "masked": True},
        {"query": "at https://[removed]@example.com", "headers": {"a": "b"}},
        {"text": "max", "max_tokens": 200, "token": ""},
    ]
    assert b"hunter2" in to_bytes(await read(database, made.id, owner))


@pytest.mark.parametrize("name", ["", "x" * 101, "a\0b"])
async def test_a_clone_with_an_impossible_name_is_refused(database: Database, owner: UUID, name: str) -> None:
    made = await make(database, owner, sound_graph())

    with pytest.raises(DocumentInvalid, match=r"^name: "):
        await clone(database, made.id, owner, name=name)

    async with database.transaction(owner) as tx:
        assert (await service.count_graphs(tx, owner)).total == 1


async def test_the_longest_name_has_room_for_its_copy(database: Database, owner: UUID) -> None:
    made = await make(database, owner, sound_graph().model_copy(update={"name": "é" * 100}))

    assert (await clone(database, made.id, owner)).version.content.name == "é" * 93 + " (copy)"


async def test_a_graph_that_was_never_saved_has_nothing_to_offer(database: Database, owner: UUID) -> None:
    made = await make(database, owner, sound_graph())

    async with database.transaction(owner) as tx:
        with pytest.raises(VersionNotFound, match="save it first"):
            await templates.mark_template(tx, made.id, owner, is_template=True)
        assert not (await service.get_graph(tx, made.id, owner)).is_template


async def test_only_its_owner_offers_a_graph(database: Database, owner: UUID, stranger: UUID) -> None:
    made = await make(database, owner, sound_graph(), offered=True)

    for wanted in (True, False):
        with pytest.raises(GraphNotFound):
            async with database.transaction(stranger) as tx:
                await templates.mark_template(tx, made.id, stranger, is_template=wanted)


async def test_a_list_shows_everybody_s_templates_once_newest_first(
    database: Database, owner: UUID, stranger: UUID
) -> None:
    made = [
        await make(database, user, sound_graph().model_copy(update={"name": name}), offered=True)
        for name, user in zip("abcde", (owner, stranger, owner, stranger, owner), strict=True)
    ]
    await make(database, owner, sound_graph())

    shown: list[Template] = []
    cursor = None
    async with database.transaction(owner) as tx:
        while True:
            page = await templates.list_templates(tx, owner, cursor=cursor, limit=2)
            shown += page.items
            cursor = page.next
            if cursor is None:
                break
        found = await templates.list_templates(tx, owner, search="C")

    assert [(one.name, one.is_mine) for one in shown] == [
        ("e", True),
        ("d", False),
        ("c", True),
        ("b", False),
        ("a", True),
    ]
    assert [one.id for one in found.items] == [made[2].id]


async def test_a_cursor_of_nobody_is_refused(database: Database, owner: UUID) -> None:
    async with database.transaction(owner) as tx:
        with pytest.raises(InvalidInput, match="none of a list"):
            await templates.list_templates(tx, owner, cursor="x")
