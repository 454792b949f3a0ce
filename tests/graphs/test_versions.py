from asyncio import gather
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.graphs.test_drafts import EVERYTHING, make, read
from tests.unit.graphs.random_graphs import graphs
from tests.unit.graphs.toy_blocks import CATALOG, chain, graph, link, node, sound_graph
from weft.db.database import Database
from weft.errors import DatabaseError
from weft.graphs import service
from weft.graphs.documents import content_hash, parse_document, to_bytes
from weft.graphs.errors import GraphInvalid, GraphNotFound, RevisionConflict, VersionNotFound
from weft.graphs.types import GraphContent, GraphVersion
from weft.sdk import Catalog

UNKNOWN = Catalog()
"""No blocks at all: then pins are not judged, and nearly every random graph can be stored."""


async def save(database: Database, owner: UUID, graph_id: UUID) -> GraphVersion:
    async with database.transaction(owner) as tx:
        return await service.save_graph(tx, graph_id, owner)


async def edit(database: Database, owner: UUID, graph_id: UUID, content: GraphContent) -> None:
    async with database.transaction(owner) as tx:
        draft = await service.get_graph(tx, graph_id, owner)
        await service.update_graph(tx, graph_id, owner, content=content, revision=draft.revision, catalog=CATALOG)


async def active_numbers(database: Database, owner: UUID, graph_id: UUID) -> list[int]:
    """Return the active version by the graph's row, then all active ones by the versions' rows."""
    async with database.transaction(owner) as tx:
        named = await tx.scalar("SELECT active_version FROM graphs WHERE id = :id", {"id": graph_id})
        marked = await tx.scalars(
            "SELECT version FROM graph_versions WHERE graph_id = :id AND is_active", {"id": graph_id}
        )
    return [named, *marked]


async def test_a_save_freezes_the_draft_byte_for_byte(database: Database, owner: UUID) -> None:
    made = await make(database, owner, EVERYTHING)

    saved = await save(database, owner, made.id)
    await edit(database, owner, made.id, sound_graph())

    old = await read(database, owner, made.id, version=1)
    assert (saved.version, saved.is_active, saved.content_hash) == (1, True, content_hash(EVERYTHING))
    assert to_bytes(old) == to_bytes(EVERYTHING)
    assert (old.version, old.revision) == (1, 2)
    assert to_bytes(await read(database, owner, made.id)) == to_bytes(sound_graph())


async def test_saving_the_same_again_makes_no_version(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    first = await save(database, owner, made.id)

    assert await save(database, owner, made.id) == first
    await edit(database, owner, made.id, chain(1))
    assert (await save(database, owner, made.id)).version == 2


async def test_exactly_one_version_is_active_after_every_step(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    await save(database, owner, made.id)
    assert await active_numbers(database, owner, made.id) == [1, 1]

    await edit(database, owner, made.id, chain(1))
    await save(database, owner, made.id)
    assert await active_numbers(database, owner, made.id) == [2, 2]

    async with database.transaction(owner) as tx:
        back = await service.activate_version(tx, made.id, owner, 1)
    assert (back.version, back.is_active) == (1, True)
    assert await active_numbers(database, owner, made.id) == [1, 1]


async def test_a_second_active_version_is_impossible_in_the_database_too(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    await save(database, owner, made.id)
    await edit(database, owner, made.id, chain(1))
    await save(database, owner, made.id)

    with pytest.raises(DatabaseError) as caught:
        async with database.transaction(owner) as tx:
            await tx.execute("UPDATE graph_versions SET is_active = true")

    assert caught.value.details["constraint"] == "idx_graph_active_version"


async def test_a_pinned_graph_keeps_its_version_until_somebody_activates_another(
    database: Database, owner: UUID
) -> None:
    made = await make(database, owner)
    async with database.transaction(owner) as tx:
        await service.change_settings(tx, made.id, owner, is_pinned=True)
    first = await save(database, owner, made.id)
    await edit(database, owner, made.id, chain(1))

    second = await save(database, owner, made.id)

    assert first.is_active
    assert (second.version, second.is_active) == (2, False)
    assert await active_numbers(database, owner, made.id) == [1, 1]


async def test_what_runs_is_the_active_version_or_the_one_named(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    async with database.transaction(owner) as tx:
        with pytest.raises(VersionNotFound, match="save it first"):
            await service.get_version(tx, made.id, owner)
    first = await save(database, owner, made.id)
    await edit(database, owner, made.id, chain(1))

    async with database.transaction(owner) as tx:
        assert await service.get_version(tx, made.id, owner) == first
        assert await service.get_version(tx, made.id, owner, version=1) == first
        with pytest.raises(VersionNotFound, match="has no version 2"):
            await service.get_version(tx, made.id, owner, version=2)


async def test_a_version_of_somebody_else_is_not_there(database: Database, owner: UUID, stranger: UUID) -> None:
    made = await make(database, owner)
    await save(database, owner, made.id)

    async with database.transaction(stranger) as tx:
        with pytest.raises(GraphNotFound):
            await service.get_version(tx, made.id, stranger)
        with pytest.raises(GraphNotFound):
            await service.list_versions(tx, made.id, stranger)


async def test_versions_are_listed_latest_first(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    for length in (1, 2, 3):
        await edit(database, owner, made.id, chain(length))
        await save(database, owner, made.id)

    async with database.transaction(owner) as tx:
        page = await service.list_versions(tx, made.id, owner, limit=2)
        rest = await service.list_versions(tx, made.id, owner, limit=2, before=page[-1].version)

    assert [(version.version, version.is_active) for version in (*page, *rest)] == [
        (3, True),
        (2, False),
        (1, False),
    ]


async def test_a_restored_version_is_a_draft_and_runs_after_a_save(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    await save(database, owner, made.id)
    await edit(database, owner, made.id, chain(1))
    await save(database, owner, made.id)

    async with database.transaction(owner) as tx:
        draft = await service.restore_version(tx, made.id, owner, 1, revision=2)

    assert to_bytes(draft) == to_bytes(sound_graph())
    assert draft.revision == 3
    assert await active_numbers(database, owner, made.id) == [2, 2]
    assert (await save(database, owner, made.id)).version == 3


async def test_saving_and_restoring_look_at_the_revision(database: Database, owner: UUID) -> None:
    made = await make(database, owner)
    await save(database, owner, made.id)
    await edit(database, owner, made.id, chain(1))

    async with database.transaction(owner) as tx:
        with pytest.raises(RevisionConflict):
            await service.save_graph(tx, made.id, owner, revision=1)
        with pytest.raises(RevisionConflict):
            await service.restore_version(tx, made.id, owner, 1, revision=1)


async def test_saves_at_once_number_their_versions_one_after_the_other(database: Database, owner: UUID) -> None:
    made = await make(database, owner)

    saved = await gather(*(save(database, owner, made.id) for _ in range(4)))

    assert {version.version for version in saved} == {1}
    assert await active_numbers(database, owner, made.id) == [1, 1]


async def remember(database: Database, owner: UUID, content: GraphContent, key: str = "/agents/a.json") -> GraphVersion:
    async with database.transaction(owner) as tx:
        return await service.remember_file(tx, owner, source="file", key=key, content=content, catalog=CATALOG)


async def test_a_file_seen_again_is_the_same_version(database: Database, owner: UUID) -> None:
    first = await remember(database, owner, sound_graph())

    again = await remember(database, owner, parse_document(to_bytes(sound_graph())))

    assert again == first
    assert (first.version, first.is_active) == (1, True)
    draft = await read(database, owner, first.graph_id)
    assert to_bytes(draft) == to_bytes(sound_graph())
    assert draft.revision == 1


async def test_a_changed_file_is_the_next_version_of_the_same_graph(database: Database, owner: UUID) -> None:
    first = await remember(database, owner, sound_graph())

    second = await remember(database, owner, EVERYTHING)

    assert (second.graph_id, second.version, second.is_active) == (first.graph_id, 2, True)
    assert to_bytes(second.content) == to_bytes(EVERYTHING)
    assert await active_numbers(database, owner, first.graph_id) == [2, 2]


async def test_a_file_changed_back_is_its_old_version(database: Database, owner: UUID) -> None:
    first = await remember(database, owner, sound_graph())
    await remember(database, owner, chain(1))

    back = await remember(database, owner, sound_graph())

    assert (back.id, back.version, back.is_active) == (first.id, 1, True)
    assert await active_numbers(database, owner, first.graph_id) == [1, 1]


async def test_two_files_are_two_graphs_and_long_paths_are_no_hindrance(database: Database, owner: UUID) -> None:
    first = await remember(database, owner, sound_graph())
    long = [await remember(database, owner, sound_graph(), key="/é" * 3000) for _ in range(2)]

    assert len({first.graph_id, long[0].graph_id}) == 2
    assert long[0] == long[1]


async def test_a_draft_edited_after_the_import_is_kept_when_the_file_changes(database: Database, owner: UUID) -> None:
    first = await remember(database, owner, sound_graph())
    await edit(database, owner, first.graph_id, EVERYTHING)

    third = await remember(database, owner, chain(2))

    assert (third.version, third.is_active) == (3, True)
    assert to_bytes(await read(database, owner, first.graph_id, version=2)) == to_bytes(EVERYTHING)
    assert to_bytes(await read(database, owner, first.graph_id)) == to_bytes(chain(2))


async def test_an_unchanged_file_does_not_take_back_what_was_saved_in_the_editor(
    database: Database, owner: UUID
) -> None:
    first = await remember(database, owner, sound_graph())
    await edit(database, owner, first.graph_id, EVERYTHING)
    await save(database, owner, first.graph_id)

    again = await remember(database, owner, sound_graph())

    assert (again.id, again.is_active) == (first.id, False)
    assert await active_numbers(database, owner, first.graph_id) == [2, 2]


async def test_a_file_seen_by_many_at_once_is_one_graph_and_one_version(database: Database, owner: UUID) -> None:
    seen = await gather(*(remember(database, owner, sound_graph()) for _ in range(5)))

    assert len({version.id for version in seen}) == 1
    async with database.transaction(owner) as tx:
        assert await tx.scalar("SELECT count(*) FROM graphs") == 1
        assert await tx.scalar("SELECT count(*) FROM graph_versions") == 1


async def test_a_file_of_two_contents_at_once_is_one_graph_with_two_versions(database: Database, owner: UUID) -> None:
    seen = await gather(*(remember(database, owner, chain(1 + at % 2)) for at in range(5)))

    assert len({version.graph_id for version in seen}) == 1
    assert {version.version for version in seen} == {1, 2}


async def test_a_file_that_goes_back_and_forth_makes_no_more_versions(database: Database, owner: UUID) -> None:
    seen = [await remember(database, owner, chain(1 + at % 2)) for at in range(5)]

    assert [version.version for version in seen] == [1, 2, 1, 2, 1]
    assert seen[-1].is_active


async def test_the_file_of_a_deleted_graph_makes_another(database: Database, owner: UUID) -> None:
    first = await remember(database, owner, sound_graph())
    async with database.transaction(owner) as tx:
        await service.delete_graph(tx, first.graph_id, owner)

    assert (await remember(database, owner, sound_graph())).graph_id != first.graph_id


async def test_the_file_of_somebody_else_is_another_graph(database: Database, owner: UUID, stranger: UUID) -> None:
    mine = await remember(database, owner, sound_graph())
    theirs = await remember(database, stranger, sound_graph())

    assert mine.graph_id != theirs.graph_id


async def test_a_file_that_cannot_be_stored_leaves_nothing(database: Database, owner: UUID) -> None:
    with pytest.raises(GraphInvalid):
        await remember(database, owner, graph(node("a", "upper"), link("a.nope", "a.text")))

    async with database.transaction(owner) as tx:
        assert await tx.scalar("SELECT count(*) FROM graphs") == 0


async def test_large_graphs_survive_storing_byte_for_byte(database: Database, owner: UUID, tmp_path: Path) -> None:
    contents = [chain(length) for length in (1, 50, 500)]

    for at, content in enumerate(contents):
        saved = await remember(database, owner, content, key=str(tmp_path / str(at)))
        assert to_bytes(saved.content) == to_bytes(content)
        assert to_bytes(await read(database, owner, saved.graph_id)) == to_bytes(content)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=graphs(), other=graphs())
async def test_random_graphs_survive_draft_version_and_edit_byte_for_byte(
    database: Database, owner: UUID, content: GraphContent, other: GraphContent
) -> None:
    async with database.transaction(owner) as tx:
        try:
            made = await service.create_graph(tx, content, owner, catalog=UNKNOWN)
            draft = await service.get_graph(tx, made.id, owner)
            saved = await service.save_graph(tx, made.id, owner)
            await service.update_graph(tx, made.id, owner, content=other, revision=1, catalog=UNKNOWN)
        except GraphInvalid:
            assume(False)
        edited = await service.get_graph(tx, made.id, owner)

    assert to_bytes(draft) == to_bytes(saved.content) == to_bytes(content)
    assert to_bytes(edited) == to_bytes(other)
